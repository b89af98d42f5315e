"""Tests of those who write tests."""
