"""Queries as values: lookups, predicates, `Query`, and the texts and tests compiled from them."""
