"""Description of the API: the endpoints of Zendesk and their abilities, as data."""
