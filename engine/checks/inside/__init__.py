"""Programs that run inside the box: sent as text, never imported by the engine."""
