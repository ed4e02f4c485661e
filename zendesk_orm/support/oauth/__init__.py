"""OAuth clients, grants and tokens."""
