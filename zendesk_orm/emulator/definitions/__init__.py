"""Definitions: the fields that conditions and actions of rules can have."""
