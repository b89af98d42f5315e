"""Programs that are laid into a box, where two versions of a program are compared; nothing here is imported."""
