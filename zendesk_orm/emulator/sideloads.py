"""`include=`: the related rows that come along with a page.

Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import Call, Target, World
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row


_FORM = "support.TicketForm"
_WRAPPED = re.compile(r"(\w+)\(([^)]*)\)")


def sideloaded(world: World, call: Call, target: Target, texts: Iterable[str]) -> str:
    """Return the side-loads that the call asks for as text to put behind the rows.

    What the endpoint does not side-load is ignored, as Zendesk does.
    """
    asked = call.params.get("include", "")
    if not asked:
        return ""
    wrapped = dict(_WRAPPED.findall(asked))
    names = wrapped.get(target.meta.plural, "" if wrapped else asked).split(",")
    can = frozenset().union(*(endpoint.includes for endpoint in target.endpoints))
    rows = [json.loads(text) for text in texts]
    parts = []
    for name in dict.fromkeys(name.strip() for name in names):
        label, ids = _listed(target.meta, name, rows)
        relations = list(_relations(target.meta, name)) if name in can else []
        if relations:
            label = relations[0].model._meta.label
            ids = {row.get(relation.id.wire) for row in rows for relation in relations} - {None}
        if not label:
            continue
        where = Where(f"id IN ({', '.join('?' * len(ids))}) AND state < ?", (*ids, DELETED))
        found = world.store.texts(label, where)
        parts.append(f',"{name}":[{",".join(row[0] for row in found)}]')
    return "".join(parts)


def _listed(meta: Options, name: str, rows: Iterable[Row]) -> tuple[str, set[Any]]:
    """Return the model of the rows that a list of ids names, and the ids: the fields of forms."""
    # Known from clients: `ticket_forms?include=ticket_fields`.
    many: Any = getattr(meta.model, name, None) if meta.label == _FORM else None
    if not isinstance(many, RefList):
        return "", set()
    return many.model._meta.label, {pk for row in rows for pk in row.get(many.ids) or ()}


def embedded(world: World, call: Call, target: Target, texts: Iterable[str]) -> list[str]:
    """Return rows with the translations in them, if the call asks for those."""
    names = call.params.get("include", "").split(",")
    can = any("translations" in endpoint.includes for endpoint in target.endpoints)
    if "translations" not in names or not can:
        return list(texts)
    model: Any = target.meta.model
    label = model._translations._meta.label
    found = []
    for text in texts:
        row = json.loads(text)
        where = Where("parent = ? AND state < ?", (row["id"], DELETED))
        found.append(dumped({**row, "translations": list(world.store.docs(label, where))}))
    return found


def _relations(meta: Options, plural: str) -> Iterator[Ref[object]]:
    """Yield the relations to the model that is side-loaded under that name."""
    for relation in meta.relations.values():
        if relation.model._meta.plural == plural:
            yield relation
