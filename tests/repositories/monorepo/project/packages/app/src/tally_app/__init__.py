"""Statements made of lines of text."""
