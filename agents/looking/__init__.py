"""What a model may look at before it answers: files, searches, and runs in a box; asked for in words, bounded, answered as data."""
