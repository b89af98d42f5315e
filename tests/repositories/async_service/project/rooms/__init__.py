"""Rooms that can be taken for an hour."""
