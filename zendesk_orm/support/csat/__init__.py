"""Customer satisfaction surveys."""
