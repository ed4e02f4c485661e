"""Importing the package."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "heavy", ["asyncio", "click", "dateutil", "requests", "sqlite3", "urllib3", "werkzeug"]
)
def test_import_is_light(heavy):
    """`import zendesk_orm` loads nothing that its user may never need."""
    code = f"import sys, zendesk_orm; sys.exit({heavy!r} in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0, f"import zendesk_orm loads {heavy}"


def test_connecting_loads_requests_only_when_something_is_sent():
    """An account can be named at the top of a program at no cost."""
    code = (
        "import sys, zendesk_orm\n"
        "zendesk_orm.connect(subdomain='acme', email='me@acme.com', token='made-up')\n"
        "sys.exit('requests' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0
