"""Every list returns the same rows in every style of paging."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.malformed import create_populated_emulator, routes
from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.storage.store import DELETED, StoredRow
from zendesk_orm.schema import registry


#: A number of pages that no list has: a list with more pages does not end.
_ENDLESS = 40
#: Values of placeholders and parameters that are no ids.
_VALUES = {"locale": "en-us", "changed_since": 0}
#: Agents and end users are users.
_USERS = {"agents": "users", "end_users": "users"}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Return an emulator with several rows of every model."""
    with create_populated_emulator() as emulator:
        with emulator._store.transaction():
            _add_rows(emulator)
        yield emulator


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
            store.put([StoredRow(kind, pk, doc, row.words, row.parent)], emulator.clock.now())


class ListReader:
    """Reads lists of an emulator in one style of paging, as clients do."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
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
            kwargs = meta is None or meta["has_more"]
            links = page.get("links") if key != "links" else None
            links = links or {}
            following = page.get("next_page") or page.get("next_page_url") or links.get("next")
            if not kwargs or not page[key]:
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
        """Return the address of a list, and the parameters that it requires."""
        meta = route.targets[0].meta
        parent = None
        for position, name in enumerate(route.names):
            before, _, after = path.partition(f"/<at{position}>")
            row = self.find_row(before.rpartition("/")[2], meta.app_label, parent)
            has_parents = name == meta.parent and self.find_parents(meta)
            is_found = row is not None and not has_parents and name not in _VALUES
            value = row if is_found else self.find_value(meta, name)
            parent = row
            path = f"{before}/{value}{after}"
        below = path[2:] if path.startswith("/~") else f"/api/v2{path}"
        needed = {
            endpoint.filters[name]: self.find_value(meta, name)
            for name in endpoint.required
            if name in endpoint.filters
        }
        return f"https://emulator.zendesk.com{below}", needed

    def find_row(self, plural: str, product: str, parent: Any) -> Any:
        """Return the id of a row by the part of a path before it: `tickets`; None without a row."""
        for model in registry.models():
            meta = model._meta
            is_wanted = meta.plural == _USERS.get(plural, plural) and meta.app_label == product
            if not is_wanted or meta.concrete is not model:
                continue
            results = self.emulator._store.execute(
                "SELECT id FROM rows WHERE kind = ? AND state < ? AND (? OR parent = ?)"
                " ORDER BY id",
                (meta.label, DELETED, parent is None, parent),
            )
            if results:
                return results[0][0]
        return None

    def find_parents(self, meta: Any) -> list[Any]:
        """Return the parents of the rows of a model."""
        parents: list[Any] = self.emulator._store.execute(
            "SELECT parent FROM rows WHERE kind = ? AND parent IS NOT NULL", (meta.label,)
        )
        return parents

    def find_value(self, meta: Any, name: str) -> Any:
        """Return a value for a placeholder: the id of the first suitable row."""
        relation = meta.relations.get(name)
        label = relation.model._meta.label if relation else meta.label
        if name in _VALUES:
            return _VALUES[name]
        parents = self.find_parents(meta)
        if parents and name == meta.parent:
            return parents[0][0]
        results = self.emulator._store.execute(
            "SELECT id FROM rows WHERE kind = ? AND state < ? ORDER BY id", (label, DELETED)
        )
        return results[0][0] if results else 1


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


@pytest.fixture(scope="module")
def reader(emulator) -> ListReader:
    """Return a client of the emulator, which signs in once."""
    return ListReader(emulator)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "route", "endpoint"), LISTS, ids=[item[0] for item in LISTS])
def test_all_paging_styles_return_the_same_rows(reader, path, route, endpoint):
    """Page numbers, links, cursors and counts return the same rows, each once."""
    url, needed = reader.build_address(route, path, endpoint)
    if reader.session.get(url, params=needed).status_code in (400, 404, 422):
        pytest.skip("no row to list below")
    complete = reader.follow_links(url, endpoint.key, needed)

    assert len(complete) == len(set(complete))
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
