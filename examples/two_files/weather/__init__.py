"""Weather reports for people who think in other degrees."""
