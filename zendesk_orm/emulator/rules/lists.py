"""Lists of rules, with their filters.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-macros
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.server.errors import invalid_attribute, missing_parameter
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.sideloads import render_sideloads
from zendesk_orm.emulator.storage.sql import Where, json_value, where_contains, where_equal
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import Automation, Macro, Trigger, View


#: Views in the compact list.
MAX_COMPACT = 32

_TITLE = f"lower({json_value('title')})"
_RESTRICTION = json_value("restriction.type")


@route("GET", "automations", Automation)
@route("GET", "macros", Macro)
@route("GET", "triggers", Trigger)
@route("GET", "views", View)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List rules."""
    return select_rules(context, request, target)


@route("GET", "automations/active", Automation)
@route("GET", "macros/active", Macro)
@route("GET", "triggers/active", Trigger)
@route("GET", "views/active", View)
def list_active(context: Context, request: Request, target: Target) -> Response:
    """List active rules."""
    return select_rules(context, request, target, where_active("true"))


@route("GET", "automations/search", Automation)
@route("GET", "macros/search", Macro)
@route("GET", "triggers/search", Trigger)
@route("GET", "views/search", View)
def search(context: Context, request: Request, target: Target) -> Response:
    """List rules whose title contains the query.

    Raises:
        HTTPError: 400, if neither query nor filter are given.
    """
    if not request.params.get("query") and not request.params.get("filter"):
        raise missing_parameter("query")
    return select_rules(context, request, target)


@route("GET", "views/compact", View)
def list_compact(context: Context, request: Request, target: Target) -> Response:
    """List the first active views, in the order of their positions."""
    where = Where("state < ?", (DELETED,)) & where_active("true")
    order = f"{json_value('position')}, id"
    rows = context.store.select_texts(target.meta.label, where, order, limit=MAX_COMPACT)
    texts = ",".join(text for text, *_ in rows)
    metadata = {"next_page": None, "previous_page": None, "count": len(rows)}
    return Response(text=f'{{"views":[{texts}],{dump_json(metadata)[1:]}')


def select_rules(
    context: Context, request: Request, target: Target, where: Where | None = None
) -> Response:
    """Return a page of the rules that match a condition and the parameters of a request."""
    where = _build_filter(request) & (where or Where())
    page = select_page(context, request, target, where)
    sideloads = render_sideloads(context, request, target, page.texts)
    return Response(text=render_list(target, page.texts, sideloads, page.metadata))


def _build_filter(request: Request) -> Where:
    """Return the condition of the parameters of a request."""
    where = Where("state < ?", (DELETED,))
    for name, build_condition in _FILTERS.items():
        if request.params.get(name):
            where &= build_condition(request.params[name])
    return where


def where_active(text: str) -> Where:
    """Return the condition for active rules, or for inactive ones."""
    return where_equal("active", int(text == "true"))


def _where_attributes(text: str) -> Where:
    """Return the condition of a JSON object of attributes: `{"json": {"description": "x"}}`.

    Unconfirmed: attributes are compared without case.

    Raises:
        HTTPError: 400, if it is not such an object.
    """
    try:
        attributes = json.loads(text)["json"].items()
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        raise invalid_attribute("filter", "filter must be a JSON object") from None
    where = Where()
    for name, value in attributes:
        if not name.isidentifier() or isinstance(value, (dict, list)):
            raise invalid_attribute("filter", "filter must contain attributes of triggers")
        sql = f"lower(ifnull({json_value(name)}, '')) = ?"
        compared = int(value) if isinstance(value, bool) else value
        where &= Where(sql, ("" if value is None else str(compared).lower(),))
    return where


def _where_access(access: str) -> Where:
    """Return the condition for rules that are available to one user, to groups, or to all."""
    personal = Where(f"{_RESTRICTION} = 'User'")
    if access in {"personal", "agents"}:
        return personal
    return Where(f"{_RESTRICTION} IS NULL") if access == "account" else ~personal


def _where_group(text: str) -> Where:
    """Return the condition for rules that are restricted to a group, alone or among others."""
    group = parse_id(text)
    restricted = Where(f"{_RESTRICTION} = 'Group'") & where_equal("restriction.id", group)
    return restricted | where_contains("restriction.ids", group)


_FILTERS: Mapping[str, Callable[[str], Where]] = {
    "active": where_active,
    "access": _where_access,
    "group_id": _where_group,
    "category": lambda text: Where(f"{_TITLE} LIKE ?", (f"{text.lower()}::%",)),
    "category_id": lambda text: where_equal("category_id", text),
    "filter": _where_attributes,
    "query": lambda text: Where(f"instr({_TITLE}, ?)", (text.lower(),)),
}
