"""Every list of the emulator ends, and has each row once, in whatever way it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.malformed import populated, routes
from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.store import DELETED, Stored


#: Pages after which a list that has some rows does not end.
_ENDLESS = 40


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Return an emulator with several rows of every model."""
    with populated() as emulator:
        with emulator._store.transaction():
            _double(emulator)
        yield emulator


def _double(emulator: Emulator) -> None:
    """Add rows until each model with rows has five."""
    store = emulator._store
    for (kind,) in store.execute("SELECT DISTINCT kind FROM rows WHERE state < ?", (DELETED,)):
        rows = store.execute("SELECT id FROM rows WHERE kind = ? AND state < ?", (kind, DELETED))
        for copy in range(5 - len(rows)):
            row = store.row(kind, rows[0][0])
            if row is None or "id" not in row.doc:
                break
            pk = store.next_id() if isinstance(row.id, int) else f"01{store.next_id():024X}"
            doc = {**row.doc, "id": pk, "name": f"copy {copy}", "email": None}
            doc |= {"title": f"copy {copy}", "html_url": f"https://emulator.zendesk.com/hc/{pk}"}
            doc = {key: value for key, value in doc.items() if key in row.doc}
            store.put([Stored(kind, pk, doc, row.words, row.parent)], emulator.clock.now())


class Reader:
    """Reads lists of an emulator as clients do that know one style of paging."""

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

    def linked(self, url: str, key: str, params: dict[str, Any]) -> list[str]:
        """Return the rows of all pages, from link to link."""
        found: list[str] = []
        for _ in range(_ENDLESS):
            page = self.get(url, params)
            found += _texts(page[key])
            meta = page.get("meta")
            more = meta is None or meta["has_more"]
            links = page.get("links") if key != "links" else None
            links = links or {}
            following = page.get("next_page") or page.get("next_page_url") or links.get("next")
            if not more or not page[key]:
                return found
            if following:
                url, params = following, {}
            elif meta and "page[size]" in params:
                params = {**params, "page[after]": meta["after_cursor"]}
            else:
                return found
        pytest.fail(f"{url} does not end")

    def counted(self, url: str, key: str, params: dict[str, Any]) -> list[str]:
        """Return the rows of all pages, from number to number until one is empty."""
        found: list[str] = []
        for number in range(1, _ENDLESS):
            rows = _texts(self.get(url, {**params, "page": number})[key])
            if not rows:
                return found
            found += rows
        pytest.fail(f"{url} does not end")

    def address(self, route: Any, path: str, endpoint: Any) -> tuple[str, dict[str, Any]]:
        """Return the address of a list, and the parameters without which it refuses."""
        meta = route.targets[0].meta
        values = [self.value(meta, name) for name in route.names]
        for position, value in enumerate(values):
            path = path.replace(f"<at{position}>", str(value))
        below = path[2:] if path.startswith("/~") else f"/api/v2{path}"
        needed = {
            endpoint.takes[name]: self.value(meta, name)
            for name in endpoint.needs
            if name in endpoint.takes
        }
        return f"https://emulator.zendesk.com{below}", needed

    def value(self, meta: Any, name: str) -> Any:
        """Return a value for a placeholder: the id of the first row that it could name."""
        relation = meta.relations.get(name)
        label = relation.model._meta.label if relation else meta.label
        if name == "locale":
            return "en-us"
        held = self.emulator._store.execute(
            "SELECT parent FROM rows WHERE kind = ? AND parent IS NOT NULL", (meta.label,)
        )
        if held and name == meta.parent:
            return held[0][0]
        found = self.emulator._store.execute(
            "SELECT id FROM rows WHERE kind = ? AND state < ? ORDER BY id", (label, DELETED)
        )
        return found[0][0] if found else 1


def _texts(rows: list[Any]) -> list[str]:
    return [json.dumps(row, sort_keys=True) for row in rows]


LISTS = [
    (path, route, endpoint)
    for method, path, route in routes()
    for endpoint in route.targets[0].endpoints[:1]
    if method == "GET" and endpoint.verb.value == "list" and endpoint.key
    if route.targets[0].meta.known_by  # There are several of it.
]


@pytest.fixture(scope="module")
def reader(emulator) -> Reader:
    """Return a client of the emulator, which signs in once."""
    return Reader(emulator)


@pytest.mark.parametrize(("path", "route", "endpoint"), LISTS, ids=[each[0] for each in LISTS])
def test_a_list_ends_and_has_each_row_once(reader, path, route, endpoint):
    """By number, by link, by cursor and by counting, the same rows come, each once."""
    url, needed = reader.address(route, path, endpoint)
    if reader.session.get(url, params=needed).status_code in (400, 404, 422):
        pytest.skip("no row to list below")
    whole = reader.linked(url, endpoint.key, needed)

    assert len(whole) == len(set(whole))
    assert sorted(whole) == sorted(reader.linked(url, endpoint.key, {**needed, "per_page": 2}))
    assert sorted(whole) == sorted(reader.linked(url, endpoint.key, {**needed, "page[size]": 2}))
    assert sorted(whole) == sorted(reader.counted(url, endpoint.key, {**needed, "per_page": 2}))
