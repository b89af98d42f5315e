"""Tells an MCP client where Mendbox is: what each client's configuration file looks like, and how it is added to."""
