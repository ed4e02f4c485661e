"""The commands `zendesk-orm inspect` and `zendesk-orm check` for custom fields."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.custom.shop import SupportTicket
from zendesk_orm import (
    CustomField,
    CustomObject,
    OrganizationField,
    Ticket,
    TicketField,
    UserField,
    cli,
)
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.inspection.drift import find_drift, load_models
from zendesk_orm.inspection.models import inspect
from zendesk_orm.inspection.names import make_attribute_name, make_class_name


ROOT = Path(__file__).resolve().parents[2]
LONG = 'A "very" long title that goes on and on until no line of the module can hold all of it'


@pytest.fixture
def odd_account(shop):
    """Return an account with titles that are not identifiers."""
    for title in ("Subject", "class", "2nd line", "Größe (cm)", "重要度", "Seats", LONG, "it's"):
        TicketField.objects.create(type="text", title=title)
    TicketField.objects.create(type="text", title="Gone", active=False)
    TicketField.objects.create(type="tagger", title="Choice of nothing")
    TicketField.objects.create(type="lookup", title="Car")
    CustomObject.objects.create(key="ticket", title="Ticket", title_pluralized="Tickets")
    return shop


@pytest.fixture
def module(odd_account, tmp_path):
    """Return the file that `inspect` writes for the account."""
    file = tmp_path / "acme_models.py"
    file.write_text(inspect(odd_account), encoding="utf-8")
    return file


def _read_fields(file):
    """Return the fields that each class of a file declares: name -> title, key or id."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        cls.name: {
            node.targets[0].id: node.value.args[0].value
            for node in cls.body
            if isinstance(node, ast.Assign) and isinstance(node.value.func, ast.Subscript)
        }
        for cls in tree.body
        if isinstance(cls, ast.ClassDef)
    }


def test_every_field_has_a_valid_unique_name(module):
    """Every field has a valid and unique name, derived from its title if possible."""
    names = _read_fields(module)
    tickets = names["AccountTicket"]

    assert (tickets["severity"], tickets["ship_date"]) == ("Severity", "Ship date")
    assert (
        tickets["subject_field"],
        tickets["class_"],
        tickets["field_2nd_line"],
        tickets["groe_cm"],
    ) == ("Subject", "class", "2nd line", "Größe (cm)")
    assert tickets["a_very_long_title_that"] == LONG
    assert "重要度" in tickets.values()
    assert "Gone" not in tickets.values()
    # Two fields have this title, so they are declared by id.
    assert type(tickets["seats"]) is type(tickets["seats_field"]) is int
    assert names["AccountUser"] == {"plan": "plan", "birthday": "birthday"}
    assert names["AccountOrganization"] == {"region": "region"}
    assert names["Car"] == {"color": "color", "doors": "doors"}
    assert names["TicketRecord"] == {}


def test_options_become_choices(module):
    """Tags of options become literal types of the fields."""
    text = module.read_text(encoding="utf-8")

    assert 'Severity = Literal[\n    "sev_critical",\n    "sev_minor",\n]' in text
    assert "severity = CustomField[Severity | None](" in text
    assert "products = CustomField[list[Products] | None](" in text
    assert "choice_of_nothing = CustomField[str | None](" in text
    assert "ship_date = CustomField[date | None](" in text


@pytest.mark.slow
def test_checkers_accept_the_module(module):
    """mypy and ruff accept the module, which is formatted like ruff does."""
    for command in (
        ["mypy", "--strict", "--no-incremental", "--cache-dir", os.devnull, str(module)],
        ["ruff", "check", "--isolated", str(module)],
        ["ruff", "format", "--isolated", "--check", str(module)],
    ):
        pytest.importorskip(command[0])
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env={**os.environ, "MYPYPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_a_new_module_has_no_drift(module, odd_account):
    """Models that were just written match the account."""
    models = load_models(str(module))

    names = {model.__name__ for model in models}
    assert names == {
        "AccountTicket",
        "AccountUser",
        "AccountOrganization",
        "Car",
        "TicketRecord",
    }
    assert find_drift(odd_account, models) == []


def test_an_account_without_custom_fields_has_an_empty_module(account, tmp_path):
    """The module of an account without custom fields has a docstring only."""
    text = inspect(account)

    assert ast.get_docstring(ast.parse(text))
    assert "CustomField" not in text


def test_drift_is_reported_by_field(module, odd_account):
    """Missing, renamed and retyped fields, and changed options, are reported."""
    models = load_models(str(module))
    severity = TicketField.objects.get(title="Severity")
    severity.title = "Urgency"
    severity.custom_field_options = [
        severity.custom_field_options[0],
        {"name": "Huge", "value": "sev_huge"},
    ]
    severity.save()
    TicketField.objects.get(title="Ship date").delete()
    TicketField.objects.get(title="Order").delete()
    TicketField.objects.create(type="checkbox", title="Order")
    remark = TicketField.objects.get(title="Remark")
    remark.active = False
    remark.save()
    UserField.objects.get(key="plan").delete()
    OrganizationField.objects.get(key="region").delete()
    CustomObject.objects.get("car").delete()

    lines = find_drift(odd_account, models)

    text = "\n".join(lines)
    assert "AccountTicket.severity: renamed: 'Severity' is called 'Urgency' now" in lines
    assert "AccountTicket.severity: new options: 'sev_huge' (Huge)" in lines
    assert "AccountTicket.severity: removed options: 'sev_minor'" in lines
    assert "AccountTicket.ship_date: missing: tickets have no custom field 'Ship date'" in text
    assert "AccountTicket.order: retyped: the type is checkbox (bool), not regexp" in lines
    assert "AccountTicket.remark: missing: the field is inactive" in lines
    assert "AccountUser.plan: missing" in text
    assert "AccountOrganization.region: missing" in text
    assert "Car: missing: custom object car" in lines


def test_a_declaration_without_a_type_has_no_drift(shop):
    """A declaration without a type matches a field of any type."""

    class Loose(Ticket):
        seats = CustomField("Seats")
        severity = CustomField[str]("Severity")

    assert find_drift(shop, [Loose]) == []
    assert find_drift(shop, [SupportTicket]) == []


def test_a_module_without_models_is_rejected(tmp_path):
    """A missing file or module, or one without models, raises `ConfigurationError`."""
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1\n", encoding="utf-8")

    for place, message in (
        (str(empty), "no model in"),
        (str(tmp_path / "none.py"), "cannot be loaded"),
        ("no.such.module", "cannot be loaded"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            load_models(place)


@pytest.mark.parametrize(
    "text",
    ["import sys; sys.exit(0)", "1 / 0", "def", "x = 1\0", "f = lambda: f()\nf()"],
    ids=["exit", "error", "syntax", "null byte", "recursion"],
)
def test_a_module_that_cannot_be_loaded_is_rejected(tmp_path, text):
    """A file that exits or raises an error raises `ConfigurationError`, so that a check fails."""
    file = tmp_path / "models.py"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        load_models(str(file))


@pytest.mark.slow
def test_check_exits_with_1_if_there_is_drift(shop, tmp_path, capsys):
    """`inspect -o` writes a file; `check` prints the drift and exits with 1."""
    file = tmp_path / "made.py"
    cli.main(["inspect", "-o", str(file)])
    assert capsys.readouterr().out == f"wrote {file}\n"
    cli.main(["check", str(file)])
    assert capsys.readouterr().out == "4 models match the account\n"

    TicketField.objects.get(title="Severity").delete()
    with pytest.raises(SystemExit) as caught:
        cli.main(["check", str(file)])

    assert caught.value.code == 1
    assert "AccountTicket.severity: missing" in capsys.readouterr().out


def test_a_url_selects_the_account(capsys):
    """`--url` selects the account to inspect; an invalid URL ends with a one-line error."""
    cli.main(["inspect", "--url", "emulator://?seed=demo"])
    assert "class AccountTicket(Ticket):" in capsys.readouterr().out

    with pytest.raises(SystemExit):
        cli.main(["inspect", "--url", "https://acme"])
    assert "the URL must have one of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Ship date"], "ship_date"),
        (["重要度", "importance"], "importance"),
        (["重要度"], "重要度"),
        (["Тип заявки", ""], "тип_заявки"),
        (["٣ Тип"], "field_٣_тип"),
        (["🔥", "!"], "field_7"),
        (["class"], "class_"),
        (["2nd"], "field_2nd"),
        (["a b c d e f g"], "a_b_c_d_e"),
        (["", "tag"], "tag"),
    ],
)
def test_attribute_names_are_derived_from_texts(texts, expected):
    """The first text with letters becomes an identifier of at most five words."""
    assert make_attribute_name(texts, "field_7") == expected


def test_class_names_are_derived_from_texts():
    """Words are capitalized and joined; a text without capital letters gets a prefix."""
    assert (
        make_class_name(["service car"], "Choice"),
        make_class_name(["2 cars"], "Choice"),
        make_class_name(["none"], "Choice"),
        make_class_name(["重要度"], "Choice"),
        make_class_name(["🔥"], "Choice"),
    ) == ("ServiceCar", "The2Cars", "TheNone", "The重要度", "Choice")
