"""Products, their stock, and orders, over HTTP."""
