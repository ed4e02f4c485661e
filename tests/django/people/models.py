"""The user model of the project."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A user of the project, not of Zendesk."""
