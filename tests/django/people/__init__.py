"""An app with a user model that has the name of a model of Zendesk."""
