"""Changes that others made: exports that resume, webhooks, and signals for remote changes."""
