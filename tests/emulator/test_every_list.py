"""Every list returns the same rows in every style of paging."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.emulator.list_contents import COUNT, Contents
from tests.emulator.malformed import create_populated_emulator, routes
from tests.tokens import signed_in_session
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.storage.store import DELETED, StoredRow
from zendesk_orm.schema import registry


#: A number of pages that no list has: a list with more pages does not end.
_ENDLESS = 40
#: Values of placeholders and parameters that are no ids.
_VALUES: dict[str, tuple[Any, ...]] = {
    "locale": ("en-us",),
    "changed_since": (0,),
    "query": ("copy",),
    "q": ("type:chat", "type:offline_msg"),
    "autocomplete": ("copy",),
    "channel": ("support",),
}
#: Agents and end users are users.
_USERS = dict.fromkeys(("agents", "agent_availabilities", "end_users"), "users")
#: Lists that cannot have as many rows, with the reason.
_SHORT = {
    "/help_center/user_segments/<at0>/sections": "sections no longer have a segment",
    "/organizations/search": "names and external ids are unique",
    "/user_profiles": "an identifier has one profile",
    "/users/<at0>/compliance_deletion_statuses": "the user was deleted permanently",
}


@pytest.fixture(scope="module")
def reader() -> Iterator[ListReader]:
    """Return a client of an emulator with several rows in every list."""
    with create_populated_emulator() as emulator:
        with emulator._store.transaction():
            _add_rows(emulator)
        contents = Contents(emulator)
        contents.add()
        yield ListReader(emulator, contents.values)


def _add_rows(emulator: Emulator) -> None:
    """Add rows until every model with rows has five."""
    store = emulator._store
    for (kind,) in store.execute("SELECT DISTINCT kind FROM rows WHERE state < ?", (DELETED,)):
        rows = store.execute("SELECT id FROM rows WHERE kind = ? AND state < ?", (kind, DELETED))
        for copy in range(5 - len(rows)):
            row = store.get_row(kind, rows[0][0])
            if row is None or "id" not in row.doc:
                break
            pk = store.next_id() if isinstance(row.id, int) else f"01{store.next_id():024X}"
            doc = {**row.doc, "id": pk, "name": f"copy {copy}", "email": None}
            doc |= {"title": f"copy {copy}", "html_url": f"https://emulator.zendesk.com/hc/{pk}"}
            doc = {key: value for key, value in doc.items() if key in row.doc}
            store.put(
                [StoredRow(kind, pk, doc, f"{row.words} copy", row.parent)], emulator.clock.now()
            )


class ListReader:
    """Reads lists of an emulator in one style of paging, as clients do.

    Args:
        emulator: the emulator.
        values: values of parameters that match rows.
    """

    def __init__(self, emulator: Emulator, values: Mapping[str, str] | None = None) -> None:
        self.emulator, self.values = emulator, values or {}
        self.session = signed_in_session(emulator)

    def get(self, url: str, params: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a page."""
        response = self.session.get(url, params=params)
        assert response.status_code == 200, (url, params, response.text)
        body = response.json()
        assert isinstance(body, dict), (url, params)
        return body

    def follow_links(self, url: str, key: str, params: dict[str, Any]) -> list[str]:
        """Return the rows of all pages by following links."""
        results: list[str] = []
        for _ in range(_ENDLESS):
            page = self.get(url, params)
            results += _dump_rows(page[key])
            meta = page.get("meta")
            has_more = meta is None or meta["has_more"]
            links = page.get("links") if key != "links" else None
            if isinstance(links, list):  # Those of events.
                links = links[0] if links else None
            links = links or {}
            following = page.get("next_page") or page.get("next_page_url") or links.get("next")
            if not has_more or not page[key]:
                return results
            if following:
                url, params = following, {}
            elif meta and "page[size]" in params:
                params = {**params, "page[after]": meta["after_cursor"]}
            else:
                return results
        pytest.fail(f"{url} does not end")

    def count_pages(self, url: str, key: str, params: dict[str, Any]) -> list[str]:
        """Return the rows of all pages by incrementing the page number until a page is empty."""
        results: list[str] = []
        for number in range(1, _ENDLESS):
            rows = _dump_rows(self.get(url, {**params, "page": number})[key])
            if not rows:
                return results
            results += rows
        pytest.fail(f"{url} does not end")

    def read_backwards(self, url: str, key: str, params: dict[str, Any]) -> list[str] | None:
        """Return the rows of all pages, read from the last; None if there is no cursor for it."""
        page = self.get(url, params)
        if not page.get("meta") or not page["meta"].get("before_cursor"):
            return None
        while page["meta"]["has_more"]:
            page = self.get(url, {**params, "page[after]": page["meta"]["after_cursor"]})
        pages = [_dump_rows(page[key])]
        for _ in range(_ENDLESS):
            cursor = page["meta"].get("before_cursor")
            if not cursor:
                break
            page = self.get(url, {**params, "page[before]": cursor})
            pages.insert(0, _dump_rows(page[key]))
            if not page[key]:
                break
        return [row for rows in pages for row in rows]

    def build_address(self, route: Any, path: str, endpoint: Any) -> tuple[str, dict[str, Any]]:
        """Return the address of the longest list of a route, and the parameters it requires."""
        addresses = list(self.build_addresses(route, path, endpoint))
        is_list = endpoint.verb is Verb.LIST and endpoint.key
        best, length = addresses[0], -1
        for url, needed in addresses:
            response = self.session.get(url, params=needed)
            rows = response.json()[endpoint.key] if is_list and response.ok else ()
            if response.ok and len(rows) > length:
                best, length = (url, needed), len(rows)
            if length >= (COUNT if is_list else 0):
                break
        return best

    def build_addresses(
        self, route: Any, path: str, endpoint: Any
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the addresses of a route with different rows, and the parameters it requires."""
        meta = route.targets[0].meta
        names = [name for name in endpoint.required if name in endpoint.filters]
        parameters = [endpoint.filters[name] for name in names]
        values = [
            [self.values[key]] if key in self.values else self.find_values(meta, name)
            for name, key in zip(names, parameters, strict=True)
        ]
        for address in self.fill_placeholders(meta, path, route.names):
            below = address[2:] if address.startswith("/~") else f"/api/v2{address}"
            for combination in itertools.product(*values):
                needed = dict(zip(parameters, combination, strict=True))
                yield f"https://emulator.zendesk.com{below}", needed

    def fill_placeholders(self, meta: Any, path: str, names: Sequence[str]) -> Iterator[str]:
        """Yield a path with the ids of different rows."""
        addresses: list[tuple[str, Any]] = [(path, None)]
        for position, name in enumerate(names):
            filled = []
            for address, parent in addresses:
                before, _, after = address.partition(f"/<at{position}>")
                values = self.find_values(meta, name)
                if name not in {*_VALUES, "id"}:
                    plural = before.rpartition("/")[2]
                    values = self.find_rows(plural, meta.app_label, parent) or values
                filled += [(f"{before}/{value}{after}", value) for value in values]
            addresses = filled
        return (address for address, _ in addresses)

    def find_rows(self, plural: str, product: str, parent: Any) -> list[Any]:
        """Return ids of rows by the part of a path before them: `tickets`."""
        plural = _USERS.get(plural, plural)
        metas = [
            model._meta
            for model in registry.models()
            if model._meta.plural == plural and model._meta.concrete is model
        ]
        labels = [meta.label for meta in metas if meta.app_label == product]
        labels = labels or [meta.label for meta in metas if meta.app_label == "support"]
        below = [pk for label in labels for pk in self.select_ids(label, parent)]
        return below or [pk for label in labels for pk in self.select_ids(label)]

    def select_ids(self, label: str, parent: Any = None) -> list[Any]:
        """Return the ids of the last rows of a model, which are below a parent if it is given."""
        rows = self.emulator._store.execute(
            "SELECT id FROM rows WHERE kind = ? AND state < ? AND (? OR parent = ?)"
            " ORDER BY id DESC LIMIT 30",
            (label, DELETED, parent is None, parent),
        )
        return [row[0] for row in rows]

    def find_values(self, meta: Any, name: str) -> list[Any]:
        """Return values for a placeholder or a parameter: texts, parents or ids of rows."""
        if name in _VALUES:
            return list(_VALUES[name])
        parents: list[Any] = self.emulator._store.execute(
            "SELECT DISTINCT parent FROM rows WHERE kind = ? AND parent IS NOT NULL", (meta.label,)
        )
        if parents and name == meta.parent:
            return [row[0] for row in parents]
        relation = meta.relations.get(name)
        return self.select_ids(relation.model._meta.label if relation else meta.label) or [1]


def _dump_rows(rows: list[Any]) -> list[str]:
    return [json.dumps(row, sort_keys=True) for row in rows]


LISTS = [
    (path, route, endpoint)
    for method, path, route in routes()
    for endpoint in route.targets[0].endpoints[:1]
    if method == "GET" and endpoint.verb.value == "list" and endpoint.key
    if route.targets[0].meta.pk_key  # Several rows have this value.
    # Its lists have one style, which tests/messaging reads.
    if route.targets[0].meta.app_label != "messaging"
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "route", "endpoint"), LISTS, ids=[item[0] for item in LISTS])
def test_all_paging_styles_return_the_same_rows(reader, path, route, endpoint):
    """Page numbers, links, cursors and counts return the same rows, each once."""
    url, needed = reader.build_address(route, path, endpoint)
    if path in _SHORT:
        pytest.skip(_SHORT[path])

    complete = reader.follow_links(url, endpoint.key, needed)

    assert len(complete) == len(set(complete)) >= COUNT
    assert sorted(complete) == sorted(
        reader.follow_links(url, endpoint.key, {**needed, "per_page": 2})
    )
    assert sorted(complete) == sorted(
        reader.follow_links(url, endpoint.key, {**needed, "page[size]": 2})
    )
    backwards = reader.read_backwards(url, endpoint.key, {**needed, "page[size]": 2})
    assert backwards is None or sorted(backwards) == sorted(complete)
    assert sorted(complete) == sorted(
        reader.count_pages(url, endpoint.key, {**needed, "per_page": 2})
    )
