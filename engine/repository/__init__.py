"""Whole projects: what is read of them, how their tests are run, and how what is red there is mended, cause by cause."""
