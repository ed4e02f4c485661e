"""The documented rate limits of endpoints."""

from __future__ import annotations

import pytest

from tests.loops import for_each
from zendesk_orm import ConfigurationError, connect
from zendesk_orm.http.endpoint_limits import (
    ENDPOINT_LIMITS,
    combine,
    describe_endpoint,
    find_buckets,
    override,
)


EXAMPLES = {
    "GET /api/v2/incremental/tickets/cursor.json?start_time=1": {"incremental-exports": (10, 60)},
    "GET /api/v2/incremental/users": {"incremental-exports": (10, 60)},
    "GET /api/v2/incremental/tickets/sample?start_time=1": {"incremental-sample": (10, 1200)},
    "GET /api/v2/search?query=printer": {"search-index": (2500, 60)},
    "GET /api/v2/search/export?query=printer": {"search-export": (100, 60)},
    "PUT /api/v2/tickets/35": {"tickets-update": (100, 60), "per-ticket-updates/35": (30, 600)},
    "DELETE /api/v2/tickets/35.json": {"tickets-delete": (400, 60)},
    "PUT /api/v2/users/7": {"users-update": (1, 1), "per-user-updates/7": (5, 60)},
    "POST /api/v2/users/create_or_update": {"users-create-or-update": (1, 1)},
    "DELETE /api/v2/deleted_users/7": {"deleted-users-destroy": (700, 600)},
    "PUT /api/v2/organizations/7": {"per-organization-updates/7": (5, 60)},
    "GET /api/v2/views/4/execute?page=2": {"view-execute/4": (5, 60)},
    "GET /api/v2/views/4/count": {"view-count/4": (5, 60)},
    "GET /api/v2/views/count_many?ids=1,2": {"views-count-many": (6, 60)},
    "POST /api/v2/views/preview": {"view-preview": (5, 60)},
    "GET /api/v2/deleted_tickets?page=100": {"deleted-tickets-index": (10, 60)},
    "GET /api/v2/deleted_tickets?page=101": {
        "deleted-tickets-index": (10, 60),
        "deleted-tickets-deep-pagination": (5, 60),
    },
    "GET /api/v2/tickets/35/side_conversations": {"side-conversations": (300, 600)},
    "POST /api/v2/tickets/side_conversations/attachments": {"side-conversations": (300, 600)},
    "POST /api/v2/ticket_fields/9/options": {"ticket-field-options": (100, 60)},
    "POST /api/v2/audit_logs/export": {"audit-logs-export": (1, 60)},
    "POST /api/v2/suspended_tickets/export": {"suspended-tickets-export": (1, 60)},
    "POST /api/v2/channels/voice/callback_requests": {
        "talk": (15_000, 300),
        "talk-callback": (30, 600),
    },
    "GET /api/v2/channels/voice/stats/current_queue_activity": {
        "talk": (15_000, 300),
        "talk-current-queue": (2500, 300),
    },
    "GET /api/v2/channels/voice/stats/incremental/calls?start_time=1": {
        "talk": (15_000, 300),
        "talk-incremental-exports": (10, 60),
    },
    "GET /api/v2/tickets?page=2": {},
    "GET /api/v2/tickets/35": {},
    "PUT /api/v2/tickets/update_many?ids=1": {},
    "GET /api/v2/search/count?query=x": {},
    "GET /api/v2/help_center/articles": {},
    "GET /oauth/tokens": {},
}


@for_each(EXAMPLES.items, lambda line, expected: line, arguments=2)
def test_a_request_counts_for_the_limits_of_its_endpoint(line, expected):
    """A request counts for the documented limits of its endpoint."""
    buckets = find_buckets(ENDPOINT_LIMITS, line)

    assert {bucket.name: (bucket.limit, bucket.seconds) for bucket in buckets} == expected
    assert bool(combine(ENDPOINT_LIMITS).match(line)) is bool(expected)


def test_each_limit_has_an_example_and_a_source():
    """Each limit of the table has an example in this test and a page that documents it."""
    names = {name.partition("/")[0] for expected in EXAMPLES.values() for name in expected}

    assert names == {limit.key for limit in ENDPOINT_LIMITS}
    assert {limit.source.split("/")[2] for limit in ENDPOINT_LIMITS} == {"developer.zendesk.com"}


def test_a_limit_can_be_replaced():
    """`endpoint_limits` replaces the number of a limit; None removes the limit."""
    limits = override({"incremental-exports": 30, "search-index": None})

    assert [
        [bucket.limit for bucket in find_buckets(limits, f"GET /api/v2/{path}")]
        for path in ("incremental/users", "search", "search/export")
    ] == [[30], [], [100]]


@pytest.mark.parametrize(
    "limits", [{"incremental-export": 30}, {"search-index": 0}, {"search-index": "1"}, 5, {1: 1}]
)
def test_an_invalid_replacement_is_rejected(limits):
    """An invalid replacement of a limit raises before any request."""
    with pytest.raises(ConfigurationError):
        connect(subdomain="acme", anonymous=True, endpoint_limits=limits)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v2/tickets/35/comments.json", "GET tickets/{id}/comments"),
        ("/api/v2/custom_objects/car/records/01GCSJW391QVSC80GYDH7E93Q6", None),
        ("/api/v2/webhooks/01GCSJW391QVSC80GYDH7E93Q6", "GET webhooks/{id}"),
        ("/api/v2/tickets", "GET tickets"),
    ],
)
def test_an_endpoint_is_named_without_ids(path, name):
    """All requests of an endpoint have the same name."""
    assert describe_endpoint("GET", path) == (name or "GET custom_objects/car/records/{id}")
