"""Importing the package."""

from __future__ import annotations

import subprocess
import sys

import pytest

import zendesk_orm


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


@pytest.mark.parametrize(
    "statement", ["from zendesk_orm import ValidationError", "import zendesk_orm"]
)
def test_a_name_is_imported_when_it_is_first_asked_for(statement):
    """Who needs an exception pays for no planner, and not even for attrs."""
    code = f"import sys\n{statement}\nsys.exit('attrs' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0


def test_what_is_not_imported_yet_is_listed_too():
    """`dir()`, which completion asks, knows every public name from the start."""
    code = (
        "import sys, zendesk_orm; sys.exit(not set(zendesk_orm.__all__) <= set(dir(zendesk_orm)))"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0


def test_a_name_that_does_not_exist_is_said_so():
    """A misspelt name is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="'zendesk_orm' has no attribute 'Tickt'"):
        zendesk_orm.Tickt  # noqa: B018 - reading it is the test


def test_a_product_is_an_attribute_of_the_package():
    """A product whose models were looked up by name can be imported as usual."""
    code = (
        "from zendesk_orm.schema import registry\n"
        "registry.load('help_center')\n"
        "import zendesk_orm.help_center\n"
        "zendesk_orm.help_center.Article"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False)

    assert done.returncode == 0
