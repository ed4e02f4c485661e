"""Federated search: external content that the search of the Help Center finds."""
