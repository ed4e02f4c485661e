"""Handlers of Talk: agents, calls and lines."""
