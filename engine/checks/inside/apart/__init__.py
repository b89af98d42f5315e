"""Runs frozen tests in one process and the candidate's code in another: only data crosses between the two."""
