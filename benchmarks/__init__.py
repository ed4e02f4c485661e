"""How fast zendesk_orm is, and how few requests it makes, beside requests and zenpy."""
