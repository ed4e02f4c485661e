"""Users and their identities."""
