"""Local servers that speak the models' wire protocols for real, and behave as badly as they are told to."""
