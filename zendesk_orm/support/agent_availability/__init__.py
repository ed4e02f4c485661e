"""Omnichannel routing: availability, statuses and capacity of agents."""
