"""Who watches the server: what it counts, what it says of that, and where traces, metrics and request logs go."""
