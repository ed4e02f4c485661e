"""Tickets that were deleted: listed, restored, destroyed."""

from __future__ import annotations

import pytest

from zendesk_orm import DeletedTicket, Ticket


def _deleted(zendesk, **values):
    """Make a ticket, delete it, and return its id."""
    pk = zendesk.ticket(**values)["id"]
    assert zendesk.send("DELETE", f"tickets/{pk}").status_code == 204
    return pk


def _listed(zendesk):
    return [row["id"] for row in zendesk.get("deleted_tickets")["deleted_tickets"]]


def test_deleted_tickets_are_listed(zendesk):
    """A deleted ticket is listed with who deleted it and what it was."""
    me = zendesk.get("users/me")["user"]
    pk = _deleted(zendesk, status="open")

    assert {
        "deleted_tickets": [
            {
                "id": pk,
                "subject": "Printer",
                "actor": {"id": me["id"], "name": me["name"]},
                "deleted_at": "2026-09-21T14:13:20Z",
                "previous_state": "open",
            }
        ],
        "next_page": None,
        "previous_page": None,
        "count": 1,
    } == zendesk.get("deleted_tickets")


def test_archived_tickets_are_not_among_them(zendesk):
    """What was archived when it was deleted is not listed."""
    pk = zendesk.ticket(status="closed")["id"]
    zendesk.emulator.archive(pk)

    zendesk.send("DELETE", f"tickets/{pk}")

    assert [] == _listed(zendesk)


def test_a_ticket_is_restored(zendesk):
    """A restored ticket is what it was, is found again, and is no longer deleted."""
    pk = _deleted(zendesk, status="open")

    answer = zendesk.send("PUT", f"deleted_tickets/{pk}/restore")

    assert (200, {}) == (answer.status_code, answer.json())
    assert "open" == zendesk.get(f"tickets/{pk}")["ticket"]["status"]
    assert [pk] == zendesk.found("type:ticket printer")
    assert [] == _listed(zendesk)


def test_many_tickets_are_restored(zendesk):
    """Several ids are restored at once; with one that is not there, none is."""
    one, two = (_deleted(zendesk) for _ in range(2))

    wrong = zendesk.send("PUT", "deleted_tickets/restore_many", params={"ids": f"{one},77"})
    right = zendesk.send("PUT", "deleted_tickets/restore_many", params={"ids": f"{one},{two}"})

    assert (404, 200) == (wrong.status_code, right.status_code)
    assert [one, two] == [row["id"] for row in zendesk.get("tickets")["tickets"]]


def test_a_ticket_is_destroyed_for_good(zendesk):
    """A job destroys a deleted ticket; afterwards it cannot be restored."""
    pk = _deleted(zendesk)

    job = zendesk.done("DELETE", f"deleted_tickets/{pk}")
    answer = zendesk.send("PUT", f"deleted_tickets/{pk}/restore")

    assert ("completed", {"success": True}) == (job["status"], job["results"])
    assert (404, "RecordNotFound") == (answer.status_code, answer.json()["error"])
    assert [] == _listed(zendesk)


def test_many_tickets_are_destroyed_for_good(zendesk):
    """The job of several ids destroys those that were deleted, and says only that it went well."""
    pk, alive = _deleted(zendesk), zendesk.ticket()["id"]

    job = zendesk.done("DELETE", "deleted_tickets/destroy_many", ids=f"{pk},{alive},77")

    assert {"success": True} == job["results"]
    assert [] == _listed(zendesk)
    assert alive == zendesk.get(f"tickets/{alive}")["ticket"]["id"]


def test_only_what_was_deleted_is_destroyed(zendesk):
    """A ticket that was not deleted before cannot be destroyed."""
    pk = zendesk.ticket()["id"]

    assert 404 == zendesk.send("DELETE", f"deleted_tickets/{pk}").status_code
    assert 404 == zendesk.send("PUT", f"deleted_tickets/{pk}/restore").status_code


def test_after_thirty_days_nothing_is_left(zendesk):
    """A deleted ticket can be restored for thirty days."""
    pk = _deleted(zendesk)

    zendesk.clock.sleep(30 * 86_400 + 1)

    assert 404 == zendesk.send("PUT", f"deleted_tickets/{pk}/restore").status_code
    assert [] == _listed(zendesk)


@pytest.mark.parametrize("told", [False, True])
def test_exports_may_tell_of_destroyed_tickets(zendesk, told):
    """Whether exports still tell of what was destroyed is unconfirmed, so there is a switch."""
    zendesk.emulator.switches.purged_in_exports = told
    zendesk.done("DELETE", f"deleted_tickets/{_deleted(zendesk)}")
    zendesk.clock.sleep(120)

    rows = zendesk.get("incremental/tickets/cursor", start_time=0)["tickets"]

    assert told is bool(rows)


def test_a_deleted_ticket_may_be_shown(zendesk):
    """Whether a deleted ticket is 404 is unconfirmed, so there is a switch."""
    pk = _deleted(zendesk)

    zendesk.emulator.switches.deleted_shown = True

    assert "deleted" == zendesk.get(f"tickets/{pk}")["ticket"]["status"]
    assert [] == zendesk.get("tickets")["tickets"]


@pytest.mark.usefixtures("account")
def test_the_library_lists_deleted_tickets():
    """`DeletedTicket.objects` lists what was deleted."""
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"})
    pk = ticket.id
    ticket.delete()

    (found,) = DeletedTicket.objects.all()

    assert (pk, "x", "new") == (found.id, found.subject, found.previous_state)
