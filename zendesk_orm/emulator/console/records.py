"""The pages of the records: all models, the rows of a model, and one row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from attrs import frozen
from markupsafe import Markup

from zendesk_orm.emulator.console.html import Child, element
from zendesk_orm.emulator.console.layout import (
    build_card,
    build_empty,
    build_page,
    build_table,
    build_trail,
    build_url,
)
from zendesk_orm.emulator.console.requests import build_facts
from zendesk_orm.emulator.console.values import LONG, build_json, build_value
from zendesk_orm.emulator.control.controls import Controls
from zendesk_orm.emulator.messages import parse_id
from zendesk_orm.emulator.server.request_log import conceal
from zendesk_orm.emulator.storage.generating_store import GeneratingStore
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import ARCHIVED, DELETED
from zendesk_orm.errors import FieldError
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options


PAGE_SIZE = 50
#: Keys that are shown in tables, if the rows have them, and how many.
_COLUMNS = (
    *("subject", "title", "name", "display_name", "label", "agent_label", "key", "type", "body"),
    *("value", "email", "role", "status", "state", "score", "priority", "active", "locale"),
    *("ticket_id", "author_id", "user_id", "requester_id", "group_id", "assignee_id"),
    *("organization_id", "section_id", "tags", "created_at", "updated_at"),
)
_MAX_COLUMNS = 7
_STATES = {ARCHIVED: "archived", DELETED: "deleted"}


def count_rows(emulator: Controls) -> dict[str, int]:
    """Return the number of rows of each model, with archived and deleted ones, by label.

    SQLite counts them in an index, so that the API does not wait for it.
    """
    store = emulator._store
    with store.lock:
        counts = dict(store.execute("SELECT kind, count(*) FROM rows GROUP BY kind"))
        for kind, rows in store.generated.items():
            counts[kind] = counts.get(kind, 0) + rows.count
    return {kind: counts[kind] for kind in sorted(counts)}


def build_records(emulator: Controls) -> str:
    """Return the page of all models that have rows."""
    counts = count_rows(emulator)
    cards = []
    for product, kinds in groupby(counts, key=lambda kind: str(kind).partition(".")[0]):
        items = [
            element(
                "li",
                element("a", kind.partition(".")[2], href=build_url("records", kind)),
                element("span", f"{counts[kind]:,}", class_="count"),
            )
            for kind in kinds
        ]
        title = product.replace("_", " ").title()
        cards.append(build_card(title, element("ul", items, class_="models"), name=product))
    lead = f"{sum(counts.values()):,} rows of {len(counts)} models, with archived and deleted ones."
    return build_page(
        "Records", "Records", element("h1", "Records"), element("p", lead, class_="lead"), cards
    )


@frozen
class _Page:
    """Some rows of a model, those with the highest ids first.

    Attributes:
        rows: id, row and state of each.
        has_newer, has_older: whether rows precede or follow.
    """

    rows: Sequence[tuple[Any, dict[str, Any], int]]
    has_newer: bool
    has_older: bool


def build_rows(
    emulator: Controls, kind: str, *, before: str | None, after: str | None, parent: str | None
) -> str:
    """Return the page of some rows of a model.

    Args:
        emulator: the emulator.
        kind: the label of the model.
        before: the id that the ids are below, or None.
        after: the id that the ids are above, or None.
        parent: the id of the row that they belong to, or None.
    """
    page = _select(emulator._store, kind, before, after, parent)
    meta = find_meta(kind)
    keys = [key for key in _COLUMNS if any(key in row for _, row, _ in page.rows)][:_MAX_COLUMNS]
    rows = [
        element(
            "tr",
            element("td", element("a", pk, href=build_url("records", kind, pk)), _badge(state)),
            [element("td", build_value(meta, key, conceal(row).get(key))) for key in keys],
        )
        for pk, row, state in page.rows
    ]
    title = kind.partition(".")[2]
    return build_page(
        title,
        "Records",
        build_trail(("Records", build_url("records"))),
        element("h1", title, element("small", f" of {parent}") if parent else None),
        _build_search(kind),
        build_table(f"Rows of {title}", ["id", *keys], rows) if rows else build_empty("No rows."),
        _build_pager(kind, page, parent),
    )


def build_row(emulator: Controls, kind: str, pk: str) -> str | None:
    """Return the page of a row, or None if it does not exist."""
    store = emulator._store
    with store.lock:
        texts = store.select_texts(kind, Where("id = ?", (parse_id(pk),)), extra="state", limit=1)
        sql = "SELECT kind, count(*) FROM rows WHERE parent = ? GROUP BY kind"
        children = store.execute(sql, (parse_id(pk),))
    if not texts:
        return None
    meta, row, state = find_meta(kind), conceal(json.loads(texts[0][0])), texts[0][2]
    facts = [(key, build_value(meta, key, value, LONG)) for key, value in row.items()]
    links = [
        element(
            "li",
            element("a", child.partition(".")[2], href=build_url("records", child, parent=pk)),
            element("span", f"{number:,}", class_="count"),
        )
        for child, number in children
    ]
    title = f"{kind.partition('.')[2]} {pk}"
    return build_page(
        title,
        "Records",
        build_trail(("Records", build_url("records")), (kind, build_url("records", kind))),
        element("h1", title, _badge(state)),
        build_card("Related rows", element("ul", links, class_="models")) if links else None,
        build_card("Values", build_facts(facts)),
        element("details", element("summary", "JSON"), build_json(row), class_="card"),
    )


def find_meta(kind: str) -> Options | None:
    """Return the options of a model by its label, or None if it does not exist."""
    product, _, name = kind.partition(".")
    try:
        return registry.find(name, product)._meta
    except FieldError:
        return None


def _select(
    store: GeneratingStore, kind: str, before: str | None, after: str | None, parent: str | None
) -> _Page:
    """Return a page of rows. Pages start at ids, so that distant ones take no longer."""
    where, order = Where("1"), "id DESC"
    if before is not None:
        where &= Where("id < ?", (parse_id(before),))
    elif after is not None:
        where, order = where & Where("id > ?", (parse_id(after),)), "id ASC"
    if parent is not None:
        where &= Where("parent = ?", (parse_id(parent),))
    with store.lock:
        texts = store.select_texts(kind, where, order, limit=PAGE_SIZE + 1, extra="state")
    has_more = len(texts) > PAGE_SIZE
    rows = [(pk, json.loads(text), state) for text, pk, state in texts[:PAGE_SIZE]]
    if order == "id ASC":
        return _Page(rows[::-1], has_newer=has_more, has_older=bool(rows))
    return _Page(rows, has_newer=before is not None, has_older=has_more)


def _badge(state: int) -> Markup | None:
    return element("small", _STATES[state], class_="badge") if state in _STATES else None


def _build_search(kind: str) -> Markup:
    """Return a form that opens the row with an id."""
    return element(
        "form",
        element("label", "Open id ", element("input", name="id", size="16", required=True)),
        element("button", "Open"),
        action=build_url("records", kind),
        method="get",
        class_="tools",
    )


def _build_pager(kind: str, page: _Page, parent: str | None) -> Child:
    if not page.has_newer and not page.has_older:
        return None
    links = []
    if page.has_newer:
        first = page.rows[0][0] if page.rows else None
        links += [
            element("a", "First page", href=build_url("records", kind, parent=parent)),
            element(
                "a", "Previous page", href=build_url("records", kind, after=first, parent=parent)
            ),
        ]
    if page.has_older and page.rows:
        last = page.rows[-1][0]
        url = build_url("records", kind, before=last, parent=parent)
        links.append(element("a", "Next page", href=url))
    return element("nav", links, class_="pager", aria_label="Pages of rows")
