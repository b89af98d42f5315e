"""What runs inside a box as its first process. Standard library only: the image has nothing else for it."""
