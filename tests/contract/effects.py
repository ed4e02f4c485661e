"""Looks for described parameters that change no response of the emulator.

Each parameter is sent with the values that its description names and with ids of rows, and the
responses are compared with those without it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from tests.contract.coverage import find_served
from tests.contract.openapi import Described, read_operations
from tests.contract.spec import PREFIX, hide_placeholders
from tests.emulator.malformed import routes
from tests.tokens import signed_in_session
from zendesk_orm import DynamicContentItem, Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import ALIVE, ARCHIVED, DELETED, StoredRow
from zendesk_orm.emulator.storage.words import collect_words
from zendesk_orm.schema import registry


#: The results of `EffectFinder.classify`.
EFFECT, READ, UNREAD, UNREACHED = "effect", "read", "unread", "unreached"
#: The numbers of rows that placeholders are filled with, and of addresses of an operation.
_MAX_ROWS, _MAX_ADDRESSES = 4, 8
#: Values of parameters whose description names none.
_VALUES = (
    *("true", "false", "1", "2", "all", "active", "asc", "desc", "a", "de", "en-us"),
    *("2026-01-01T00:00:00Z", "1767225600", "2020-01-01", "2099-01-01T00:00:00Z", "zzz"),
)
_ORDERS = tuple(
    sign + name
    for name in ("created_at", "updated_at", "name", "id", "position", "title")
    for sign in ("", "-")
)
_NUMBERS = frozenset({"limit", "page", "page[size]", "page_size", "per_page", "start_time"})
#: Requests that parameters are added to: pages of one row show the effect of those of paging.
_BASES: tuple[dict[str, str], ...] = ({}, {"page[size]": "1"}, {"per_page": "1"}, {"limit": "1"})
#: Parameters that operations need, and values with which most of them find rows.
_NEEDED: Mapping[str, dict[str, str]] = {
    "brands/check_host_mapping": {"host_mapping": "a", "subdomain": "a"},
    "custom_objects/{}/records/autocomplete": {"name": "a"},
    "custom_objects/{}/records/search": {"query": "a"},
    "automations/search": {"query": "a"},
    "email_notifications": {"filter[ticket_id]": "1"},
    "help_center/articles/search": {"query": "article"},
    "help_center/community_posts/search": {"query": "title_1"},
    "macros/search": {"query": "m"},
    "search": {"query": "type:ticket"},
    "search/count": {"query": "type:ticket"},
    "views/search": {"query": "v"},
    "help_center/incremental/articles": {"start_time": "1"},
    "incremental/custom_objects/{}/cursor": {"start_time": "1"},
    "incremental/organizations": {"start_time": "1"},
    "incremental/tickets/cursor": {"start_time": "1"},
    "incremental/users/cursor": {"start_time": "1"},
    "search/export": {"query": "a", "filter[type]": "ticket"},
    "triggers/search": {"query": "t"},
    "users/autocomplete": {"name": "p"},
}
#: Values of placeholders that are not ids of rows.
_PATHS = {"incremental_resource": "tickets", "locale": "en-us", "target_type": "zen:ticket"}
#: The keys of rows that parameters list.
_IDENTIFIERS = {
    "ids": "id",
    "external_ids": "external_id",
    "identifiers": "placeholder",
    "keys": "key",
}
#: Models whose rows are those of another one.
_ALIASES = {"request": "ticket"}
#: A quoted word of a description: a value, or a parameter.
_QUOTED = re.compile(r"[`\"'=]([\w.\-:,\[\]]{1,60})[`\"']")
_QUERY = re.compile(r"\?[^\s\"]*")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT")


@frozen
class Parameter:
    """A parameter of the query of an operation.

    Attributes:
        operation: the operation.
        name: its name as it is sent: `type[]`.
        raw: its description.
    """

    operation: Described
    name: str
    raw: Mapping[str, Any] = field(repr=False, eq=False)

    def __str__(self) -> str:
        name = self.raw["name"]
        return f"{self.operation.method} {_hide(self.operation)} {name}"

    @property
    def schema(self) -> Mapping[str, Any]:
        """The schema of its value."""
        schema: Mapping[str, Any] = self.operation._resolve(self.raw.get("schema", {}))
        return schema


def list_parameters() -> Iterator[Parameter]:
    """Yield the parameters of all served operations that read, under each name that is sent."""
    for operation in read_operations():
        if operation.method == "GET" and ("GET", _hide(operation)) in find_served():
            for raw in map(operation._resolve, operation._all_parameters()):
                if raw["in"] == "query":
                    parameter = Parameter(operation, raw["name"], raw)
                    yield parameter
                    if parameter.schema.get("type") == "array":
                        yield Parameter(operation, f"{raw['name']}[]", raw)
                    for name in parameter.schema.get("properties", ()):
                        yield Parameter(operation, f"{raw['name']}[{name}]", raw)


class EffectFinder:
    """Sends parameters to an emulator and compares the responses."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._session = signed_in_session(emulator)
        self._routes = {
            re.sub(r"<at\d+>", "{}", path[1:]): route
            for method, path, route in routes()
            if method == "GET"
        }
        self._bases: dict[Any, tuple[int, Any]] = {}
        self._addresses: dict[str, list[str]] = {}

    def classify(self, parameter: Parameter) -> str:
        """Return whether a parameter has an effect, is only read, or is not even read.

        Errors are an effect, because only values of the described type are sent.
        """
        result = UNREACHED
        needed = self._fill_required(parameter)
        needed.pop(parameter.name, None)
        values = list(dict.fromkeys(map(str, self._list_values(parameter))))
        addresses = self._list_addresses(parameter.operation)
        for address, base in itertools.product(addresses, self._list_bases(parameter)):
            params = {**needed, **base}
            before = self._get_base(address, params)
            cursors = _list_cursors(before[1]) if _is_cursor(parameter.name) else ()
            for value in (*cursors, *values):
                self._emulator.ignored.clear()
                after = self._get(address, {**params, parameter.name: value})
                if after != before:
                    return EFFECT
                if after[0] < 300 and result != READ:
                    names = {part.name for part in self._emulator.ignored}
                    result = UNREAD if parameter.name in names else READ
        return result

    def _fill_required(self, parameter: Parameter) -> dict[str, str]:
        """Return values for the other parameters that an operation requires."""
        operation, required = parameter.operation, {}
        for raw in map(operation._resolve, operation._all_parameters()):
            if raw["in"] == "query" and raw.get("required") and raw["name"] != parameter.name:
                other = Parameter(operation, raw["name"], raw)
                required[raw["name"]] = str(next(self._list_values(other), "1"))
        return {**required, **_NEEDED.get(_hide(operation), {})}

    def _list_bases(self, parameter: Parameter) -> Iterator[dict[str, str]]:
        """Yield the parameters of requests that a parameter is added to."""
        yield from _BASES
        path = _hide(parameter.operation)
        if path.endswith("show_many") and path in self._routes:
            label = self._routes[path].targets[0].meta.label
            yield {"ids": ",".join(map(str, self._select_ids(label, deleted=True)))}
        if parameter.name == "fallback_to_default":
            yield {"ids": "1", "active": "false", "end_user_visible": "true"}
        if parameter.name == "sort_order":
            for raw in map(parameter.operation._resolve, parameter.operation._all_parameters()):
                if raw["name"] == "sort_by":
                    order = Parameter(parameter.operation, "sort_by", raw)
                    yield from ({"sort_by": value} for value in _list_described(order))

    def _list_values(self, parameter: Parameter) -> Iterator[Any]:
        """Yield values of the described type for a parameter, those of its description first."""
        kind, name = parameter.schema.get("type"), parameter.name
        if kind == "boolean":
            yield from ("true", "false")
            return
        values: Iterator[Any] = itertools.chain(
            self._list_ids(parameter),
            _list_described(parameter),
            _ORDERS if name in ("sort", "sort_by") else (),
            _VALUES,
        )
        if kind == "integer" or name in _NUMBERS:
            values = (value for value in values if str(value).isdigit() and int(value))
        yield from values

    def _list_ids(self, parameter: Parameter) -> Iterator[Any]:
        """Yield ids of rows of the model that a parameter is named after."""
        name = re.sub(r"\[\]$", "", parameter.name)
        name = re.sub(r"^filter\[(.*)\]$", r"\1", name)
        route = self._routes.get(_hide(parameter.operation))
        if name in _IDENTIFIERS and route is not None:
            key, label = _IDENTIFIERS[name], route.targets[0].meta.label
            for pk in self._select_ids(label, deleted=True):
                row = self._emulator._store.find_row(label, pk)
                value = row and row.doc.get(key)
                if value:
                    yield str(value).strip("{}").removeprefix("dc.")
            return
        for label in _find_labels(re.sub(r"_ids?$", "", name)):
            yield from self._select_ids(label)[:_MAX_ROWS]

    def _select_ids(self, label: str, *, deleted: bool = False) -> list[Any]:
        rows = self._emulator._store.execute(
            "SELECT id FROM rows WHERE kind = ? AND state < ? ORDER BY id LIMIT 50",
            (label, DELETED + deleted),
        )
        return [pk for (pk,) in rows]

    def _list_addresses(self, operation: Described) -> list[str]:
        """Return addresses of an operation, with ids of several rows in its path."""
        path = _hide(operation)
        if path not in self._addresses:
            addresses = dict.fromkeys(self._build_addresses(operation))
            # Those of existing rows first.
            ranked = sorted(addresses, key=lambda address: self._get_base(address, {})[0] >= 404)
            self._addresses[path] = ranked[:_MAX_ADDRESSES]
        return self._addresses[path]

    def _build_addresses(self, operation: Described) -> Iterator[str]:
        names = re.findall(r"\{(\w+)\}", operation.path)
        route = self._routes.get(_hide(operation))
        choices = [list(self._list_path_values(route, name)) for name in names]
        for values in itertools.islice(itertools.product(*choices), 64):
            filled = operation.path
            for value in values:
                filled = re.sub(r"\{\w+\}", lambda _, text=str(value): text, filled, count=1)
            yield filled

    def _list_path_values(self, route: Any, name: str) -> Iterator[Any]:
        """Yield values for a placeholder: ids of the parents of rows, and of rows."""
        if name in _PATHS:
            yield _PATHS[name]
            return
        singular = re.sub(r"_(?:id|key)$", "", name)
        labels = _find_labels(_ALIASES.get(singular, singular))
        if route is not None:
            meta = route.targets[0].meta
            rows = self._emulator._store.execute(
                "SELECT parent FROM rows WHERE kind = ? AND parent IS NOT NULL "
                "GROUP BY parent ORDER BY count(*) DESC LIMIT 2",
                (meta.label,),
            )
            yield from (pk for (pk,) in rows)
            labels = labels or [meta.label]
        for label in labels:
            yield from self._select_ids(label)[:_MAX_ROWS]

    def _get_base(self, address: str, params: Mapping[str, str]) -> tuple[int, Any]:
        key = (address, tuple(params.items()))
        if key not in self._bases:
            self._bases[key] = self._get(address, params)
        return self._bases[key]

    def _get(self, address: str, params: Mapping[str, str]) -> tuple[int, Any]:
        """Return the status of a response, and its body without the parameters of links."""
        response = self._session.get(
            f"https://emulator.zendesk.com{address}", params=dict(params), allow_redirects=False
        )
        try:
            body = _drop_queries(json.loads(response.text))
        except ValueError:
            body = response.text
        return response.status_code, body if response.ok else None


def _hide(operation: Described) -> str:
    return hide_placeholders(operation.path.removeprefix(PREFIX))


def _find_labels(singular: str) -> list[str]:
    return [model._meta.label for model in registry.models() if model._meta.singular == singular]


def _list_described(parameter: Parameter) -> Iterator[Any]:
    """Yield the values that the description of a parameter names."""
    schema = parameter.schema
    items = parameter.operation._resolve(schema.get("items", {}))
    yield from (*schema.get("enum", ()), *items.get("enum", ()))
    for example in (parameter.raw.get("example"), schema.get("example")):
        if isinstance(example, (str, int, float)) and not str(example).startswith("http"):
            yield example
        elif isinstance(example, list):
            yield ",".join(map(str, example))
    yield from _QUOTED.findall(f"{parameter.raw.get('description', '')}")


def _list_cursors(body: Any) -> list[str]:
    """Return the cursors of a page."""
    if not isinstance(body, dict):
        return []
    meta = body.get("meta") or {}
    names = ("after_cursor", "before_cursor")
    values = (*map(meta.get, names), *map(body.get, (*names, "cursor")))
    return [value for value in values if isinstance(value, str)]


def _is_cursor(name: str) -> bool:
    return "cursor" in name or name.startswith("page[")


def _drop_queries(value: Any) -> Any:
    """Return a value of JSON in which addresses have no parameters."""
    if isinstance(value, dict):
        return {key: _drop_queries(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_drop_queries(item) for item in value]
    if isinstance(value, str) and value.startswith(("http", "/")):
        return _QUERY.sub("", value)
    return value


def vary_rows(emulator: Emulator) -> None:
    """Add rows to each model, each with other values in its fields."""
    store, metas = emulator._store, {model._meta.label: model._meta for model in registry.models()}
    (item, *_) = store.select(DynamicContentItem._meta.label, Where())
    with store.transaction():
        for (kind,) in store.execute("SELECT DISTINCT kind FROM rows WHERE state < ?", (DELETED,)):
            ((pk,), *_) = store.execute(
                "SELECT id FROM rows WHERE kind = ? AND state < ? ORDER BY id", (kind, DELETED)
            )
            row = store.get_row(kind, pk)
            if row is None or kind not in metas or "id" not in row.doc:
                continue
            states = {4: DELETED, 5: ARCHIVED if kind == Ticket._meta.label else ALIVE}
            for number in range(1, 6):
                new = store.next_id() if isinstance(row.id, int) else f"01{store.next_id():024X}"
                doc = {**_vary(metas[kind], row.doc, number), "id": new}
                texts = {key: item["placeholder"] for key in doc if key.startswith("raw_")}
                doc |= texts if number == 3 else {}
                state = states.get(number, ALIVE)
                words = collect_words(doc)
                new_row = StoredRow(kind, new, doc, words, row.parent, state)
                store.put([new_row], emulator.clock.now())


def _vary(meta: Any, doc: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return a row with other values: flags, times, choices, positions, texts."""
    fields = {item.wire: item for item in meta.get_fields()}
    result = {}
    for position, (key, value) in enumerate(doc.items()):
        declared = fields.get(key)
        choices = declared.kind.choices if declared is not None else ()
        if key in ("url", "default", "locale") or key.endswith("_id") or value is None:
            result[key] = value
        elif isinstance(value, bool):
            result[key] = bool((number >> (position % 2)) % 2)
        elif choices and isinstance(value, str):
            result[key] = choices[number % len(choices)]
        elif isinstance(value, str) and _TIMESTAMP.match(value):
            day = 10 + number * 3 if position % 2 else 28 - number * 3
            result[key] = f"2025-{number * 2:02}-{day}T00:00:00Z"
        elif isinstance(value, int):
            result[key] = value + (number if position % 2 else -number)
        elif isinstance(value, str) and declared is not None and declared.editable:
            result[key] = f"{value} {'cabed'[number % 5]}{number}"
        else:
            result[key] = value
    names = {"external_id", "key"} & doc.keys()
    return {**result, **{name: f"{name}_{number}" for name in names}}
