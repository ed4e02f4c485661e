"""Rows in SQLite, their default values, conditions about them, and side-loads."""
