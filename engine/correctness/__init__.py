"""Whether a healed program is right, not just green: what `mendbox bench --correct` and `--half` measure. No verdict knows it."""
