"""Safe updates of tickets, which compare `updated_stamp`."""

from __future__ import annotations

import pytest


@pytest.fixture
def stale(zendesk):
    """Return a client, a ticket as it was before a change, and an unchanged ticket."""
    changed, same = zendesk.create_ticket(), zendesk.create_ticket()
    zendesk.clock.sleep(1)
    zendesk.send("PUT", f"tickets/{changed['id']}", {"ticket": {"subject": "b"}})
    return zendesk, changed, same


@pytest.mark.parametrize("safe", [True, False])
def test_a_stamp_counts_only_with_safe_update(stale, safe):
    """`updated_stamp` counts only with the key `safe_update`, even if that is false."""
    zendesk, changed, _ = stale
    path, stamp = f"tickets/{changed['id']}", changed["updated_at"]

    rejected = zendesk.send(
        "PUT", path, {"ticket": {"subject": "c", "safe_update": safe, "updated_stamp": stamp}}
    )
    forced = zendesk.send("PUT", path, {"ticket": {"subject": "c", "updated_stamp": stamp}})

    assert (rejected.status_code, rejected.json()["error"]) == (409, "UpdateConflict")
    assert (forced.status_code, forced.json()["ticket"]["subject"]) == (200, "c")


def test_tags_are_updated_safely(stale):
    """Adding and removing tags supports safe updates."""
    zendesk, changed, same = stale
    for ticket, status in ((changed, 409), (same, 200)):
        body = {"tags": ["vip"], "safe_update": "true", "updated_stamp": ticket["updated_at"]}

        assert zendesk.send("PUT", f"tickets/{ticket['id']}/tags", body).status_code == status
    body["updated_stamp"] = "2020-01-01T00:00:00Z"
    assert zendesk.send("DELETE", f"tickets/{same['id']}/tags", body).status_code == 409


def test_several_tickets_are_updated_safely(stale):
    """Each change of a bulk update is compared with its own stamp, and fails alone."""
    zendesk, *tickets = stale
    rows = [
        {"id": item["id"], "subject": "c", "safe_update": True, "updated_stamp": item["updated_at"]}
        for item in tickets
    ]

    results = zendesk.run_job("PUT", "tickets/update_many", {"tickets": rows})["results"]

    assert [item.get("error") for item in results] == ["TicketUpdateFailed", None]
    assert results[0]["details"].startswith("Safe Update")


@pytest.mark.parametrize("key", [{"safe_update": True}, {"updated_stamp": "x"}])
def test_safe_bulk_updates_require_both_keys(stale, key):
    """A bulk update with only one of the two keys is rejected before a job is queued."""
    zendesk, _, same = stale

    response = zendesk.send("PUT", "tickets/update_many", {"tickets": [{"id": same["id"], **key}]})

    assert response.status_code == 400


def test_the_same_change_is_made_safely(stale):
    """The same change of several tickets omits tickets that changed after the stamp."""
    zendesk, changed, same = stale
    ids = {"ids": f"{changed['id']},{same['id']}"}
    stamped = {"ticket": {"priority": "high", "updated_stamp": same["updated_at"]}}

    by_stamp = zendesk.run_job("PUT", "tickets/update_many", stamped, **ids)["results"]
    by_queueing = zendesk.run_job(
        "PUT", "tickets/update_many", {"ticket": {"priority": "low"}}, **ids
    )["results"]

    assert [item.get("error") for item in by_stamp] == ["TicketUpdateFailed", None]
    assert [item.get("error") for item in by_queueing] == [None, None]


def test_a_change_while_the_job_is_queued_wins(stale):
    """A ticket that is changed while the job is queued is not updated by the job."""
    zendesk, _, same = stale
    zendesk.emulator.switches.job_seconds = 10
    path, ids = "tickets/update_many", {"ids": str(same["id"])}
    job = zendesk.send("PUT", path, {"ticket": {"priority": "low"}}, params=ids).json()
    zendesk.clock.sleep(5)
    zendesk.send("PUT", f"tickets/{same['id']}", {"ticket": {"priority": "urgent"}})
    zendesk.clock.sleep(5)

    (result,) = zendesk.get(f"job_statuses/{job['job_status']['id']}")["job_status"]["results"]

    assert result["error"] == "TicketUpdateFailed"
    assert zendesk.get(f"tickets/{same['id']}")["ticket"]["priority"] == "urgent"
