"""Annotations such as `Field[datetime | None]`, as text and evaluated."""

from __future__ import annotations

import sys
import types

import pytest

from zendesk_orm.schema.annotation import Declared, own_annotations, read


#: A module without deferred annotations, which Python evaluates.
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
def model(monkeypatch):
    """Return the model of a module without deferred annotations."""
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
    """The text of an annotation declares descriptor, type, item type and nullability."""
    assert read(text) == expected


@pytest.mark.parametrize("text", ["int", "str | None", "ClassVar", "5", "not python", ""])
def test_other_annotations_declare_nothing(text):
    """Annotations that are not fields are ignored."""
    assert read(text) is None


def test_inherited_annotations_are_omitted():
    """Only the annotations of the class itself are read, not those of its bases."""

    class Base:
        first: int

    class Derived(Base):
        second: int

    assert own_annotations(Derived) == {"second": "int"}


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
def test_evaluated_annotations_declare_the_same_fields(model, name, kind, nullable):
    """A module without deferred annotations declares the same fields."""
    field = model._meta.fields[name]

    assert (field.kind.name, field.nullable) == (kind, nullable)


@pytest.mark.parametrize(
    ("name", "nullable"), [("owner", False), ("keeper", True), ("finder", True)]
)
def test_evaluated_annotations_declare_the_same_relations(model, name, nullable):
    """A model may be named by a string, which may contain `None`."""
    relation = model._meta.relations[name]

    assert (relation.model.__name__, relation.nullable) == ("Part", nullable)
