"""What a project says it needs, read from its manifests and lock files and never guessed."""
