"""Commands of the app: `manage.py zendesk_...`."""
