"""Rows that exist all the time are read, whatever another client does between two pages."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.face.stored import filled
from zendesk_orm import Comment, Group, Ticket, receiver, request_finished


BEGIN = datetime(2020, 1, 1, tzinfo=timezone.utc)
OPEN = Ticket.objects.filter(status="open").page_size(20)
FRESH = Ticket.objects.fresh().page_size(20)

#: Reads of more than one page in each style of paging.
READS = {
    "numbers, newest change first": OPEN.order_by("-updated_at")[:50],
    "numbers, oldest change first": OPEN.order_by("updated_at")[:50],
    "numbers, whole pages": OPEN.order_by("-created_at")[:40],
    "numbers, to the end": OPEN.order_by("-updated_at")[:1000],
    "numbers, small pages": OPEN.order_by("created_at").page_size(6)[:20],
    "numbers, from the middle": OPEN.order_by("-created_at")[20:60],
    "numbers of a list": FRESH[40:100],
    "numbers, compared here": OPEN.order_by("-created_at").filter(subject__contains="1").scan(),
    "cursor": FRESH,
    "cursor, in an order": FRESH.order_by("-updated_at"),
    "cursor, a slice": FRESH[:50],
    "search export": OPEN,
    "incremental": Ticket.objects.filter(changed_since=BEGIN).page_size(20),
}


@pytest.fixture
def emulator():
    """Return an emulator with 140 tickets, 70 of them open, read by one client and a second."""
    with filled(140) as emulator:
        emulator.connect(alias="colleague")
        yield emulator


def delete(emulator, count):
    """Delete rows from the start, the middle and the end."""
    rows = [row.pk for row in OPEN.using("colleague").order_by("created_at")[:1000]]
    places = [0, -1, len(rows) // 2, 1, -2]
    Ticket.objects.using("colleague").filter(id__in=[rows[at] for at in places[:count]]).delete()


def create(emulator, count):
    """Create rows that match."""
    for _ in range(count):
        Ticket.objects.using("colleague").create(
            subject="1", comment=Comment(body="?"), status="open"
        )


CHANGES = {"deletes": (delete,), "creates": (create,)}


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [0, 2])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", READS)
def test_a_second_client_hides_no_row(emulator, name, change, ahead):
    """Rows that match before and after are read once each, and a slice is not short."""
    emulator.connect(read_ahead=ahead)
    rows = READS[name]
    matching = [row.pk for row in OPEN.using("colleague").all()]
    before = [row.pk for row in rows.using("colleague").all()]
    done = []

    @receiver(request_finished)
    def interfere(sender, **kwargs):
        if sender == "default" and len(done) < 4:
            done.append(sender)
            for number, each in enumerate(CHANGES[change]):
                each(emulator, 1 + len(done) % 3 + number)

    found = [row.pk for row in rows.all()]

    request_finished.disconnect(interfere)
    existing = {row.pk for row in Ticket.objects.using("colleague").fresh()}
    assert len(done) > 1
    assert len(found) == len(set(found))
    assert set(before) & existing <= set(found)
    assert len(found) >= min(len(before), len({*matching} & existing))


@pytest.mark.parametrize("ahead", [0, 2])
@pytest.mark.parametrize("stop", [60, 1000])
def test_a_row_that_moves_to_the_front_is_read(emulator, ahead, stop):
    """Rows that another client changes move to the front of their order, and come there."""
    emulator.connect(read_ahead=ahead)
    rows = OPEN.order_by("-updated_at")[:stop]
    before = [row.pk for row in rows.using("colleague")]
    changed = []

    @receiver(request_finished)
    def interfere(sender, **kwargs):
        if sender == "default" and len(changed) < 3:
            emulator.clock.sleep(1)
            changed.append(before[-1 - len(changed)])
            Ticket.objects.using("colleague").filter(id=changed[-1]).update(subject="changed")

    found = [row.pk for row in rows]

    request_finished.disconnect(interfere)
    rest = [pk for pk in before if pk not in changed]
    assert len(changed) == 3
    assert found[0] in changed
    assert [pk for pk in found if pk in rest] == rest
    assert set(before) <= set(found)


def test_a_row_that_moved_up_costs_one_request(emulator, count_requests):
    """A page is read again only if there are fewer rows than when it was read."""
    account = emulator.connect()
    done = []

    @receiver(request_finished)
    def interfere(sender, **kwargs):
        if sender == "default" and not done:
            done.append(sender)
            delete(emulator, 1)

    with count_requests(account, 3 + 1):
        assert len(OPEN.order_by("created_at")[:50]) == 50
    with count_requests(account, 3):
        assert len(OPEN.order_by("created_at")[:50]) == 50


def test_a_list_by_cursor_is_full_although_a_page_repeats_rows(emulator):
    """A slice goes on to the next page if rows came twice."""
    account = emulator.connect()
    stamps = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    for pks, more in (([1, 2], True), ([2, 3], True), ([4], False)):
        link = f"https://emulator.zendesk.com/api/v2/groups?page[after]={pks[-1]}"
        rows = [{"id": pk, "name": "x", **stamps} for pk in pks]
        body = {"groups": rows, "meta": {"has_more": more}, "links": {"next": link}}
        emulator.fail_next(200, body=body)

    assert [1, 2, 3, 4] == [group.pk for group in Group.objects.page_size(2)[:4]]
    assert account.requests_sent == 3
