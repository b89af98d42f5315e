"""Projects built from a description: planned, written by roles, run, and told requirement by requirement."""
