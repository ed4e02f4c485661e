"""Handlers of the Help Center: articles, community, content of Guide and search."""
