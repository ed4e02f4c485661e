"""Side-loads of declared relations: `include=users` adds the related rows to a page.

Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Target
from zendesk_orm.emulator.storage.sql import Where, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row


_FORM = "support.TicketForm"
#: The form `include=tickets(users,groups)`.
_WRAPPED = re.compile(r"(\w+)\(([^)]*)\)")
_NOT_DELETED = Where("state < ?", (DELETED,))


def render_sideloads(
    context: Context, request: Request, target: Target, texts: Iterable[str]
) -> str:
    """Return the requested side-loads as JSON text, to be appended to the rows.

    Names that the endpoint does not side-load are ignored, as by Zendesk.

    Args:
        context: the account.
        request: the request.
        target: the endpoint.
        texts: the JSON texts of the rows.
    """
    include = request.params.get("include", "")
    if not include:
        return ""
    wrapped = dict(_WRAPPED.findall(include))
    names = wrapped.get(target.meta.plural, "" if wrapped else include).split(",")
    supported = frozenset().union(*(endpoint.includes for endpoint in target.endpoints))
    rows = [json.loads(text) for text in texts]
    parts = []
    for name in dict.fromkeys(name.strip() for name in names):
        label, ids = _get_ids(target.meta, name, rows)
        relations = list(_find_relations(target.meta, name)) if name in supported else []
        if relations:
            label = relations[0].model._meta.label
            ids = {row.get(relation.id.wire) for row in rows for relation in relations} - {None}
        if label:
            related = context.store.select_texts(label, where_in("id", ids) & _NOT_DELETED)
            parts.append(f',"{name}":[{",".join(row[0] for row in related)}]')
    return "".join(parts)


def _get_ids(meta: Options, name: str, rows: Iterable[Row]) -> tuple[str, set[Any]]:
    """Return the label and the ids of the ticket fields of forms; "" for other names."""
    # Clients use `ticket_forms?include=ticket_fields`, which is undocumented.
    relation: Any = getattr(meta.model, name, None) if meta.label == _FORM else None
    if not isinstance(relation, RefList):
        return "", set()
    return relation.model._meta.label, {pk for row in rows for pk in row.get(relation.ids) or ()}


def _find_relations(meta: Options, plural: str) -> Iterator[Ref[object]]:
    """Yield the relations to the model that is side-loaded under a name."""
    for relation in meta.relations.values():
        if relation.model._meta.plural == plural:
            yield relation


def embed_translations(
    context: Context, request: Request, target: Target, texts: Iterable[str]
) -> list[str]:
    """Return rows with their translations, if `include=translations` requests them."""
    names = request.params.get("include", "").split(",")
    supported = any("translations" in endpoint.includes for endpoint in target.endpoints)
    if "translations" not in names or not supported:
        return list(texts)
    model: Any = target.meta.model
    label = model._translations._meta.label
    embedded = []
    for text in texts:
        row = json.loads(text)
        translations = context.store.select(label, Where("parent = ?", (row["id"],)) & _NOT_DELETED)
        embedded.append(dump_json({**row, "translations": translations}))
    return embedded
