"""Whether the files by which a project is shipped would do: read on this machine, and a Dockerfile replayed in a box."""
