"""Satisfaction ratings of tickets, and reasons of bad ratings.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/satisfaction_ratings/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import READ, SHOW, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import by
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import (
    CreateOnly,
    CreateOnlyRef,
    Id,
    Lookup,
    ReadOnly,
    ReadOnlyRef,
    Ref,
)


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User

Score = Literal["offered", "unoffered", "good", "bad"]
Rated = Literal[
    "received",
    "received_with_comment",
    "received_without_comment",
    "good_with_comment",
    "good_without_comment",
    "bad_with_comment",
    "bad_without_comment",
]


class SatisfactionRating(Model):
    """A rating of a ticket by its requester.

    ::

        SatisfactionRating.objects.filter(score="bad", start_time=yesterday)
        SatisfactionRating.objects.filter(rated="received_with_comment")

    Only the requester, signed in and verified, can rate a ticket: `ticket.rate("good")`.
    `satisfaction_reason` is the reason of a bad rating.
    """

    url: ReadOnly[str]
    ticket: Ref[Ticket]
    ticket_id: Id[int]
    requester: ReadOnlyRef[User]
    requester_id: Id[int]
    assignee: ReadOnlyRef[User | None]
    assignee_id: Id[int | None]
    group: ReadOnlyRef[Group | None]
    group_id: Id[int | None]
    score: CreateOnly[Score]
    comment: CreateOnly[str | None]
    reason: CreateOnly[str | None]
    reason_code: CreateOnly[int | None]
    satisfaction_reason: CreateOnlyRef[SatisfactionReason | None] = by("reason_id")
    reason_id: Id[int | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    #: A score with or without a comment; `received` matches all ratings.
    rated: Lookup[Rated]
    start_time: Lookup[datetime]
    end_time: Lookup[datetime]

    get_score_display = Display()

    class Meta:
        parent = "ticket"
        required = ("ticket", "score")
        api = (
            resource("satisfaction_ratings", can=SHOW)
            + listing(
                "satisfaction_ratings",
                filters={
                    "score": "score",
                    "rated": "score",
                    "start_time": "start_time",
                    "end_time": "end_time",
                },
                count=True,
            )
            + Api(
                (
                    Endpoint(
                        Verb.CREATE,
                        "tickets/{ticket}/satisfaction_rating",
                        "satisfaction_rating",
                        method="POST",
                    ),
                )
            )
        )


class SatisfactionReason(Model):
    """A reason that requesters can select when they rate a ticket as bad."""

    url: ReadOnly[str]
    reason_code: ReadOnly[int]
    value: ReadOnly[str]
    raw_value: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    deleted_at: ReadOnly[datetime | None]

    class Meta:
        singular = "reason"
        cache_seconds = 300
        verbose_name = "satisfaction reason"
        verbose_name_plural = "satisfaction reasons"
        api = resource(
            "satisfaction_reasons",
            can=READ,
            key="reasons",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )
