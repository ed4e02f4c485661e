"""Described side-loads, row by row, requested from the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.spec import FOLDER, needs_spec, read_sideloads
from tests.emulator.malformed import create_populated_emulator
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.router import Router


pytestmark = needs_spec

ROWS = read_sideloads() if FOLDER.is_dir() else {}
#: Names that are not side-loads, or whose rows do not exist, with the reason.
LEFT_OUT = {
    ("activities", "fields_metadata"): "its form is not described",
    ("incremental/ticket_events", "comment_events"): "the comments are part of the events",
    ("help_center/users/{}/subscriptions", "questions"): "questions are no longer part of Zendesk",
    ("help_center/votes/{}", "comments"): "a vote leads to comments of two kinds",
}
#: The key in each row, for side-loads inside rows that have another name.
INSIDE = {"metric_sets": "metric_set", "incident_counts": "incident_count"}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Return an emulator with rows of every model."""
    with create_populated_emulator() as emulator:
        (article,) = emulator._store.execute(
            "SELECT id FROM rows WHERE kind = 'help_center.Article'"
        )[0]
        home = "https://emulator.zendesk.com/api/v2/help_center"
        emulator.session().post(f"{home}/articles/{article}/up", json={})
        yield emulator


NAMED = [
    (path, name)
    for path, names in ROWS.items()
    for name in sorted(names)
    if name != "(unlisted)" and (path, name) not in LEFT_OUT
]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_described_side_loads_are_returned(emulator, path, name):
    """Each name returns an array next to the rows, or a value in each row."""
    url, meta, params = _fill_path(emulator, path)
    response = emulator.session().get(url, params={"include": name, **params})
    assert response.status_code == 200, response.text
    body = response.json()
    rows = body.get(meta.singular) or body.get(meta.plural) or []
    rows = rows if isinstance(rows, list) else [rows]

    assert name in body or (rows and all(INSIDE.get(name, name) in row for row in rows))


def _fill_path(emulator: Emulator, path: str) -> tuple[str, Any, dict[str, str]]:
    """Return the path with ids of rows for its placeholders, and its required parameters."""
    route = Router().routes["GET", path]
    meta = route.targets[0].meta
    parents = _find_parents(emulator, meta)
    ids: list[Any] = []
    for name in route.names:
        relation = meta.relations.get(name)
        label = relation.model._meta.label if relation else meta.label
        result = emulator._store.execute(
            "SELECT id, json_extract(doc, '$.locale') FROM rows WHERE kind = ? ORDER BY id",
            (label,),
        )
        pk, locale = result[0] if result else (1, None)
        ids.append((locale or "en-us") if name == "locale" else parents.get(name, pk))
    for pk in ids:
        path = path.replace("{}", str(pk), 1)
    sql = "SELECT id, json_extract(doc, '$.title') FROM rows WHERE kind = ? ORDER BY id"
    rows = emulator._store.execute(sql, (meta.label,))
    pk, title = rows[0] if rows else (1, "")
    demanded = {"search": {"query": str(title)}, "show_many": {"ids": str(pk)}}
    params = demanded.get(path.rpartition("/")[2], {})
    return f"https://emulator.zendesk.com/api/v2/{path}", meta, params


def _find_parents(emulator: Emulator, meta: Any) -> dict[str, Any]:
    """Return the id of the parent of a model's first row; empty without a parent."""
    sql = "SELECT parent FROM rows WHERE kind = ? AND parent IS NOT NULL ORDER BY id"
    rows = emulator._store.execute(sql, (meta.label,))
    return {meta.parent: rows[0][0]} if meta.parent and rows else {}
