"""`inspect` and `check`: a module for any titles and types of custom fields."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from zendesk_orm import (
    Comment,
    CustomObject,
    OrganizationField,
    TicketField,
    User,
    UserField,
    cli,
    connect,
)
from zendesk_orm.inspection.drift import declared_models, drift
from zendesk_orm.inspection.models import inspect


ROOT = Path(__file__).resolve().parents[2]

#: Titles that are no names, that mean something in Python, in the module, or in the library.
TITLES = (
    "Date",
    "Int",
    "Str",
    "Bool",
    "Float",
    "List",
    "Literal",
    "ClassVar",
    "Custom field",
    "Display",
    "Annotations",
    "Meta",
    "Ticket",
    "Order",
    "ORDER",
    "order ",
    "class",
    "match",
    "None",
    "print",
    "Id",
    "pk",
    "save",
    "Objects",
    "Custom",
    "Subject",
    "Tags",
    "Self",
    "Defaults",
    "Wait",
    "Text",
    "Created after",
    "Custom field 5",
    "Order by",
    "Get size display",
    "Size",
    "Größe",
    "größe",
    unicodedata.normalize("NFD", "Größe"),
    "重要度",
    "🔥",
    "2nd line",
    "42",
    '"it\'s"',
    'six """ quotes',
    "two\nlines",
    "back\\slash",
    "trailing\\",
    "\u2028\x7f\x00",
    "a b c d e f g",
    "x" * 200,
)


@frozen
class Kind:
    """A type of custom fields: what it is created with, and a value to filter by and to save."""

    settings: dict[str, Any]
    value: Any
    saved: Any


def _options(number: int) -> list[dict[str, str]]:
    return [{"name": f"Option {each}", "value": f"option_{each}_{number}".lower()} for each in "AB"]


def _kind(type_: str, number: int) -> Kind:
    """Return a type, with options that no other field of the account has."""
    chosen = {"custom_field_options": _options(number)}
    tag = f"option_a_{number}"
    return {
        "text": Kind({}, "word", "word"),
        "textarea": Kind({}, "word", "word"),
        "integer": Kind({}, 7, 7),
        "decimal": Kind({}, 2.5, 2.5),
        "date": Kind({}, date(2026, 1, 2), date(2026, 1, 2)),
        "checkbox": Kind({}, True, True),
        "regexp": Kind({"regexp_for_validation": "^a[\"'b]$"}, "ab", "ab"),
        "tagger": Kind(chosen, "Option A", tag),
        "multiselect": Kind(chosen, "Option A", [tag]),
        "lookup": Kind({"relationship_target_type": "zen:user"}, User.objects.me(), None),
    }[type_]


TYPES = (
    "text",
    "textarea",
    "integer",
    "decimal",
    "date",
    "checkbox",
    "regexp",
    "tagger",
    "multiselect",
    "lookup",
)
FIELDS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(TITLES), st.text(min_size=1, max_size=12)).filter(str.strip),
        st.sampled_from(TYPES),
    ),
    min_size=1,
    max_size=6,
)


def _account(fields):
    """Return a new account with ticket fields, and the kind of each field by its id."""
    account = connect("emulator://")
    kinds = {}
    for number, (title, type_) in enumerate(fields):
        kind = _kind(type_, number)
        made = TicketField.objects.create(title=title, type=type_, **kind.settings)
        kinds[made.pk] = kind
    return account, kinds


def _written(account, folder):
    """Return the models of the module that `inspect` writes."""
    file = Path(folder) / "made_models.py"
    file.write_text(inspect(account), encoding="utf-8")
    return declared_models(str(file))


def test_a_module_of_all_hard_titles_can_be_used():
    """Titles that mean something in Python or in the library become names that can be used."""
    _require_usable([(title, TYPES[n % len(TYPES)]) for n, title in enumerate(TITLES)])


@pytest.mark.slow
@settings(max_examples=15)
@given(FIELDS)
def test_a_module_of_any_fields_can_be_used(fields):
    """It imports, matches the account, and each attribute can be saved and filtered by."""
    _require_usable(fields)


def _require_usable(fields):
    account, kinds = _account(fields)
    with tempfile.TemporaryDirectory() as folder:
        (model,) = _written(account, folder)

    assert drift(account, [model]) == []
    declared = model._meta.declared
    assert len(declared) == len(fields)
    known = account.current().definitions(model._meta, {})
    chosen = {name: kinds[known.find(each.known_as).id] for name, each in declared.items()}
    values = {
        name: [kind.value] if isinstance(kind.saved, list) else kind.value
        for name, kind in chosen.items()
    }
    ticket = model.objects.create(subject="x", comment=Comment(body="x"), **values)
    read = model.objects.get(ticket.pk)
    for name, kind in chosen.items():
        assert getattr(read, name) == (kind.value if kind.saved is None else kind.saved)
        assert model.objects.filter(**{name: kind.value}).get() == ticket
        setattr(read, name, None)
    assert list(read.changes()) == ["custom_fields"]


@pytest.mark.slow
@settings(max_examples=15)
@given(FIELDS, st.data())
def test_a_changed_type_is_reported(fields, data):
    """Deleting a field and creating one with the same title and another type is a difference."""
    account, kinds = _account(fields)
    with tempfile.TemporaryDirectory() as folder:
        models = _written(account, folder)
    field = TicketField.objects.get(data.draw(st.sampled_from(sorted(kinds))))
    other = data.draw(st.sampled_from([each for each in TYPES if each != field.type]))
    field.delete()
    TicketField.objects.create(title=field.title, type=other, **_kind(other, 99).settings)

    assert drift(account, models) != []


def test_every_change_of_a_type_is_reported(tmp_path):
    """Each of Zendesk's types differs from every other, also if both are `str` in Python."""
    account, _ = _account([(f"Field of {each}", each) for each in TYPES])
    models = _written(account, tmp_path)
    for shift in range(1, len(TYPES)):
        types = [*TYPES[shift:], *TYPES[:shift]]
        pairs = zip(TYPES, types, strict=True)
        other, _ = _account([(f"Field of {was}", now) for was, now in pairs])

        found = drift(other, models)

        reported = [line.partition(": retyped: it is a ")[2].partition(" ")[0] for line in found]
        assert reported == types


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"required": True}, "required: it needs a value now"),
        ({"title": "Colour"}, "renamed: 'Color' is called 'Colour' now"),
        ({"active": False}, "missing: it is no longer in use"),
        (
            {"custom_field_options": [("red", "Red")]},
            "options that are gone: 'blue'",
        ),
        (
            {"custom_field_options": [("red", "Red"), ("blue", "Blue"), ("pink", "Pink")]},
            "new options: 'pink' (Pink)",
        ),
        (
            {"custom_field_options": [("red", "Crimson"), ("blue", "Blue")]},
            "renamed options: 'red' is called 'Crimson' now, not 'Red'",
        ),
        ({"position": 7, "description": "Of the car."}, None),
    ],
)
def test_changes_of_a_field_are_reported(account, tmp_path, capsys, changes, expected):
    """`check` prints the difference and exits with 1; other changes of a field are none."""
    options = [{"name": "Red", "value": "red"}, {"name": "Blue", "value": "blue"}]
    field = TicketField.objects.create(title="Color", type="tagger", custom_field_options=options)
    _written(account, tmp_path)
    for name, value in changes.items():
        new = value
        if name == "custom_field_options":
            new = [{"name": title, "value": tag} for tag, title in value]
        setattr(field, name, new)
    field.save()

    try:
        code = cli.main(["check", str(tmp_path / "made_models.py")]) or 0
    except SystemExit as ended:
        code = ended.code

    printed = capsys.readouterr().out
    assert code == (0 if expected is None else 1)
    if expected is None:
        assert printed == "1 model is as the account has it\n"
    else:
        assert printed == f"AccountTicket.color: {expected}\n"


def test_a_second_field_of_the_title_is_reported(account, tmp_path):
    """The declared title no longer names one field, so that using it raises an error."""
    TicketField.objects.create(title="Order", type="text")
    models = _written(account, tmp_path)
    TicketField.objects.create(title="ORDER", type="text")

    (line,) = drift(account, models)

    assert line.startswith("AccountTicket.order: ambiguous: several custom fields of tickets")


def test_a_pattern_and_the_target_of_a_lookup_are_compared(account, tmp_path):
    """Another regular expression is a difference, and so is another custom object."""
    for key in ("car", "boat"):
        CustomObject.objects.create(key=key, title=key.title(), title_pluralized=f"{key}s")
    target = "zen:custom_object:car"
    TicketField.objects.create(title="Ride", type="lookup", relationship_target_type=target)
    code = TicketField.objects.create(title="Code", type="regexp", regexp_for_validation="^a")
    models = _written(account, tmp_path)
    assert drift(account, models) == []

    code.regexp_for_validation = "^b"
    code.save()
    TicketField.objects.get(title="Ride").delete()
    target = "zen:custom_object:boat"
    TicketField.objects.create(title="Ride", type="lookup", relationship_target_type=target)

    assert sorted(drift(account, models)) == [
        "AccountTicket.code: another pattern: '^b', not '^a'",
        "AccountTicket.ride: retyped: it is a lookup (CustomObjectRecord), not Car",
    ]


def _every_title():
    """Return an account whose tickets, users, organizations and custom objects have all titles."""
    account = connect("emulator://")
    for number, title in enumerate(TITLES):
        type_ = TYPES[number % len(TYPES)]
        settings_ = _kind(type_, number).settings
        TicketField.objects.create(title=title, type=type_, **settings_)
        for fields in (UserField, OrganizationField):
            plain = {"tagger": "dropdown"}.get(type_, type_)
            fields.objects.create(key=f"key_{number}", title=title, type=plain, **settings_)
    for key in ("meta", "date", "list", "literal", "article", "customfield", "save"):
        CustomObject.objects.create(key=key, title=key.title(), title_pluralized=f"{key}s")
        for field in ("save", "objects", "name", "date", "self", "get_save_display"):
            CustomObject.objects.get(key).fields.create(
                key=field, title=field, type="dropdown", custom_field_options=_options(1)
            )
        CustomObject.objects.get(key).fields.create(key="day", title="Day", type="date")
    return account


def test_users_organizations_and_custom_objects_avoid_names_too(tmp_path):
    """The classes of all four kinds import, and match the account."""
    account = _every_title()

    models = _written(account, tmp_path)

    assert len(models) == 3 + 7
    assert drift(account, models) == []


@pytest.mark.slow
@pytest.mark.parametrize("checker", [["mypy", "--strict", "--no-incremental"], ["pyright"]])
def test_type_checkers_accept_a_module_of_all_titles(tmp_path, checker):
    """`mypy --strict` and pyright find no error in a module with all hard titles."""
    pytest.importorskip(checker[0])
    _written(_every_title(), tmp_path)
    cache = ["--cache-dir", os.devnull] if checker[0] == "mypy" else []
    run = [sys.executable, "-m", *checker, *cache]
    env = {**os.environ, "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)}
    version = subprocess.run([*run[:3], "--version"], env=env, capture_output=True, check=False)
    if version.returncode:
        pytest.skip(f"{checker[0]} does not run here")

    done = subprocess.run(
        [*run, "made_models.py"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
