"""Webhooks: requests are verified, and their events are announced."""
