"""Receipts that anyone can check again: written, signed, read as something untrusted, and judged anew."""
