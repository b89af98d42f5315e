"""Models behind their APIs, through the vendors' own clients, which are imported when the first question is asked."""
