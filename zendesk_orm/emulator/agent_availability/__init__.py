"""Handlers of omnichannel routing."""
