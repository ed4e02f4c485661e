"""Compares speed and number of requests of zendesk_orm with requests and zenpy."""
