"""What of a whole project an author that is a model is shown: what matters for the failing tests, within a bound of tokens."""
