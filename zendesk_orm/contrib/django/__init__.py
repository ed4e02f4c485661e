"""Integration with Django."""
