"""Revisions of triggers, the newest first.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-revisions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.paging import link, number, whole_number
from zendesk_orm.emulator.sideloads import sideloaded
from zendesk_orm.emulator.store import Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Trigger


#: Revisions of one page.
MOST = 1000


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with revisions from the newest on, or from before a cursor on."""
    trigger = plain.stored(world, Trigger._meta, target.places[0]).id
    where = Where("parent = ?", (trigger,))
    if call.params.get("cursor"):
        where &= Where("id < ?", (number(call, "cursor"),))
    size = whole_number(call, "limit", MOST, most=MOST)
    found = world.store.texts(target.meta.label, where, "id DESC", most=size + 1)
    texts = [row[0] for row in found[:size]]
    before = str(found[size - 1][1]) if len(found) > size else None
    about = {
        "before_url": link(call, {"cursor": before}) if before else None,
        "before_cursor": before,
        "after_url": None,
        "after_cursor": None,
        "count": len(texts),
    }
    beside = sideloaded(world, call, target, texts)
    return Answer(text=f'{{"trigger_revisions":[{",".join(texts)}]{beside},{dumped(about)[1:]}')


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "triggers/{}/revisions", "support.TriggerRevision"): list_rows,
}
