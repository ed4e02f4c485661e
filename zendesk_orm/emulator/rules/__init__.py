"""Business rules, views, fields, forms and routing."""
