"""Projects as a whole: what is asked for, the plan it is built by, whether that holds together, and what it comes to."""
