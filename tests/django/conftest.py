"""A Django project in the process of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


django = pytest.importorskip("django", reason="needs Django")

from django.core.management import call_command  # noqa: E402 - only with Django
from django.db import connections as databases  # noqa: E402 - the same

from tests.django import project  # noqa: E402 - the same


project.configure()


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    """Create the tables of the project in both databases."""
    for alias in databases:
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
    yield
    databases.close_all()
