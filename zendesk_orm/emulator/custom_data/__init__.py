"""Handlers of custom objects, their records, and IT assets."""
