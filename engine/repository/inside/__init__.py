"""What is laid into a project's boxes beside its own files."""
