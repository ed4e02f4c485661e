"""Zendesk's description of its API as tables: the files in `../shared/zendesk`."""

from __future__ import annotations

import csv
import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from zendesk_orm import Model
from zendesk_orm.schema import registry


FOLDER = Path(__file__).resolve().parents[3] / "shared" / "zendesk"
PREFIX = "/api/v2/"
#: The products whose operations are described in tables.
PRODUCTS = ("support", "help_center", "talk")
#: A parameter in a description in words.
_PARAMETER = re.compile(r"filter\[\w+\]|\b(?:identifier|ids|include|sort)\b")
#: Declared products other than Support.
OTHERS = [item for item in ("help_center", "talk", "chat") if find_spec(f"zendesk_orm.{item}")]

needs_spec = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="Zendesk's specification, ../shared/zendesk, is not here"
)


@frozen
class Operation:
    """One operation.

    Attributes:
        method: the HTTP method, in capitals.
        path: from `/api/v2/` on, with empty placeholders: `tickets/{}`.
        params: the names of its query parameters.
        responses: the names of the schemas of its successful responses.
        paging: its described styles of paging: `cursor`, `offset`.
        tag: the chapter of the reference that describes it: `Ticket Forms`.
    """

    method: str
    path: str
    params: frozenset[str]
    responses: tuple[str, ...]
    paging: frozenset[str]
    tag: str


@frozen
class Property:
    """One property of a schema.

    Attributes:
        type: `string`, `integer`, `array<integer>`, `ref:ViaObject`, `oneOf(...)`.
        format: `date-time`, `int64`, or "".
        read_only, write_only: whether it only occurs in responses, or only in requests.
        choices: the allowed values, or () if any value is allowed.
    """

    type: str
    format: str
    read_only: bool
    write_only: bool
    choices: tuple[str, ...]


def hide_placeholders(path: str) -> str:
    """Return the path with empty placeholders, because their names differ."""
    return re.sub(r"\{\w*\}", "{}", path)


@cache
def read_operations(*products: str) -> Mapping[tuple[str, str], Operation]:
    """Return the operations of some products, by default of all, by method and path."""
    expected = products or PRODUCTS
    result = {}
    for row in _read_table("operations.tsv"):
        if row["api"] in expected:
            operation = Operation(
                row["method"],
                hide_placeholders(row["path"]).removeprefix(PREFIX),
                frozenset(row["query_params(*=required)"].replace("*", "").split(",")) - {""},
                tuple(re.findall(r"20\d:(\w+)", row["responses"])),
                _parse_styles(row["pagination_prose"] or row["pagination_params"]),
                row["tag"],
            )
            result[operation.method, operation.path] = operation
    return result


@frozen
class Undeclared:
    """An operation that Zendesk documents, and that no OpenAPI file describes.

    Attributes:
        place: method and path, with empty placeholders.
        family: the product that it belongs to.
        params: the names of its query parameters.
        keys: the names of the keys of its rows.
    """

    place: tuple[str, str]
    family: str
    params: frozenset[str]
    keys: frozenset[str]


@cache
def read_undeclared() -> tuple[Undeclared, ...]:
    """Return the operations without an OpenAPI file, except those of Messaging."""
    described = read_operations()
    result = []
    for row in _read_table("undeclared.tsv"):
        path = hide_placeholders(row["path"]).removesuffix(".json").removeprefix(PREFIX)
        place = row["method"], path
        if row["family"] != "messaging" and place not in described:
            params = frozenset(_PARAMETER.findall(row["params"]))
            result.append(Undeclared(place, row["family"], params, _parse_keys(row["object_keys"])))
    return tuple(result)


def _parse_keys(text: str) -> frozenset[str]:
    """Return the names of the keys of a row, without those of objects inside."""
    flat, depth = "", 0
    for character in text:
        depth += (character in "{[(") - (character in "}])")
        if depth == 0:
            flat += character
    pieces = (piece.partition(":")[0].strip(" ?") for piece in re.split(r"[,;]", flat))
    names = {name for piece in pieces for name in piece.split("/")}
    return frozenset(name for name in names if re.fullmatch(r"[a-z]\w*", name))


@cache
def read_description(name: str) -> dict[str, Any]:
    """Return a description by Zendesk, or skip the test without a YAML library."""
    yaml = pytest.importorskip("yaml", reason="needs PyYAML to read the description itself")

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # which of the two there is, PyYAML tells
        """A YAML loader that accepts the bare `=` in some examples."""

    Loader.add_constructor(
        "tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node)
    )
    text = (FOLDER / name).read_text(encoding="utf-8")
    result: dict[str, Any] = yaml.load(text, Loader=Loader)
    return result


def declared_models() -> list[Any]:
    """Return the models of all products."""
    for product in ("support", *OTHERS):
        importlib.import_module(f"zendesk_orm.{product}")
        registry.load(product)
    return [
        model
        for model in registry.models()
        if model is not Model
        and model.__module__.startswith("zendesk_orm.")
        # Sunshine Conversations has other tables: `test_messaging`.
        and model._meta.app_label != "messaging"
    ]


def label_of(model: Any) -> str:
    """Return the name of a model of Support, and the label of any other model."""
    meta = model._meta
    return str(model.__name__ if meta.app_label == "support" else meta.label)


def _parse_styles(word: str) -> frozenset[str]:
    """Return the styles of paging that a word of the table stands for, such as `both`."""
    return frozenset({"cursor", "offset"} if word == "both" else {word} - {""})


@cache
def read_schemas() -> Mapping[str, Mapping[str, Property]]:
    """Return the schemas of Support and the Help Center: their properties by name."""
    result: dict[str, dict[str, Property]] = {}
    for row in _read_table("schemas.tsv"):
        if row["api"] in PRODUCTS and row["property"]:
            result.setdefault(row["schema"], {})[row["property"]] = Property(
                row["type"],
                row["format"],
                row["readOnly"] == "true",
                row["description"].startswith(("Write only.", "Write-only ")),
                tuple(row["enum"].split("|")) if row["enum"] else (),
            )
    return result


@cache
def read_sideloads() -> Mapping[str, frozenset[str]]:
    """Return the side-loads of each path; `(unlisted)` if the names are not described."""
    lines = (FOLDER / "sideloads.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return {
        hide_placeholders(path).removeprefix(PREFIX): frozenset(
            name.removeprefix("param:") for name in names.split(",")
        )
        for method, path, names in rows
        if method == "GET"
    }


def _read_table(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
