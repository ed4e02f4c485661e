"""Zendesk's search: the query language and the endpoints."""
