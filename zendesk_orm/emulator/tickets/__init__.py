"""Tickets, their comments and audits, and everything that belongs to tickets."""
