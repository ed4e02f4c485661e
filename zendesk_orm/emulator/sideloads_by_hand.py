"""Side-loads that no relation of a model declares: `include=comment_count`.

They are added to the response of any handler, whatever put the rows into it. Names that a list
does not side-load are ignored, as recorded.

Source: https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/side_loading/
and the parameters and descriptions of Zendesk's OpenAPI files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.emulator import measures_metrics
from zendesk_orm.emulator.reads import among
from zendesk_orm.emulator.store import DELETED, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World


Rows = list[dict[str, Any]]
#: Returns the rows that stand beside others.
Beside = Callable[[World, Rows], Rows]
#: Returns what each row has of its own.
Inside = Callable[[World, dict[str, Any]], dict[str, Any]]

_WRAPPED = re.compile(r"\w+\([^)]*\)")


def add_sideloads(world: World, call: Call, target: Target, answer: Answer) -> Answer:
    """Return the answer with the side-loads that the call asks for and that it lacks."""
    asked = call.params.get("include", "")
    if not asked or _WRAPPED.search(asked) or answer.status >= 300 or not answer.text:
        return answer
    body = json.loads(answer.text)
    rows = _rows(target, body)
    names = [name.strip() for name in asked.split(",")]
    beside, inside = BESIDE.get(target.meta.label, {}), INSIDE.get(target.meta.label, {})
    added: dict[str, Any] = {}
    for name in names:
        if name in beside and name not in body:
            added[name] = beside[name](world, rows)
        if name in inside:
            for row in rows:
                row.update(inside[name](world, row))
    if not added and not inside.keys() & set(names):
        return answer
    return evolve(answer, text=dumped({**body, **added}))


def _rows(target: Target, body: Any) -> Rows:
    """Return the rows of a response: those of a list, or the one that is shown."""
    if not isinstance(body, dict):
        return []
    found = body.get(target.endpoint.key or target.meta.singular, body.get(target.meta.singular))
    return found if isinstance(found, list) else [found] if isinstance(found, dict) else []


# -- rows beside -------------------------------------------------------------


def _of(kind: str, *wires: str) -> Beside:
    """Return the rows of a model whose ids some fields hold, one or many each."""

    def beside(world: World, rows: Rows) -> Rows:
        held = [row.get(wire) for row in rows for wire in wires]
        lists = [each if isinstance(each, list) else [each] for each in held]
        ids = dict.fromkeys(pk for several in lists for pk in several if pk is not None)
        return world.store.docs(kind, among("id", ids) & Where("state < ?", (DELETED,)))

    return beside


def _below(kind: str, wire: str) -> Beside:
    """Return the rows of a model of which a field names one of the rows."""

    def beside(world: World, rows: Rows) -> Rows:
        named = among(value_of(wire), [row["id"] for row in rows])
        return world.store.docs(kind, named & Where("state < ?", (DELETED,)))

    return beside


def _through(kind: str, held: str, joined: str, wire: str) -> Beside:
    """Return the rows that a third model joins the rows to: groups of users by memberships."""

    def beside(world: World, rows: Rows) -> Rows:
        joins = _below(joined, held)(world, rows)
        return _of(kind, wire)(world, joins)

    return beside


def _last_audits(world: World, rows: Rows) -> Rows:
    last = []
    for row in rows:
        where = Where("parent = ?", (row["id"],))
        last += world.store.docs("support.Audit", where)[-1:]
    return last


def _categories(world: World, rows: Rows) -> Rows:
    sections = _of("help_center.Section", "section_id")(world, rows)
    return _of("help_center.Category", "category_id")(world, [*sections, *rows])


def _translations_of(wire: str) -> Beside:
    """Return the translations of the articles and sections that a field names."""

    def beside(world: World, rows: Rows) -> Rows:
        named = among(value_of("source_id"), [row.get(wire) for row in rows])
        where = named & Where("state < ?", (DELETED,))
        kinds = (f"{_ARTICLE}Translation", f"{_SECTION}Translation")
        return [row for kind in kinds for row in world.store.docs(kind, where)]

    return beside


# -- values inside -----------------------------------------------------------


def _comment_count(world: World, row: dict[str, Any]) -> dict[str, Any]:
    of_ticket = Where("parent = ?", (row["id"],))
    return {"comment_count": world.store.count("support.Comment", of_ticket)}


def _incident_count(world: World, row: dict[str, Any]) -> dict[str, Any]:
    named = Where(f"{value_of('problem_id')} = ? AND state < ?", (row["id"], DELETED))
    return {"incident_count": world.store.count("support.Ticket", named)}


def _metric_set(world: World, row: dict[str, Any]) -> dict[str, Any]:
    return {"metric_set": next(iter(measures_metrics.rows_of(world, [row])))}


def _dates(world: World, row: dict[str, Any]) -> dict[str, Any]:
    metrics = _metric_set(world, row)["metric_set"]
    wires = (
        "assignee_updated_at", "requester_updated_at", "status_updated_at",
        "initially_assigned_at", "assigned_at", "solved_at", "latest_comment_added_at",
    )  # fmt: skip
    return {"dates": {wire: metrics[wire] for wire in wires}}


def _open_tickets(world: World, row: dict[str, Any]) -> dict[str, Any]:
    status = value_of("status")
    where = Where(f"{value_of('requester_id')} = ? AND state < ?", (row["id"], DELETED))
    where &= Where(f"{status} NOT IN ('solved', 'closed')")
    return {"open_ticket_count": world.store.count("support.Ticket", where)}


def _translations(kind: str) -> Inside:
    def inside(world: World, row: dict[str, Any]) -> dict[str, Any]:
        where = Where("parent = ? AND state < ?", (row["id"], DELETED))
        return {"translations": world.store.docs(kind, where)}

    return inside


def _always(**values: Any) -> Inside:
    """Return the same for each row."""

    def inside(world: World, row: dict[str, Any]) -> dict[str, Any]:
        return values

    return inside


def _each(labels: Iterable[str], table: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return dict.fromkeys(labels, table)


_USER, _GROUP, _ORGANIZATION = "support.User", "support.Group", "support.Organization"
_ARTICLE, _SECTION, _POST = "help_center.Article", "help_center.Section", "help_center.Post"

BESIDE: Mapping[str, Mapping[str, Beside]] = {
    "help_center.Article": {
        "users": _of(_USER, "author_id"),
        "sections": _of(_SECTION, "section_id"),
        "categories": _categories,
    },
    "help_center.Section": {"categories": _categories},
    "help_center.ArticleComment": {
        "users": _of(_USER, "author_id"),
        "articles": _of(_ARTICLE, "source_id"),
    },
    "help_center.Post": {
        "users": _of(_USER, "author_id"),
        "topics": _of("help_center.Topic", "topic_id"),
    },
    "help_center.PostComment": {
        "users": _of(_USER, "author_id"),
        "posts": _of(_POST, "post_id"),
    },
    **_each(
        (
            "help_center.ArticleSubscription",
            "help_center.PostSubscription",
            "help_center.SectionSubscription",
            "help_center.Subscription",
            "help_center.TopicSubscription",
        ),
        {
            "users": _of(_USER, "user_id"),
            "articles": _of(_ARTICLE, "content_id"),
            "sections": _of(_SECTION, "content_id"),
            "posts": _of(_POST, "content_id"),
            "topics": _of("help_center.Topic", "content_id"),
            "translations": _translations_of("content_id"),
        },
    ),
    "help_center.UserSubscription": {"users": _of(_USER, "follower_id", "followed_id")},
    "help_center.Vote": {
        "users": _of(_USER, "user_id"),
        "articles": _of(_ARTICLE, "item_id"),
        "posts": _of(_POST, "item_id"),
        "translations": _translations_of("item_id"),
    },
    "support.Audit": {
        "users": _of(_USER, "author_id"),
        "tickets": _of("support.Ticket", "ticket_id"),
    },
    "support.Comment": {"users": _of(_USER, "author_id")},
    "support.Group": {"users": _through(_USER, "group_id", "support.GroupMembership", "user_id")},
    "support.GroupMembership": {
        "users": _of(_USER, "user_id"),
        "groups": _of(_GROUP, "group_id"),
    },
    "support.OrganizationMembership": {
        "users": _of(_USER, "user_id"),
        "organizations": _of(_ORGANIZATION, "organization_id"),
    },
    "support.Request": {
        "users": _of(_USER, "requester_id", "assignee_id", "collaborator_ids", "email_cc_ids"),
        "groups": _of(_GROUP, "group_id"),
        "organizations": _of(_ORGANIZATION, "organization_id"),
    },
    "support.RoutingAttribute": {
        "attribute_values": _below("support.RoutingAttributeValue", "attribute_id"),
    },
    "support.Ticket": {
        "users": _of(
            _USER, "requester_id", "submitter_id", "assignee_id", "collaborator_ids",
            "follower_ids", "email_cc_ids",
        ),
        "groups": _of(_GROUP, "group_id"),
        "organizations": _of(_ORGANIZATION, "organization_id"),
        "brands": _of("support.Brand", "brand_id"),
        "custom_statuses": _of("support.CustomStatus", "custom_status_id"),
        "sharing_agreements": _of("support.SharingAgreement", "sharing_agreement_ids"),
        "ticket_forms": _of("support.TicketForm", "ticket_form_id"),
        "last_audits": _last_audits,
    },
    "support.TicketField": {"users": _of(_USER, "creator_user_id")},
    "support.TicketForm": {"ticket_fields": _of("support.TicketField", "ticket_field_ids")},
    "support.TriggerRevision": {"users": _of(_USER, "author_id")},
    "support.User": {
        "organizations": _of(_ORGANIZATION, "organization_id"),
        "groups": _through(_GROUP, "user_id", "support.GroupMembership", "group_id"),
        "roles": _of("support.CustomRole", "custom_role_id"),
        "identities": _below("support.UserIdentity", "user_id"),
    },
}  # fmt: skip

_RULE: Mapping[str, Inside] = {
    "app_installation": _always(app_installation=None),
    "permissions": _always(permissions={"can_delete": True, "can_edit": True}),
    **{name: _always(**{name: 0}) for name in ("usage_1h", "usage_24h", "usage_7d", "usage_30d")},
}
INSIDE: Mapping[str, Mapping[str, Inside]] = {
    **_each(
        ("support.Automation", "support.Macro", "support.ObjectTrigger", "support.Trigger"), _RULE
    ),
    "support.View": {name: _RULE[name] for name in ("app_installation", "permissions")},
    **{
        f"help_center.{name}": {"translations": _translations(f"help_center.{name}Translation")}
        for name in ("Article", "Category", "Section")
    },
    "support.Organization": {
        "lookup_relationship_fields": _always(lookup_relationship_fields={}),
    },
    "support.Ticket": {
        "comment_count": _comment_count,
        "dates": _dates,
        "incident_counts": _incident_count,
        "metric_sets": _metric_set,
        "slas": _always(slas={"policy_metrics": []}),
    },
    "support.User": {
        "abilities": _always(abilities={"can_edit": True, "can_delete": True}),
        "open_ticket_count": _open_tickets,
    },
}
