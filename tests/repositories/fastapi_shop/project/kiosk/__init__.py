"""A kiosk's stock behind an HTTP interface."""
