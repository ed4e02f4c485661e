"""Handlers of the account: brands, locales, tags, channels, integrations and webhooks."""
