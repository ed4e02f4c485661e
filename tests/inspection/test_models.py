"""`inspect` and `check` with any titles and types of custom fields."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unicodedata
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.seeding import seed_rows
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
from zendesk_orm.inspection.drift import find_drift, load_models
from zendesk_orm.inspection.models import inspect


ROOT = Path(__file__).resolve().parents[2]

#: Titles that are not identifiers, or names that Python, the module or the library uses.
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


#: Words in scripts with and without capital letters, that are wide, and that fill a line.
WORDS = (
    *("a", "responsible", "département", "internationalization", "größe" * 5, "x" * 60, "9" * 50),
    *("重要度", "名" * 40, "สถานะ", "ग्राहक", "حالة", "тип", "\N{MATHEMATICAL BOLD CAPITAL ALPHA}"),
)


@frozen
class Kind:
    """A type of custom fields: values to create it, to filter by, and to expect after a save."""

    settings: dict[str, Any]
    value: Any
    saved: Any


def _build_options(number: int) -> list[dict[str, str]]:
    return [
        {"name": f"Option {letter}", "value": f"option_{letter}_{number}".lower()}
        for letter in "AB"
    ]


def _build_kind(type_: str, number: int) -> Kind:
    """Return a type of custom fields, with options that are unique in the account."""
    options = {"custom_field_options": _build_options(number)}
    tag = f"option_a_{number}"
    return {
        "text": Kind({}, "word", "word"),
        "textarea": Kind({}, "word", "word"),
        "integer": Kind({}, 7, 7),
        "decimal": Kind({}, 2.5, 2.5),
        "date": Kind({}, date(2026, 1, 2), date(2026, 1, 2)),
        "checkbox": Kind({}, True, True),
        "regexp": Kind({"regexp_for_validation": "^a[\"'b]$"}, "ab", "ab"),
        "tagger": Kind(options, "Option A", tag),
        "multiselect": Kind(options, "Option A", [tag]),
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
        st.one_of(
            st.sampled_from(TITLES),
            st.text(min_size=1, max_size=12),
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
        ).filter(str.strip),
        st.sampled_from(TYPES),
    ),
    min_size=1,
    max_size=6,
)


def _create_account(fields):
    """Return a new account with ticket fields, and the kind of each field by its id."""
    account = connect("emulator://")
    kinds = {}
    for number, (title, type_) in enumerate(fields):
        kind = _build_kind(type_, number)
        field = TicketField.objects.create(title=title, type=type_, **kind.settings)
        kinds[field.pk] = kind
    return account, kinds


def _load_written(account, folder):
    """Return the models of the module that `inspect` writes, formatted as ruff does."""
    file = Path(folder) / "made_models.py"
    file.write_text(inspect(account), encoding="utf-8")
    if find_spec("ruff"):
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    return load_models(str(file))


def test_a_module_of_all_hard_titles_can_be_used():
    """Titles with a meaning in Python or in the library become usable names."""
    _check_usable([(title, TYPES[n % len(TYPES)]) for n, title in enumerate(TITLES)])


def test_a_module_of_long_titles_in_any_script_can_be_used():
    """Names in each script, and as long as a line, differ from each other and fit in a line."""
    types = ("tagger", "multiselect", "tagger", "text", "lookup")
    titles = [*WORDS, *(f"{word} responsible {word}" for word in WORDS)]
    _check_usable([(title, type_) for type_ in types for title in titles])


@pytest.mark.slow
@settings(max_examples=15)
@given(FIELDS)
def test_a_module_of_any_fields_can_be_used(fields):
    """The module can be imported, matches the account, and its fields can be saved and filtered."""
    _check_usable(fields)


def _check_usable(fields):
    account, kinds = _create_account(fields)
    with tempfile.TemporaryDirectory() as folder:
        (model,) = _load_written(account, folder)

    assert find_drift(account, [model]) == []
    declared = model._meta.declared
    assert len(declared) == len(fields)
    definitions = account.current().definitions(model._meta, {})
    kinds_by_name = {
        name: kinds[definitions.find(row.known_as).id] for name, row in declared.items()
    }
    values = {
        name: [kind.value] if isinstance(kind.saved, list) else kind.value
        for name, kind in kinds_by_name.items()
    }
    ticket = model.objects.create(subject="x", comment=Comment(body="x"), **values)
    saved = model.objects.get(ticket.pk)
    for name, kind in kinds_by_name.items():
        assert getattr(saved, name) == (kind.value if kind.saved is None else kind.saved)
        assert model.objects.filter(**{name: kind.value}).get() == ticket
        setattr(saved, name, None)
    assert list(saved.changes()) == ["custom_fields"]


@pytest.mark.slow
@settings(max_examples=15)
@given(FIELDS, st.data())
def test_a_changed_type_is_reported(fields, data):
    """A field that was replaced by one of another type is reported."""
    account, kinds = _create_account(fields)
    with tempfile.TemporaryDirectory() as folder:
        models = _load_written(account, folder)
    field = TicketField.objects.get(data.draw(st.sampled_from(sorted(kinds))))
    other = data.draw(
        st.sampled_from([type_name for type_name in TYPES if type_name != field.type])
    )
    field.delete()
    TicketField.objects.create(title=field.title, type=other, **_build_kind(other, 99).settings)

    assert find_drift(account, models) != []


def test_every_change_of_a_type_is_reported(tmp_path):
    """A change between any two types is reported, even if both are `str` in Python."""
    account, _ = _create_account([(f"Field of {type_name}", type_name) for type_name in TYPES])
    models = _load_written(account, tmp_path)
    for shift in range(1, len(TYPES)):
        types = [*TYPES[shift:], *TYPES[:shift]]
        pairs = zip(TYPES, types, strict=True)
        other, _ = _create_account([(f"Field of {was}", now) for was, now in pairs])

        lines = find_drift(other, models)

        reported = [
            line.partition(": retyped: the type is ")[2].partition(" ")[0] for line in lines
        ]
        assert reported == types


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"required": True}, "required: a value is required now"),
        ({"title": "Colour"}, "renamed: 'Color' is called 'Colour' now"),
        ({"active": False}, "missing: the field is inactive"),
        (
            {"custom_field_options": [("red", "Red")]},
            "removed options: 'blue'",
        ),
        (
            {"custom_field_options": [("red", "Red"), ("blue", "Blue"), ("pink", "Pink")]},
            "new options: 'pink' (Pink)",
        ),
        (
            {"custom_field_options": [("red", "Crimson"), ("blue", "Blue")]},
            "renamed options: 'red' is called 'Crimson' now, not 'Red'",
        ),
        (
            {"custom_field_options": [("red", "Red"), ("blue", "Blue", True)]},
            "changed default: 'blue', not ''",
        ),
        ({"position": 7, "description": "Of the car."}, None),
    ],
)
def test_changes_of_a_field_are_reported(account, tmp_path, capsys, changes, expected):
    """`check` prints changes that affect declarations and exits with 1; others are ignored."""
    options = [{"name": "Red", "value": "red"}, {"name": "Blue", "value": "blue"}]
    field = TicketField.objects.create(title="Color", type="tagger", custom_field_options=options)
    _load_written(account, tmp_path)
    for name, value in changes.items():
        new = value
        if name == "custom_field_options":
            new = [
                {"name": title, "value": tag, "default": bool(default)}
                for tag, title, *default in value
            ]
        setattr(field, name, new)
    field.save()

    try:
        code = cli.main(["check", str(tmp_path / "made_models.py")]) or 0
    except SystemExit as error:
        code = error.code

    printed = capsys.readouterr().out
    assert code == (0 if expected is None else 1)
    if expected is None:
        assert printed == "1 model matches the account\n"
    else:
        assert printed == f"AccountTicket.color: {expected}\n"


@pytest.mark.slow
def test_each_change_of_each_kind_of_field_is_reported_once(tmp_path):
    """A field of a ticket, user, organization or record of any type is reported once if it was
    renamed, made inactive or deleted, although it may be found by something else than its title.
    """
    reports = []
    for owner in ("ticket", "user", "organization", "record"):
        for type_ in TYPES:
            account = connect("emulator://")
            field = _create_field(owner, type_)
            models = _load_written(account, tmp_path)
            lines = [find_drift(account, models)]
            for change in ({"title": "Colour"}, {"title": "color"}, {"active": False}):
                for name, value in change.items():
                    setattr(field, name, value)
                field.save()
                lines.append(find_drift(account, models))
            field.delete()
            lines.append(find_drift(account, models))
            reports.append([[line.split(": ")[1] for line in report] for report in lines])

    assert reports == [[[], ["renamed"], [], ["missing"], ["missing"]]] * len(reports)
    assert len(reports) == 4 * len(TYPES)


def _create_field(owner, type_):
    """Return a new field of tickets, users, organizations or records of a custom object."""
    arguments = {"title": "Color", "type": type_, **_build_kind(type_, 1).settings}
    if owner == "ticket":
        return TicketField.objects.create(**arguments)
    arguments.update(key="shade", type={"tagger": "dropdown"}.get(type_, type_))
    if owner == "record":
        CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
        return CustomObject.objects.get("car").fields.create(**arguments)
    fields = UserField if owner == "user" else OrganizationField
    return fields.objects.create(**arguments)


def test_a_second_field_of_the_title_is_reported(account, tmp_path):
    """A second field with the same title is reported as ambiguous."""
    TicketField.objects.create(title="Order", type="text")
    models = _load_written(account, tmp_path)
    TicketField.objects.create(title="ORDER", type="text")

    (line,) = find_drift(account, models)

    assert line.startswith("AccountTicket.order: ambiguous: several custom fields of tickets")


def test_a_pattern_and_the_target_of_a_lookup_are_compared(account, tmp_path):
    """Changed patterns and changed targets of lookups are reported."""
    for key in ("car", "boat"):
        CustomObject.objects.create(key=key, title=key.title(), title_pluralized=f"{key}s")
    target = "zen:custom_object:car"
    TicketField.objects.create(title="Ride", type="lookup", relationship_target_type=target)
    code = TicketField.objects.create(title="Code", type="regexp", regexp_for_validation="^a")
    models = _load_written(account, tmp_path)
    assert find_drift(account, models) == []

    code.regexp_for_validation = "^b"
    code.save()
    TicketField.objects.get(title="Ride").delete()
    target = "zen:custom_object:boat"
    TicketField.objects.create(title="Ride", type="lookup", relationship_target_type=target)

    assert sorted(find_drift(account, models)) == [
        "AccountTicket.code: changed pattern: '^b', not '^a'",
        "AccountTicket.ride: retyped: the type is lookup (CustomObjectRecord), not Car",
    ]


def test_a_custom_object_without_fields_is_compared(account, tmp_path):
    """A deleted custom object without fields is reported."""
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    models = _load_written(account, tmp_path)
    unchanged = find_drift(account, models)
    CustomObject.objects.get("car").delete()

    assert [model.__name__ for model in models] == ["Car"]
    assert unchanged == []
    assert find_drift(account, models) == ["Car: missing: custom object car"]


def _create_account_of_all_titles():
    """Return an account whose tickets, users, organizations and custom objects have all titles."""
    account = connect("emulator://")
    for number, title in enumerate(TITLES):
        type_ = TYPES[number % len(TYPES)]
        settings_ = _build_kind(type_, number).settings
        TicketField.objects.create(title=title, type=type_, **settings_)
        for fields in (UserField, OrganizationField):
            plain = {"tagger": "dropdown"}.get(type_, type_)
            fields.objects.create(key=f"key_{number}", title=title, type=plain, **settings_)
    for number, word in enumerate(WORDS, start=len(TITLES)):
        for title in (word, word.upper()):
            settings_ = _build_kind("tagger", f"{number}_{title == word}").settings
            TicketField.objects.create(title=title, type="tagger", **settings_)
        key = f"{'k' * number}_{number}"
        CustomObject.objects.create(key=key, title=word, title_pluralized=word)
        target = f"zen:custom_object:{key}"
        TicketField.objects.create(title=word, type="lookup", relationship_target_type=target)
    for key in ("meta", "date", "list", "literal", "article", "customfield", "save"):
        CustomObject.objects.create(key=key, title=key.title(), title_pluralized=f"{key}s")
        for field in ("save", "objects", "name", "date", "self", "get_save_display"):
            CustomObject.objects.get(key).fields.create(
                key=field, title=field, type="dropdown", custom_field_options=_build_options(1)
            )
        CustomObject.objects.get(key).fields.create(key="day", title="Day", type="date")
    return account


def test_models_of_all_kinds_have_valid_names(tmp_path):
    """The classes of all four kinds can be imported and match the account."""
    account = _create_account_of_all_titles()

    models = _load_written(account, tmp_path)

    assert len(models) == 3 + len(WORDS) + 7
    assert find_drift(account, models) == []


@pytest.mark.slow
@pytest.mark.parametrize("checker", [["mypy", "--strict", "--no-incremental"], ["pyright"]])
def test_type_checkers_accept_a_module_of_all_titles(tmp_path, checker):
    """`mypy --strict` and pyright find no error in a module with all hard titles."""
    pytest.importorskip(checker[0])
    _load_written(_create_account_of_all_titles(), tmp_path)
    cache = ["--cache-dir", os.devnull] if checker[0] == "mypy" else []
    run = [sys.executable, "-m", *checker, *cache]
    env = {**os.environ, "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)}
    version = subprocess.run([*run[:3], "--version"], env=env, capture_output=True, check=False)
    if version.returncode:
        pytest.skip(f"{checker[0]} does not run here")

    result = subprocess.run(
        [*run, "made_models.py"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout


CAR = {"key": "car", "title": "Car", "title_pluralized": "Cars"}
COLORS = [{"name": "Red", "value": "red"}, {"name": "Blue", "value": "blue"}]
#: Fields whose generated declarations contain every attribute, by the model that describes them.
DESCRIBED = {
    "TicketField": [
        {"title": "Color", "type": "tagger", "custom_field_options": COLORS, "description": "Of it",
         "agent_description": "x", "title_in_portal": "y", "visible_in_portal": True,
         "editable_in_portal": True, "required_in_portal": True, "collapsed_for_agents": True,
         "required": True},
        {"title": "Ready", "type": "checkbox", "tag": "ready"},
        {"title": "Code", "type": "regexp", "regexp_for_validation": "^a"},
    ],
    "UserField": [
        {"key": "color", "title": "Color", "type": "dropdown", "custom_field_options": COLORS,
         "description": "Of it"},
        {"key": "ready", "title": "Ready", "type": "checkbox", "tag": "ready"},
    ],
    "CustomObjectField": [
        {"key": "color", "title": "Color", "type": "dropdown", "custom_field_options": COLORS,
         "description": "Of it", "required": True},
    ],
}  # fmt: skip
RED, BLUE = COLORS
#: Changes of each attribute, with the beginning of the reported difference.
CHANGES = {
    "title": ("Colour", "renamed: "),
    "include_in_list_view": (False, "changed include_in_list_view: False, not True"),
    "description": ("Other", "changed description: 'Other', not 'Of it'"),
    "agent_description": ("Other", "changed agent_description: 'Other'"),
    "title_in_portal": ("Other", "changed title_in_portal: 'Other'"),
    "visible_in_portal": (False, "changed visible_in_portal: False, not True"),
    "editable_in_portal": (False, "changed editable_in_portal: False"),
    "required_in_portal": (False, "changed required_in_portal: False"),
    "collapsed_for_agents": (False, "changed collapsed_for_agents: False"),
    "required": (False, "optional: "),
    "tag": ("other", "changed tag: 'other', not 'ready'"),
    "regexp_for_validation": ("^b", "changed pattern: '^b'"),
    "active": (False, "missing: the field is inactive"),
    "title_pluralized": ("Autos", "changed title_pluralized: 'Autos', not 'Cars'"),
}
CHANGES_OF_OPTIONS = {
    "added": ([*COLORS, {"name": "Pink", "value": "pink"}], "new options: 'pink' (Pink)"),
    "removed": ([RED], "removed options: 'blue'"),
    "renamed": ([{**RED, "name": "Rot"}, BLUE], "renamed options: 'red' is called 'Rot'"),
    "reordered": ([BLUE, RED], "reordered options: ['blue', 'red'], not ['red', 'blue']"),
}


def _create_described(account):
    """Return the objects that describe the fields of an account, each with what is declared."""
    values = {**CAR, "description": "Of it", "include_in_list_view": True}
    car = CustomObject.objects.create(**values)
    models = {"TicketField": TicketField, "UserField": UserField}
    fields = [
        ((models[name].objects if name in models else car.fields).create(**row), row)
        for name, rows in DESCRIBED.items()
        for row in rows
    ]
    return [(car, values), *((field, {**row, "active": True}) for field, row in fields)]


@pytest.mark.slow
def test_each_change_of_what_a_module_contains_is_reported(tmp_path):
    """`check` reports a change of each declared attribute of a field and of a custom object."""
    account = connect("emulator://")
    described = _create_described(account)
    models = _load_written(account, tmp_path)
    assert find_drift(account, models) == []
    checked = set()
    for obj, declared in described:
        changes = [(name, *CHANGES[name]) for name in CHANGES if name in declared]
        if "custom_field_options" in declared:
            changes += [("custom_field_options", *c) for c in CHANGES_OF_OPTIONS.values()]
        for name, value, expected in changes:
            setattr(obj, name, value)
            obj.save()
            starts = [
                line.partition(": ")[2][: len(expected)] for line in find_drift(account, models)
            ]
            assert (obj, name, starts) == (obj, name, [expected])
            checked.add((type(obj).__name__, name))
            setattr(obj, name, declared[name])
            obj.save()
            assert find_drift(account, models) == []
    assert len(checked) == 27


def test_a_field_of_a_type_that_the_library_does_not_know_can_be_written(
    account, emulator, tmp_path
):
    """Its module can be imported and matches the account; its type is not declared."""
    field = TicketField.objects.create(title="Mood", type="text", description="Of the day")
    seed_rows(emulator, TicketField, {**field._row, "type": "emotion"})

    (model,) = _load_written(account, tmp_path)

    assert model._meta.declared["mood"].type == ""
    assert find_drift(account, [model]) == []
