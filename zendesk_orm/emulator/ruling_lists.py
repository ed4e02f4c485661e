"""Lists of rules: all, active ones, those whose title holds some words, those of a group.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-macros
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import missing_parameter
from zendesk_orm.emulator.sideloads import sideloaded
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, number_or_word


#: Views that an agent sees at first.
COMPACT = 32

_TITLE = f"lower({value_of('title')})"
_RESTRICTED = "json_extract(doc, '$.restriction.type')"


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of rules."""
    return _answer(world, call, target, _asked(call))


def active(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of active rules."""
    return _answer(world, call, target, _asked(call) & _active("true"))


def search(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of rules whose title holds the words that are looked for.

    Raises:
        Refusal: nothing is looked for.
    """
    if not call.params.get("query") and not call.params.get("filter"):
        raise missing_parameter("query")
    return _answer(world, call, target, _asked(call))


def compact(world: World, call: Call, target: Target) -> Answer:
    """Answer with the first views, in their order."""
    where = Where("state < ?", (DELETED,)) & _active("true")
    order = f"{value_of('position')}, id"
    texts = [row[0] for row in world.store.texts(target.meta.label, where, order, most=COMPACT)]
    about = {"next_page": None, "previous_page": None, "count": len(texts)}
    return Answer(text=f'{{"views":[{",".join(texts)}],{dumped(about)[1:]}')


def _answer(world: World, call: Call, target: Target, where: Where) -> Answer:
    found = page(world, call, target, where)
    beside = sideloaded(world, call, target, found.texts)
    return Answer(text=listing(target, found.texts, beside, found.about))


def _asked(call: Call) -> Where:
    where = Where("state < ?", (DELETED,))
    for name, condition in _PARAMETERS.items():
        if call.params.get(name):
            where &= condition(call.params[name])
    return where


def _active(text: str) -> Where:
    return Where(f"{value_of('active')} = ?", (int(text == "true"),))


def _access(text: str) -> Where:
    """Compare who may use a rule: one user, some groups, or all."""
    personal = Where(f"{_RESTRICTED} = 'User'")
    if text in {"personal", "agents"}:
        return personal
    return Where(f"{_RESTRICTED} IS NULL") if text == "account" else ~personal


def _group(text: str) -> Where:
    one = f"{_RESTRICTED} = 'Group' AND json_extract(doc, '$.restriction.id') = ?"
    several = "EXISTS (SELECT 1 FROM json_each(doc, '$.restriction.ids') WHERE value = ?)"
    value = number_or_word(text)
    return Where(one, (value,)) | Where(several, (value,))


_PARAMETERS: Mapping[str, Callable[[str], Where]] = {
    "active": _active,
    "access": _access,
    "group_id": _group,
    "category": lambda text: Where(f"{_TITLE} LIKE ?", (f"{text.lower()}::%",)),
    "category_id": lambda text: Where(f"{value_of('category_id')} = ?", (text,)),
    "query": lambda text: Where(f"instr({_TITLE}, ?)", (text.lower(),)),
}

ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Any]] = {
    **{
        ("GET", f"{path}{more}", label): handler
        for path, label in (
            ("automations", "support.Automation"),
            ("macros", "support.Macro"),
            ("triggers", "support.Trigger"),
            ("views", "support.View"),
        )
        for more, handler in (("", list_rows), ("/active", active), ("/search", search))
    },
    ("GET", "views/compact", "support.View"): compact,
}
