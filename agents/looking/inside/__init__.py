"""The program that is sent into a box."""
