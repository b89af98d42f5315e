"""Who calls, and what they may: sign-in, principals, scopes, limits."""
