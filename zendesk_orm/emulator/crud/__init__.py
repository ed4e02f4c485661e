"""Handlers that every resource has: show, list, create, update, delete, jobs and exports."""
