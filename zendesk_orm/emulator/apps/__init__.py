"""Handlers of apps and their installations."""
