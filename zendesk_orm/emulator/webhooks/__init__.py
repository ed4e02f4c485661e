"""Webhooks: their events, and the requests that they send."""
