"""Apps of Zendesk's marketplace and of the account, and their installations."""
