"""Django: accounts from the settings, system checks, commands, forms, webhooks and tests.

::

    INSTALLED_APPS = [..., "zendesk_orm.contrib.django"]
    ZENDESK = {"default": {"subdomain": "acme", "oauth": ClientCredentials(...)}}

Install `zendesk_orm[django]`. See docs/django.md.
"""

from __future__ import annotations

from zendesk_orm.extras import require_extra


with require_extra("django"):
    import django as django
