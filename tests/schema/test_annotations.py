"""Annotations: what `Field[datetime | None]` says, however it is written."""

from __future__ import annotations

import sys
import types

import pytest

from zendesk_orm.schema.annotation import Declared, own, read


#: Annotations are evaluated here, as they are in a module that does not defer them.
SOURCE = '''
import datetime as dt
from datetime import date, datetime
from typing import Any, Literal, Optional

from zendesk_orm import Field, Model, Ref, WriteOnly

Sort = Literal["up", "down"]


class Part(Model):
    """A part."""

    name: Field[str]


class Whole(Model):
    """A whole."""

    plain: Field[str]
    null: Field[datetime | None]
    optional: Field[Optional[int]]
    day: Field[dt.date]
    tags: Field[list[str]]
    loose: Field[dict[str, Any]]
    anything: Field[Any]
    sort: Field[Sort]
    nullsort: Field[Sort | None]
    quoted: Field["datetime | None"]
    part: Field[Part | None]
    parts: Field[list[Part]]
    owner: Ref["Part"]
    keeper: Ref["Part | None"]
    finder: Ref[Part | None]
    secret: WriteOnly[str]
'''


@pytest.fixture
def whole(monkeypatch):
    """Return the model `Whole` of a module without deferred annotations."""
    module = types.ModuleType("undeferred")
    monkeypatch.setitem(sys.modules, "undeferred", module)
    exec(compile(SOURCE, "undeferred.py", "exec", dont_inherit=True), module.__dict__)
    return module.Whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Field[str]", Declared("Field", "str")),
        ("Field[str | None]", Declared("Field", "str", nullable=True)),
        ("Field[None | str]", Declared("Field", "str", nullable=True)),
        ("Field[datetime.datetime]", Declared("Field", "datetime", package="datetime")),
        (
            "Ref[help_center.Topic | None]",
            Declared("Ref", "Topic", nullable=True, package="help_center"),
        ),
        ("Field[list[str]]", Declared("Field", "list", "str")),
        ("Field[list[int] | None]", Declared("Field", "list", "int", nullable=True)),
        ("Field[list]", Declared("Field", "list")),
        ("Field[list[dict[str, Any]]]", Declared("Field", "list", "dict")),
        ("Field[list[Attachment]]", Declared("Field", "list", "Attachment")),
        ("Field[list['Attachment']]", Declared("Field", "list", "Attachment")),
        ("Field[dict[str, Any]]", Declared("Field", "dict")),
        ("Ref[User]", Declared("Ref", "User")),
        ("Ref['User']", Declared("Ref", "User")),
        ("'Ref[User]'", Declared("Ref", "User")),
        ("Ref['User' | None]", Declared("Ref", "User", nullable=True)),
        ("Ref['User | None']", Declared("Ref", "User", nullable=True)),
        ("Field[Optional[str]]", Declared("Field", "str", nullable=True)),
        ("fields.Field[str]", Declared("Field", "str")),
    ],
)
def test_an_annotation_is_read_without_being_evaluated(text, expected):
    """Its text says which descriptor, which type, which items, and whether null may be."""
    assert expected == read(text)


@pytest.mark.parametrize("text", ["int", "str | None", "ClassVar", "5", "not python", ""])
def test_other_annotations_declare_nothing(text):
    """A class may have annotations that are no fields."""
    assert read(text) is None


def test_only_the_annotations_of_the_class_itself_count():
    """What a base class declared was read when the base was made."""

    class Base:
        here: int

    class Derived(Base):
        there: int

    assert {"there": "int"} == own(Derived)


@pytest.mark.parametrize(
    ("name", "kind", "nullable"),
    [
        ("plain", "str", False),
        ("null", "datetime", True),
        ("optional", "int", True),
        ("day", "date", False),
        ("tags", "list", False),
        ("loose", "dict", False),
        ("anything", "Any", True),
        ("sort", "choice", False),
        ("nullsort", "choice", True),
        ("quoted", "datetime", True),
        ("part", "Part", True),
        ("parts", "list[Part]", False),
        ("secret", "str", False),
    ],
)
def test_evaluated_annotations_say_the_same(whole, name, kind, nullable):
    """A module without `from __future__ import annotations` declares the same fields."""
    field = whole._meta.fields[name]

    assert (kind, nullable) == (field.kind.name, field.nullable)


@pytest.mark.parametrize(
    ("name", "nullable"), [("owner", False), ("keeper", True), ("finder", True)]
)
def test_evaluated_relations_say_the_same(whole, name, nullable):
    """A quoted name is a name; null inside the quotes is null."""
    relation = whole._meta.relations[name]

    assert ("Part", nullable) == (relation.model.__name__, relation.nullable)
