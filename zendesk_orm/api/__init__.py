"""What the server offers: each URL of Zendesk, and what it can be asked, as data."""
