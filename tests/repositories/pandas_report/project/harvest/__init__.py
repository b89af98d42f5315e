"""What the orchards brought, by year."""
