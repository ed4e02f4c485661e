"""`zendesk-orm inspect` and `zendesk-orm check`."""

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
from zendesk_orm.inspection.drift import declared_models, drift
from zendesk_orm.inspection.models import inspect
from zendesk_orm.inspection.names import attribute, class_name


ROOT = Path(__file__).resolve().parents[2]
LONG = 'A "very" long title that goes on and on until no line of the module can hold all of it'


@pytest.fixture
def odd(shop):
    """Return an account whose fields have titles that are no names."""
    for title in ("Subject", "class", "2nd line", "Größe (cm)", "重要度", "Seats", LONG, "it's"):
        TicketField.objects.create(type="text", title=title)
    TicketField.objects.create(type="text", title="Gone", active=False)
    TicketField.objects.create(type="tagger", title="Choice of nothing")
    TicketField.objects.create(type="lookup", title="Car")
    CustomObject.objects.create(key="ticket", title="Ticket", title_pluralized="Tickets")
    return shop


@pytest.fixture
def written(odd, tmp_path):
    """Return the file that `inspect` writes of it."""
    file = tmp_path / "acme_models.py"
    file.write_text(inspect(odd), encoding="utf-8")
    return file


def _names(file):
    """Return what each class of a file assigns: name -> how it is called."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        cls.name: {
            each.targets[0].id: each.value.args[0].value
            for each in cls.body
            if isinstance(each, ast.Assign) and isinstance(each.value.func, ast.Subscript)
        }
        for cls in tree.body
        if isinstance(cls, ast.ClassDef)
    }


def test_every_field_gets_a_name(written):
    """Valid, unique, free on the model, and of the title where that can be."""
    names = _names(written)
    tickets = names["AccountTicket"]

    assert ("Severity", "Ship date") == (tickets["severity"], tickets["ship_date"])
    assert ("Subject", "class", "2nd line", "Größe (cm)") == (
        tickets["subject_field"],
        tickets["class_"],
        tickets["field_2nd_line"],
        tickets["groe_cm"],
    )
    assert LONG == tickets["a_very_long_title_that"]
    assert "重要度" in tickets.values()
    assert "Gone" not in tickets.values()
    # Two fields have this title, so that only their ids tell them apart.
    assert int is type(tickets["seats"]) is type(tickets["seats_field"])
    assert {"plan": "plan", "birthday": "birthday"} == names["AccountUser"]
    assert {"region": "region"} == names["AccountOrganization"]
    assert {"color": "color", "doors": "doors"} == names["Car"]
    assert {} == names["TicketRecord"]


def test_options_become_choices(written):
    """Their tags are what a type checker knows."""
    text = written.read_text(encoding="utf-8")

    assert 'Severity = Literal[\n    "sev_critical",\n    "sev_minor",\n]' in text
    assert "severity = CustomField[Severity | None](" in text
    assert "products = CustomField[list[Products] | None](" in text
    assert "choice_of_nothing = CustomField[str | None](" in text
    assert "ship_date = CustomField[date | None](" in text


@pytest.mark.slow
def test_checkers_accept_it(written):
    """`mypy --strict` and ruff, and it is formatted as ruff formats."""
    for command in (
        ["mypy", "--strict", "--no-incremental", "--cache-dir", os.devnull, str(written)],
        ["ruff", "check", "--isolated", str(written)],
        ["ruff", "format", "--isolated", "--check", str(written)],
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


def test_it_has_no_drift(written, odd):
    """What was just written is as the account has it."""
    models = declared_models(str(written))

    assert {"AccountTicket", "AccountUser", "AccountOrganization", "Car"} == {
        each.__name__ for each in models
    }
    assert [] == drift(odd, models)


def test_an_account_without_any_has_an_empty_module(account, tmp_path):
    """There is nothing to import."""
    text = inspect(account)

    assert ast.get_docstring(ast.parse(text))
    assert "CustomField" not in text


def test_drift_is_told_field_by_field(written, odd):
    """Fields that are missing, renamed, of another type, or with other options."""
    models = declared_models(str(written))
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

    found = drift(odd, models)

    told = "\n".join(found)
    assert "AccountTicket.severity: renamed: 'Severity' is called 'Urgency' now" in found
    assert "AccountTicket.severity: new options: 'sev_huge' (Huge)" in found
    assert "AccountTicket.severity: options that are gone: 'sev_minor'" in found
    assert "AccountTicket.ship_date: missing: tickets have no custom field 'Ship date'" in told
    assert "AccountTicket.order: retyped: it is a checkbox (bool), not regexp" in found
    assert "AccountTicket.remark: missing: it is no longer in use" in found
    assert "AccountUser.plan: missing" in told
    assert "AccountOrganization.region: missing" in told
    assert "Car: missing: custom object car" in found


def test_a_declaration_without_a_type_or_with_any_fits(shop):
    """What is not said cannot be otherwise."""

    class Loose(Ticket):
        seats = CustomField("Seats")
        severity = CustomField[str]("Severity")

    assert [] == drift(shop, [Loose])
    assert [] == drift(shop, [SupportTicket])


def test_a_place_without_models_is_refused(tmp_path):
    """No file, no module, and nothing in it."""
    empty = tmp_path / "empty.py"
    empty.write_text("x = 1\n", encoding="utf-8")

    for place, said in (
        (str(empty), "no model in"),
        (str(tmp_path / "none.py"), "cannot be loaded"),
        ("no.such.module", "cannot be loaded"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            declared_models(place)


def test_the_commands_run(shop, tmp_path, capsys):
    """`inspect -o` writes, `check` prints, and exits with 1 where there is drift."""
    file = tmp_path / "made.py"
    cli.main(["inspect", "-o", str(file)])
    assert f"wrote {file}\n" == capsys.readouterr().out
    cli.main(["check", str(file)])
    assert "4 models are as the account has them\n" == capsys.readouterr().out

    TicketField.objects.get(title="Severity").delete()
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", str(file)])

    assert 1 == ended.value.code
    assert "AccountTicket.severity: missing" in capsys.readouterr().out


def test_a_url_names_the_account(capsys):
    """The demonstration can be inspected, too; errors are a line."""
    cli.main(["inspect", "--url", "emulator://?seed=demo"])
    assert "class AccountTicket(Ticket):" in capsys.readouterr().out

    with pytest.raises(SystemExit, match="zendesk-orm: the URL must have one of"):
        cli.main(["inspect", "--url", "https://acme"])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Ship date"], "ship_date"),
        (["重要度", "importance"], "importance"),
        (["重要度"], "field_7"),
        (["class"], "class_"),
        (["2nd"], "field_2nd"),
        (["a b c d e f g"], "a_b_c_d_e"),
        (["", "tag"], "tag"),
    ],
)
def test_names_of_attributes(texts, expected):
    """The first text with letters is taken, a few words of it."""
    assert expected == attribute(texts, "field_7")


def test_names_of_classes():
    """Words in a row, each with a capital; what cannot be a name gets one."""
    assert ("ServiceCar", "The2Cars", "TheNone", "Choice") == (
        class_name(["service car"], "Choice"),
        class_name(["2 cars"], "Choice"),
        class_name(["none"], "Choice"),
        class_name(["重要度"], "Choice"),
    )
