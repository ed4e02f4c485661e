"""Deleted tickets are listed, restored and permanently deleted."""

from __future__ import annotations

import pytest

from zendesk_orm import DeletedTicket, Ticket


def _create_deleted(zendesk, **values):
    """Create a ticket, delete it, and return its id."""
    pk = zendesk.create_ticket(**values)["id"]
    assert zendesk.send("DELETE", f"tickets/{pk}").status_code == 204
    return pk


def _list_ids(zendesk):
    return [row["id"] for row in zendesk.get("deleted_tickets")["deleted_tickets"]]


def test_deleted_tickets_are_listed(zendesk):
    """A deleted ticket is listed with its previous state and the user who deleted it."""
    me = zendesk.get("users/me")["user"]
    pk = _create_deleted(zendesk, status="open")

    assert zendesk.get("deleted_tickets") == {
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
    }


def test_deleted_archived_tickets_are_not_listed(zendesk):
    """A ticket that was archived before its deletion is not listed."""
    pk = zendesk.create_ticket(status="closed")["id"]
    zendesk.emulator.archive(pk)

    zendesk.send("DELETE", f"tickets/{pk}")

    assert _list_ids(zendesk) == []


def test_a_deleted_ticket_is_restored(zendesk):
    """A restored ticket has its values, is found by search, and is not listed as deleted."""
    pk = _create_deleted(zendesk, status="open")

    response = zendesk.send("PUT", f"deleted_tickets/{pk}/restore")

    assert (response.status_code, response.json()) == (200, {})
    assert zendesk.get(f"tickets/{pk}")["ticket"]["status"] == "open"
    assert zendesk.search("type:ticket printer") == [pk]
    assert _list_ids(zendesk) == []


def test_several_deleted_tickets_are_restored(zendesk):
    """Several tickets are restored at once, or none if one of them does not exist."""
    one, two = (_create_deleted(zendesk) for _ in range(2))

    wrong = zendesk.send("PUT", "deleted_tickets/restore_many", params={"ids": f"{one},77"})
    right = zendesk.send("PUT", "deleted_tickets/restore_many", params={"ids": f"{one},{two}"})

    assert (wrong.status_code, right.status_code) == (404, 200)
    assert [row["id"] for row in zendesk.get("tickets")["tickets"]] == [one, two]


def test_a_deleted_ticket_is_permanently_deleted(zendesk):
    """A job permanently deletes a deleted ticket, which cannot be restored afterwards."""
    pk = _create_deleted(zendesk)

    job = zendesk.run_job("DELETE", f"deleted_tickets/{pk}")
    response = zendesk.send("PUT", f"deleted_tickets/{pk}/restore")

    assert (job["status"], job["results"]) == ("completed", {"success": True})
    assert (response.status_code, response.json()["error"]) == (404, "RecordNotFound")
    assert _list_ids(zendesk) == []


def test_several_deleted_tickets_are_permanently_deleted(zendesk):
    """A job permanently deletes several deleted tickets, and its result contains no ids."""
    pk, alive = _create_deleted(zendesk), zendesk.create_ticket()["id"]

    job = zendesk.run_job("DELETE", "deleted_tickets/destroy_many", ids=f"{pk},{alive},77")

    assert job["results"] == {"success": True}
    assert _list_ids(zendesk) == []
    assert zendesk.get(f"tickets/{alive}")["ticket"]["id"] == alive


def test_permanent_deletion_requires_a_deleted_ticket(zendesk):
    """A ticket that is not deleted cannot be permanently deleted."""
    pk = zendesk.create_ticket()["id"]

    assert zendesk.send("DELETE", f"deleted_tickets/{pk}").status_code == 404
    assert zendesk.send("PUT", f"deleted_tickets/{pk}/restore").status_code == 404


def test_deleted_tickets_can_be_restored_for_thirty_days(zendesk):
    """After thirty days a deleted ticket cannot be restored."""
    pk = _create_deleted(zendesk)

    zendesk.clock.sleep(30 * 86_400 + 1)

    assert zendesk.send("PUT", f"deleted_tickets/{pk}/restore").status_code == 404
    assert _list_ids(zendesk) == []


@pytest.mark.parametrize("included", [False, True])
def test_exports_can_include_permanently_deleted_tickets(zendesk, included):
    """The switch `purged_in_exports` includes permanently deleted tickets (unconfirmed)."""
    zendesk.emulator.switches.purged_in_exports = included
    zendesk.run_job("DELETE", f"deleted_tickets/{_create_deleted(zendesk)}")
    zendesk.clock.sleep(120)

    rows = zendesk.get("incremental/tickets/cursor", start_time=0)["tickets"]

    assert bool(rows) is included


def test_show_can_return_a_deleted_ticket(zendesk):
    """The switch `deleted_shown` returns deleted tickets by their id (unconfirmed)."""
    pk = _create_deleted(zendesk)

    zendesk.emulator.switches.deleted_shown = True

    assert zendesk.get(f"tickets/{pk}")["ticket"]["status"] == "deleted"
    assert zendesk.get("tickets")["tickets"] == []


@pytest.mark.usefixtures("account")
def test_deleted_ticket_objects_lists_deleted_tickets():
    """`DeletedTicket.objects` lists deleted tickets."""
    ticket = Ticket.objects.create(subject="x", comment={"body": "y"})
    pk = ticket.id
    ticket.delete()

    (results,) = DeletedTicket.objects.all()

    assert (pk, "x", "new") == (results.id, results.subject, results.previous_state)
