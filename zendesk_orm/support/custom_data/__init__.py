"""Custom objects, their records, fields and triggers."""
