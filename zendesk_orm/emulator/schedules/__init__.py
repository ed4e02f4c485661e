"""Schedules, and the business hours that they define."""
