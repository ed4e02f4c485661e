"""Arguments that are moments: each public function accepts them, or rejects them unsent."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

from zendesk_orm import Comment, Ticket, Watcher, ZendeskError, listen, replay
from zendesk_orm.support import Activity, AuditLog


NOW = datetime(2035, 1, 31, 12, tzinfo=timezone.utc)
VALUES = [
    NOW,
    NOW - timedelta(days=1),
    NOW.replace(tzinfo=None),
    NOW.date(),
    "2035-01-30T12:00:00Z",
    "2035-01-30T12:00:00",
    "yesterday",
    b"2035",
    1_700_000_000,
    1_700_000_000.5,
    10**30,
    -5,
    True,
    math.nan,
    math.inf,
    datetime(1, 1, 1, tzinfo=timezone.utc),
    datetime(9000, 1, 1, tzinfo=timezone.utc),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta.max,
    [NOW],
    None,
]
EARLY, LATE = NOW - timedelta(days=400), NOW

FUNCTIONS = {
    "changed_since": lambda value: list(Ticket.objects.changed_since(value)),
    "created_after": lambda value: list(Ticket.objects.filter(created_after=value)),
    "created_between start": lambda v: list(Ticket.objects.filter(created_between=(v, LATE))),
    "created_between end": lambda v: list(Ticket.objects.filter(created_between=(EARLY, v))),
    "exact": lambda value: list(Ticket.objects.filter(created_at=value)),
    "in": lambda value: list(Ticket.objects.filter(created_at__in=[value])),
    "since": lambda value: list(Activity.objects.since(value)),
    "period start": lambda v: AuditLog.objects.request_export(period=(v, LATE)),
    "period end": lambda v: AuditLog.objects.request_export(period=(EARLY, v)),
    "period": lambda value: AuditLog.objects.request_export(period=value),
    "replay since": lambda value: replay(value, []),
    "replay until": lambda value: replay(timedelta(days=1), [], until=value),
    "as_of": lambda value: Ticket(id=1).as_of(value),
    "watch": lambda value: Watcher(Ticket, since=value),
    "listen": lambda value: listen(endpoint="http://localhost/", since=value).close(),
    "assignment": lambda value: Ticket(due_at=value),
}
#: Errors that depend on the time at which the ticket was created.
AFTER_READING = "as_of() needs a later moment"


def test_moments_are_accepted_or_rejected_before_anything_is_sent(account, emulator):
    """Each value has a result, or an error of the library that is raised before any request.

    A datetime without a time zone is always an error.
    """
    emulator.advance(seconds=NOW.timestamp() - emulator.clock.now())
    Ticket.objects.create(subject="A", comment=Comment(body="x"))
    problems = {}
    for name, function in FUNCTIONS.items():
        for value in VALUES:
            before = account.requests_sent
            is_naive = isinstance(value, datetime) and value.tzinfo is None
            try:
                function(value)
                if is_naive:
                    problems[name, repr(value)] = "accepted without a time zone"
            except ZendeskError as error:
                if account.requests_sent > before and AFTER_READING not in str(error):
                    problems[name, repr(value)] = f"after a request: {error}"
            except Exception as error:  # noqa: BLE001 - the subject of the test
                problems[name, repr(value)] = f"{type(error).__name__}: {error}"

    assert problems == {}
