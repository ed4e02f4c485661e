"""The settings of the Django project that the tests of this folder run in."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings


#: The templates of the project, to which tests add.
TEMPLATES: dict[str, str] = {}

SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "made-up",
    "ALLOWED_HOSTS": ["testserver"],
    "INSTALLED_APPS": [
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "zendesk_orm.contrib.django",
        "tests.django.people",
    ],
    "AUTH_USER_MODEL": "people.User",
    "DATABASES": {
        alias: {
            "ENGINE": "django.db.backends.sqlite3",
            # Threads share a database in memory if it has a name.
            "NAME": f"file:{alias}?mode=memory&cache=shared",
            "TEST": {"NAME": f"file:{alias}?mode=memory&cache=shared"},
        }
        for alias in ("default", "other")
    },
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    "ROOT_URLCONF": "tests.django.urls",
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)]},
        }
    ],
    "USE_TZ": True,
    "TIME_ZONE": "Europe/Berlin",
}


def configure() -> None:
    """Configure Django, once in a process."""
    if not settings.configured:
        settings.configure(**SETTINGS)
        django.setup()
