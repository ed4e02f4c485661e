"""Search for users and organizations by external id, name or query.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#search-users
"""

from __future__ import annotations

from attrs import evolve

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import OFFSET_WALL
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target, is_number
from zendesk_orm.emulator.search import parser
from zendesk_orm.emulator.search.keywords import compile_query
from zendesk_orm.emulator.server.errors import invalid_attribute, missing_parameter
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.relations import where_field_in
from zendesk_orm.emulator.storage.sideloads import render_sideloads
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.emulator.storage.words import normalize_words
from zendesk_orm.support import Organization, User


@route("GET", "users/search", User)
def search_users(context: Context, request: Request, target: Target) -> Response:
    """Search users by external id, or by a query in the language of search."""
    where = Where()
    if "external_id" in request.params:
        where &= where_field_in(target.meta, "external_id", [request.params["external_id"]])
    if "query" in request.params:
        endpoints = tuple(endpoint for endpoint in target.meta.api if endpoint.verb is Verb.SEARCH)
        search_target = evolve(target, endpoints=endpoints)
        where &= compile_query(context, search_target, parser.parse(request.params["query"]))
    return _list(context, request, target, where)


@route("GET", "organizations/search", Organization)
def search_organizations(context: Context, request: Request, target: Target) -> Response:
    """Search organizations by external id or name.

    Raises:
        HTTPError: 400, if both or neither are given, or the external id is not supported.
    """
    names = [name for name in ("external_id", "name") if name in request.params]
    if len(names) > 1:
        raise invalid_attribute("name", "name cannot be combined with external_id")
    if not names:
        raise missing_parameter("external_id or name")
    value = request.params[names[0]]
    is_supported = is_number(value) or context.switches.string_external_ids
    if names == ["external_id"] and not is_supported:
        raise invalid_attribute("external_id", "external_id must be an integer")
    return _list(context, request, target, where_field_in(target.meta, names[0], [value]))


@route("GET", "organizations/autocomplete", Organization)
@route("GET", "users/autocomplete", User)
@route("POST", "users/autocomplete", User)
def autocomplete(context: Context, request: Request, target: Target) -> Response:
    """List the rows with a word in their name, or a telephone number, that starts with the text.

    Raises:
        HTTPError: 400, if no text is given.
    """
    phone = request.params.get("phone", "").strip()
    if phone and target.meta.label == User._meta.label:
        return _list(
            context, request, target, Where(f"instr({json_value('phone')}, ?) = 1", (phone,))
        )
    name = request.params.get("name") or request.body.get("name")
    if not name:
        raise missing_parameter("name")
    prefix = normalize_words(name).rstrip()
    where = Where(f"instr(normalize_words({json_value('name')}), ?) > 0", (prefix,))
    return _list(context, request, target, where)


def _list(context: Context, request: Request, target: Target, where: Where) -> Response:
    endpoint = Endpoint(
        Verb.LIST,
        target.endpoint.path,
        target.meta.plural,
        paging=OFFSET,
        max_rows=OFFSET_WALL,
        includes=frozenset({"organizations", "groups"}),
    )
    target = evolve(target, endpoints=(endpoint,))
    page = select_page(context, request, target, Where("state < ?", (DELETED,)) & where)
    sideloads = render_sideloads(context, request, target, page.texts)
    return Response(text=render_list(target, page.texts, sideloads, page.metadata))
