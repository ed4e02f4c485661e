"""Side-loads that no relation of a model declares, such as `include=comment_count`.

They are added to the response of any handler. Names that a list does not side-load are ignored,
as recorded.

Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/
and the parameters and descriptions of Zendesk's OpenAPI files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.people import identities
from zendesk_orm.emulator.people.group_memberships import MEMBERSHIPS
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal, where_in
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.emulator.tickets import metric_events, ticket_metrics
from zendesk_orm.emulator.tickets.history import load_histories
from zendesk_orm.schema.options import Options


Rows = list[dict[str, Any]]
#: Returns the rows that are related to others.
SelectRows = Callable[[Context, Rows], Rows]
#: Returns further keys of a row.
BuildKeys = Callable[[Context, dict[str, Any]], dict[str, Any]]

#: Side-loads that lists of tickets lack.
_OF_SINGLE_TICKETS = frozenset({"metric_events", "slas"})
_WRAPPED = re.compile(r"\w+\([^)]*\)")
_NOT_DELETED = Where("state < ?", (DELETED,))


def add_sideloads(
    context: Context, request: Request, target: Target, response: Response
) -> Response:
    """Return a response with the requested side-loads that it lacks."""
    include = request.params.get("include", "")
    if not include or _WRAPPED.search(include) or response.status >= 300 or not response.text:
        return response
    body = json.loads(response.text)
    rows, is_list = _get_rows(target, body)
    names = [name.strip() for name in include.split(",")]
    lists, keys = LISTS.get(target.meta.label, {}), KEYS.get(target.meta.label, {})
    if is_list:
        names = [name for name in names if name not in _OF_SINGLE_TICKETS]
    added: dict[str, Any] = {}
    for name in names:
        if name in lists and name not in body:
            added[name] = lists[name](context, rows)
        if name in keys:
            for row in rows:
                row.update(keys[name](context, row))
    if not added and not keys.keys() & set(names):
        return response
    return evolve(response, text=dump_json({**body, **added}))


def list_names(meta: Options) -> set[str]:
    """Return the names of the side-loads of a model that no relation declares."""
    forms = {"ticket_fields"} if meta.label == "support.TicketForm" else set()
    return {*LISTS.get(meta.label, ()), *KEYS.get(meta.label, ()), *forms}


def _get_rows(target: Target, body: Any) -> tuple[Rows, bool]:
    """Return the rows of a response, and whether it contains a list or a single row."""
    if not isinstance(body, dict):
        return [], True
    rows = body.get(target.endpoint.key or target.meta.singular, body.get(target.meta.singular))
    if isinstance(rows, list):
        return rows, True
    return [rows] if isinstance(rows, dict) else [], False


# -- related rows ------------------------------------------------------------


def _by_ids(kind: str, *wires: str) -> SelectRows:
    """Return a function that selects the rows of a model whose ids are in some fields."""

    def select(context: Context, rows: Rows) -> Rows:
        values = [row.get(wire) for row in rows for wire in wires]
        lists = [value if isinstance(value, list) else [value] for value in values]
        ids = dict.fromkeys(pk for several in lists for pk in several if pk is not None)
        return context.store.select(kind, where_in("id", ids) & _NOT_DELETED)

    return select


def _select_creators(context: Context, rows: Rows) -> Rows:
    """Return the creators of ticket fields, which responses contain on request alone."""
    where = where_in("id", [row["id"] for row in rows])
    fields = context.store.select("support.TicketField", where)
    return _by_ids(_USER, "creator_user_id")(context, fields)


def _by_reference(kind: str, wire: str) -> SelectRows:
    """Return a function that selects the rows of a model that point to the rows in a field."""

    def select(context: Context, rows: Rows) -> Rows:
        where = where_in(json_value(wire), [row["id"] for row in rows])
        return context.store.select(kind, where & _NOT_DELETED)

    return select


def _through_groups(kind: str, source: str, target: str) -> SelectRows:
    """Return a function that selects rows through group memberships.

    Args:
        kind: the label of the related rows.
        source: the field of memberships that points to the rows.
        target: the field of memberships that points to the related rows.
    """
    through = "support.GroupMembership"

    def select(context: Context, rows: Rows) -> Rows:
        MEMBERSHIPS.materialize(context)
        return _by_ids(kind, target)(context, _by_reference(through, source)(context, rows))

    return select


def _select_last_audits(context: Context, rows: Rows) -> Rows:
    audits = []
    for row in rows:
        audits += context.store.select("support.Audit", Where("parent = ?", (row["id"],)))[-1:]
    return audits


def _select_identities(context: Context, rows: Rows) -> Rows:
    return [identity for row in rows for identity in identities.select(context, row["id"])]


def _select_categories(context: Context, rows: Rows) -> Rows:
    sections = _by_ids("help_center.Section", "section_id")(context, rows)
    return _by_ids("help_center.Category", "category_id")(context, [*sections, *rows])


def _translations_by_id(wire: str) -> SelectRows:
    """Return a function that selects the translations of articles and sections by a field."""

    def select(context: Context, rows: Rows) -> Rows:
        where = where_in(json_value("source_id"), [row.get(wire) for row in rows]) & _NOT_DELETED
        kinds = (f"{_ARTICLE}Translation", f"{_SECTION}Translation")
        return [row for kind in kinds for row in context.store.select(kind, where)]

    return select


# -- further keys of a row ---------------------------------------------------


def _count_comments(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    where = Where("parent = ?", (row["id"],))
    return {"comment_count": context.store.count("support.Comment", where)}


def _count_incidents(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    where = where_equal("problem_id", row["id"]) & _NOT_DELETED
    return {"incident_count": context.store.count("support.Ticket", where)}


def _get_metric_set(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    return {"metric_set": next(iter(ticket_metrics.build_rows(context, [row])))}


def _get_dates(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    metrics = _get_metric_set(context, row)["metric_set"]
    wires = (
        "assignee_updated_at", "requester_updated_at", "status_updated_at",
        "initially_assigned_at", "assigned_at", "solved_at", "latest_comment_added_at",
    )  # fmt: skip
    return {"dates": {wire: metrics[wire] for wire in wires}}


def _count_open_tickets(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    where = where_equal("requester_id", row["id"]) & _NOT_DELETED
    where &= ~where_in(json_value("status"), ("solved", "closed"))
    return {"open_ticket_count": context.store.count("support.Ticket", where)}


def _embed_translations(kind: str) -> BuildKeys:
    """Return a function that returns the translations of a row."""

    def build(context: Context, row: dict[str, Any]) -> dict[str, Any]:
        where = Where("parent = ?", (row["id"],)) & _NOT_DELETED
        return {"translations": context.store.select(kind, where)}

    return build


def _constant(**values: Any) -> BuildKeys:
    """Return a function that returns the same keys for each row."""

    def build(context: Context, row: dict[str, Any]) -> dict[str, Any]:
        return values

    return build


def _get_slas(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    (history,) = load_histories(context, [row])
    return {"slas": metric_events.build_slas(context, history)}


def _get_metric_events(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    """Return the metric events of a ticket by metric. The form is unconfirmed."""
    events: dict[str, list[dict[str, Any]]] = {}
    for event in metric_events.build_rows(context, load_histories(context, [row])):
        events.setdefault(event["metric"], []).append(event)
    return {"metric_events": events}


_USER, _GROUP, _ORGANIZATION = "support.User", "support.Group", "support.Organization"
_ARTICLE, _SECTION, _POST = "help_center.Article", "help_center.Section", "help_center.Post"

_SUBSCRIPTIONS = (
    "help_center.ArticleSubscription",
    "help_center.PostSubscription",
    "help_center.SectionSubscription",
    "help_center.Subscription",
    "help_center.TopicSubscription",
)
_SUBSCRIPTION: Mapping[str, SelectRows] = {
    "users": _by_ids(_USER, "user_id"),
    "articles": _by_ids(_ARTICLE, "content_id"),
    "sections": _by_ids(_SECTION, "content_id"),
    "posts": _by_ids(_POST, "content_id"),
    "topics": _by_ids("help_center.Topic", "content_id"),
    "translations": _translations_by_id("content_id"),
}

#: Functions that return related rows, by label and name.
LISTS: Mapping[str, Mapping[str, SelectRows]] = {
    "help_center.Article": {
        "users": _by_ids(_USER, "author_id"),
        "sections": _by_ids(_SECTION, "section_id"),
        "categories": _select_categories,
    },
    "help_center.Section": {"categories": _select_categories},
    "help_center.ArticleComment": {
        "users": _by_ids(_USER, "author_id"),
        "articles": _by_ids(_ARTICLE, "source_id"),
    },
    "help_center.Post": {
        "users": _by_ids(_USER, "author_id"),
        "topics": _by_ids("help_center.Topic", "topic_id"),
    },
    "help_center.PostComment": {
        "users": _by_ids(_USER, "author_id"),
        "posts": _by_ids(_POST, "post_id"),
    },
    **dict.fromkeys(_SUBSCRIPTIONS, _SUBSCRIPTION),
    "help_center.UserSubscription": {"users": _by_ids(_USER, "follower_id", "followed_id")},
    "help_center.Vote": {
        "users": _by_ids(_USER, "user_id"),
        "articles": _by_ids(_ARTICLE, "item_id"),
        "posts": _by_ids(_POST, "item_id"),
        "translations": _translations_by_id("item_id"),
    },
    "support.Audit": {
        "users": _by_ids(_USER, "author_id"),
        "tickets": _by_ids("support.Ticket", "ticket_id"),
    },
    "support.Comment": {"users": _by_ids(_USER, "author_id")},
    "support.Group": {"users": _through_groups(_USER, "group_id", "user_id")},
    "support.GroupMembership": {
        "users": _by_ids(_USER, "user_id"),
        "groups": _by_ids(_GROUP, "group_id"),
    },
    "support.OrganizationMembership": {
        "users": _by_ids(_USER, "user_id"),
        "organizations": _by_ids(_ORGANIZATION, "organization_id"),
    },
    "support.Request": {
        "users": _by_ids(_USER, "requester_id", "assignee_id", "collaborator_ids", "email_cc_ids"),
        "groups": _by_ids(_GROUP, "group_id"),
        "organizations": _by_ids(_ORGANIZATION, "organization_id"),
    },
    "support.RoutingAttribute": {
        "attribute_values": _by_reference("support.RoutingAttributeValue", "attribute_id"),
    },
    "support.Ticket": {
        "users": _by_ids(
            _USER, "requester_id", "submitter_id", "assignee_id", "collaborator_ids",
            "follower_ids", "email_cc_ids",
        ),
        "groups": _by_ids(_GROUP, "group_id"),
        "organizations": _by_ids(_ORGANIZATION, "organization_id"),
        "brands": _by_ids("support.Brand", "brand_id"),
        "custom_statuses": _by_ids("support.CustomStatus", "custom_status_id"),
        "sharing_agreements": _by_ids("support.SharingAgreement", "sharing_agreement_ids"),
        "ticket_forms": _by_ids("support.TicketForm", "ticket_form_id"),
        "last_audits": _select_last_audits,
    },
    "support.TicketField": {"users": _select_creators},
    "support.TicketForm": {"ticket_fields": _by_ids("support.TicketField", "ticket_field_ids")},
    "support.TriggerRevision": {"users": _by_ids(_USER, "author_id")},
    "support.User": {
        "organizations": _by_ids(_ORGANIZATION, "organization_id"),
        "groups": _through_groups(_GROUP, "user_id", "group_id"),
        "roles": _by_ids("support.CustomRole", "custom_role_id"),
        "identities": _select_identities,
    },
}  # fmt: skip

_RULE: Mapping[str, BuildKeys] = {
    "app_installation": _constant(app_installation=None),
    "permissions": _constant(permissions={"can_delete": True, "can_edit": True}),
    **{name: _constant(**{name: 0}) for name in ("usage_1h", "usage_24h", "usage_7d", "usage_30d")},
}
#: Functions that return further keys of a row, by label and name.
KEYS: Mapping[str, Mapping[str, BuildKeys]] = {
    **{f"support.{name}": _RULE for name in ("Automation", "Macro", "ObjectTrigger", "Trigger")},
    "support.View": {name: _RULE[name] for name in ("app_installation", "permissions")},
    **{
        f"help_center.{name}": {
            "translations": _embed_translations(f"help_center.{name}Translation")
        }
        for name in ("Article", "Category", "Section")
    },
    "support.Organization": {
        "lookup_relationship_fields": _constant(lookup_relationship_fields={}),
    },
    "support.Ticket": {
        "comment_count": _count_comments,
        "dates": _get_dates,
        "incident_counts": _count_incidents,
        "metric_events": _get_metric_events,
        "metric_sets": _get_metric_set,
        "slas": _get_slas,
    },
    "support.User": {
        "abilities": _constant(abilities={"can_edit": True, "can_delete": True}),
        "open_ticket_count": _count_open_tickets,
    },
}
