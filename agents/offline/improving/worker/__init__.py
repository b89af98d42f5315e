"""The program that looks for improvements inside a box."""
