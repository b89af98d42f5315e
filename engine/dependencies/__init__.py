"""What a project says it needs: its manifests and locks read, never run; what is missing told; a changed manifest judged."""
