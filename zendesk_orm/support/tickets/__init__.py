"""Tickets and everything that belongs to them."""
