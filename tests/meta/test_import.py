"""`import zendesk_orm` is fast: modules are loaded on first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

import zendesk_orm


@pytest.mark.parametrize(
    "heavy", ["asyncio", "click", "dateutil", "requests", "sqlite3", "urllib3", "werkzeug"]
)
def test_import_is_light(heavy):
    """`import zendesk_orm` loads no module that a program may not need."""
    code = f"import sys, zendesk_orm; sys.exit({heavy!r} in sys.modules)"

    process = subprocess.run([sys.executable, "-c", code], check=False)

    assert process.returncode == 0, f"import zendesk_orm loads {heavy}"


def test_connect_does_not_load_requests():
    """`connect()` does not load `requests`, which the first request needs."""
    code = (
        "import sys, zendesk_orm\n"
        "zendesk_orm.connect(subdomain='acme', email='me@acme.com', token='made-up')\n"
        "sys.exit('requests' in sys.modules)"
    )

    process = subprocess.run([sys.executable, "-c", code], check=False)

    assert process.returncode == 0


@pytest.mark.parametrize(
    "statement", ["from zendesk_orm import ValidationError", "import zendesk_orm"]
)
def test_names_are_imported_on_first_use(statement):
    """Importing one name, such as an exception, does not load the modules of others."""
    code = f"import sys\n{statement}\nsys.exit('attrs' in sys.modules)"

    process = subprocess.run([sys.executable, "-c", code], check=False)

    assert process.returncode == 0


def test_dir_lists_names_before_their_first_use():
    """`dir(zendesk_orm)` contains all public names from the start."""
    code = (
        "import sys, zendesk_orm; sys.exit(not set(zendesk_orm.__all__) <= set(dir(zendesk_orm)))"
    )

    process = subprocess.run([sys.executable, "-c", code], check=False)

    assert process.returncode == 0


def test_an_unknown_name_raises_attribute_error():
    """A misspelt name raises AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="Tickt"):
        zendesk_orm.Tickt  # noqa: B018 - reading it is the test


def test_a_loaded_product_can_be_imported():
    """A product whose models the registry has loaded can be imported as usual."""
    code = (
        "from zendesk_orm.schema import registry\n"
        "registry.load('help_center')\n"
        "import zendesk_orm.help_center\n"
        "zendesk_orm.help_center.Article"
    )

    process = subprocess.run([sys.executable, "-c", code], check=False)

    assert process.returncode == 0
