"""Business rules: triggers, automations, macros, views and SLA policies."""
