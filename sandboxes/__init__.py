"""Disposable boxes: files and a command go in, an outcome comes out. Knows no model and no test."""
