"""The kinds of repair, one file for each part of the language; `catalogue` lists them all."""
