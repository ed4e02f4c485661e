"""Rows that exist throughout a query are read, whatever another client changes meanwhile."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.queryset.stored import emulator_with_tickets
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
    "numbers, filtered here": OPEN.order_by("-created_at").filter(subject__contains="1").scan(),
    "cursor": FRESH,
    "cursor, in an order": FRESH.order_by("-updated_at"),
    "cursor, a slice": FRESH[:50],
    "search export": OPEN,
    "incremental": Ticket.objects.filter(changed_since=BEGIN).page_size(20),
}


@pytest.fixture
def emulator():
    """Return an emulator with 140 tickets, 70 of them open, and connect a second client."""
    with emulator_with_tickets(140) as emulator:
        emulator.connect(alias="colleague")
        yield emulator


def delete(emulator, count):
    """Delete rows from the start, the middle and the end."""
    rows = [row.pk for row in OPEN.using("colleague").order_by("created_at")[:1000]]
    places = [0, -1, len(rows) // 2, 1, -2]
    Ticket.objects.using("colleague").filter(id__in=[rows[at] for at in places[:count]]).delete()


def create(emulator, count):
    """Create matching rows."""
    for _ in range(count):
        Ticket.objects.using("colleague").create(
            subject="1", comment=Comment(body="?"), status="open"
        )


CHANGES = {"deletes": (delete,), "creates": (create,)}


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [0, 2])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", READS)
def test_changes_by_others_hide_no_row(emulator, name, change, ahead):
    """Rows that match before and after are read once each, and a slice is full."""
    emulator.connect(read_ahead=ahead)
    rows = READS[name]
    matching = [row.pk for row in OPEN.using("colleague").all()]
    before = [row.pk for row in rows.using("colleague").all()]
    done = []

    @receiver(request_finished)
    def interfere(sender, **kwargs):
        if sender == "default" and len(done) < 4:
            done.append(sender)
            for number, act in enumerate(CHANGES[change]):
                act(emulator, 1 + len(done) % 3 + number)

    ids = [row.pk for row in rows.all()]

    request_finished.disconnect(interfere)
    existing = {row.pk for row in Ticket.objects.using("colleague").fresh()}
    assert len(done) > 1
    assert len(ids) == len(set(ids))
    assert set(before) & existing <= set(ids)
    assert len(ids) >= min(len(before), len({*matching} & existing))


@pytest.mark.parametrize("ahead", [0, 2])
@pytest.mark.parametrize("stop", [60, 1000])
def test_a_changed_row_is_returned_at_its_new_position(emulator, ahead, stop):
    """Rows that another client changes move to the front of the order, and are returned there."""
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

    ids = [row.pk for row in rows]

    request_finished.disconnect(interfere)
    unchanged = [pk for pk in before if pk not in changed]
    assert len(changed) == 3
    assert ids[0] in changed
    assert [pk for pk in ids if pk in unchanged] == unchanged
    assert set(before) <= set(ids)


def test_a_deleted_row_costs_one_more_request(emulator, count_requests):
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


def test_a_slice_is_full_although_a_page_repeats_rows(emulator):
    """A slice continues with the next page if a page by cursor repeats rows."""
    account = emulator.connect()
    stamps = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    for pks, has_more in (([1, 2], True), ([2, 3], True), ([4], False)):
        link = f"https://emulator.zendesk.com/api/v2/groups?page[after]={pks[-1]}"
        rows = [{"id": pk, "name": "x", **stamps} for pk in pks]
        body = {"groups": rows, "meta": {"has_more": has_more}, "links": {"next": link}}
        emulator.fail_next(200, body=body)

    assert [group.pk for group in Group.objects.page_size(2)[:4]] == [1, 2, 3, 4]
    assert account.requests_sent == 3


# -- changes that no response shows ----------------------------------------------


def replace_first(emulator):
    """Delete the oldest row, and create a newer one."""
    first = OPEN.using("colleague").order_by("created_at")[:1][0]
    Ticket.objects.using("colleague").filter(id=first.pk).delete()
    create(emulator, 1)


def change_first(emulator):
    """Change the row with the oldest change."""
    _change(emulator, "updated_at")


def change_last(emulator):
    """Change a row with a recent change that is not on the first pages."""
    _change(emulator, "-updated_at", place=60)


def _change(emulator, order, place=0):
    emulator.clock.sleep(1)
    rows = Ticket.objects.using("colleague").fresh().filter(status="open").order_by(order)
    row = [*rows.scan()][place]
    row.subject = "changed"
    row.save()


#: Changes by a second client between two pages that no response shows.
UNNOTICED = (replace_first, change_first, change_last)
#: Reads that miss a row after such a change.
GAPS = {
    "numbers, oldest first": (OPEN.order_by("created_at")[:60], replace_first),
    "numbers, oldest change first": (OPEN.order_by("updated_at")[:60], change_first),
    "cursor, in an order": (FRESH.order_by("-updated_at"), change_last),
}


def _find_missed_rows(emulator, rows, change):
    """Return the rows that exist throughout, but are not read if a change happens between pages."""
    emulator.connect()
    before = [row.pk for row in rows.using("colleague").all()]
    done = []

    @receiver(request_finished)
    def interfere(sender, **kwargs):
        if sender == "default" and not done:
            done.append(sender)
            change(emulator)

    ids = {row.pk for row in rows.all()}
    request_finished.disconnect(interfere)
    after = {row.pk for row in rows.using("colleague").all()}
    assert done
    return [pk for pk in before if pk in after and pk not in ids]


@pytest.mark.parametrize("name", GAPS)
def test_explain_notes_that_rows_can_be_missed(emulator, name):
    """If a change between pages can hide a row, `explain()` notes it."""
    rows, change = GAPS[name]

    assert _find_missed_rows(emulator, rows, change)
    assert "note: rows can be missed if others change rows meanwhile" in rows.explain()


@pytest.mark.parametrize("change", UNNOTICED)
@pytest.mark.parametrize(
    "name", [*(name for name in READS if not READS[name].plan.drift), "by age of change"]
)
def test_no_row_is_missed_without_the_note(emulator, name, change):
    """Pages by cursor are complete if the order keeps rows in place or moves them to the end."""
    rows = READS.get(name, FRESH.order_by("updated_at"))

    assert not rows.plan.drift
    assert _find_missed_rows(emulator, rows, change) == []
