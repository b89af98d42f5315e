"""Books, members and loans, over HTTP."""
