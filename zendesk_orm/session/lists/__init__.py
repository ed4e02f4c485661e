"""Reading of lists: pages, positions in them, and pages that fail."""
