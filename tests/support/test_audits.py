"""Audits of all tickets, in both directions."""

from __future__ import annotations

import pytest

from zendesk_orm import MalformedResponse
from zendesk_orm.emulator import Emulator
from zendesk_orm.support import Audit


COUNT = 120


def _create_audits(emulator):
    """Return an account with many audits, several of them in the same second."""
    account = emulator.connect()
    for first in range(0, COUNT, 60):
        new = [{"subject": str(n), "comment": {"body": "x"}} for n in range(first, first + 60)]
        account.raw.post("/api/v2/tickets/create_many", {"tickets": new})
        emulator.advance(seconds=5)
    return account


@pytest.fixture
def audits():
    """Return an account with many audits, and their ids, the oldest first."""
    account = _create_audits(Emulator())
    return account, [audit.pk for audit in Audit.objects.all()]


def test_audits_can_be_read_in_both_directions(audits, count_requests):
    """The newest audits are read by single pages, without reading the older ones."""
    account, ids = audits

    with count_requests(account, 4):
        newest = Audit.objects.order_by("-created_at")[:2]
        actual = {
            "all": ids == sorted(ids) and len(ids) == COUNT,
            "newest": [audit.pk for audit in newest],
            "last": Audit.objects.last().pk,
            "latest": Audit.objects.latest("created_at").pk,
            "first of reversed": next(reversed(Audit.objects.page_size(10))).pk,
        }
    expected = {
        "all": True,
        "newest": ids[:-3:-1],
        "last": ids[-1],
        "latest": ids[-1],
        "first of reversed": ids[-1],
    }
    assert actual == expected
    assert [audit.pk for audit in reversed(Audit.objects.all())] == ids[::-1]


def test_audits_continue_in_both_directions(audits):
    """A token continues in the middle of a page; after the last page, with audits added since."""
    account, ids = audits
    newest = Audit.objects.order_by("-created_at").page_size(50)
    rows = newest.iterator()
    read = [next(rows).pk for _ in range(70)]
    oldest = Audit.objects.page_size(50).iterator()
    assert [audit.pk for audit in oldest] == ids

    new = {"subject": "New", "comment": {"body": "x"}}
    account.raw.post("/api/v2/tickets", {"ticket": new})
    remaining = [audit.pk for audit in newest.resume(rows.resume_token)]
    added = [audit.pk for audit in Audit.objects.page_size(50).resume(oldest.resume_token)]

    assert read + remaining == ids[::-1]
    assert added == [Audit.objects.last().pk]


def test_audits_in_the_wrong_direction_are_an_error():
    """If Zendesk ignores the direction of a long list, the oldest audits are not returned."""
    _create_audits(Emulator(audit_cursors=False))

    with pytest.raises(MalformedResponse, match="the oldest audits instead of the newest"):
        list(Audit.objects.order_by("-created_at")[:2])
