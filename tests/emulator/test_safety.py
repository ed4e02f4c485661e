"""Safe updates: refused where the ticket has changed since."""

from __future__ import annotations

import pytest


@pytest.fixture
def stale(zendesk):
    """Return a client, a ticket as it was, and a ticket that is as it was."""
    changed, same = zendesk.ticket(), zendesk.ticket()
    zendesk.clock.sleep(1)
    zendesk.send("PUT", f"tickets/{changed['id']}", {"ticket": {"subject": "b"}})
    return zendesk, changed, same


@pytest.mark.parametrize("safe", [True, False])
def test_the_key_itself_makes_an_update_safe(stale, safe):
    """`safe_update` is as good as true when it is false; without it, a stamp does nothing."""
    zendesk, changed, _ = stale
    path, stamp = f"tickets/{changed['id']}", changed["updated_at"]

    refused = zendesk.send(
        "PUT", path, {"ticket": {"subject": "c", "safe_update": safe, "updated_stamp": stamp}}
    )
    forced = zendesk.send("PUT", path, {"ticket": {"subject": "c", "updated_stamp": stamp}})

    assert (409, "UpdateConflict") == (refused.status_code, refused.json()["error"])
    assert (200, "c") == (forced.status_code, forced.json()["ticket"]["subject"])


def test_tags_are_updated_safely(stale):
    """Adding and removing tags takes the two keys, too."""
    zendesk, changed, same = stale
    for ticket, status in ((changed, 409), (same, 200)):
        body = {"tags": ["vip"], "safe_update": "true", "updated_stamp": ticket["updated_at"]}

        assert status == zendesk.send("PUT", f"tickets/{ticket['id']}/tags", body).status_code
    body["updated_stamp"] = "2020-01-01T00:00:00Z"
    assert 409 == zendesk.send("DELETE", f"tickets/{same['id']}/tags", body).status_code


def test_each_of_many_updates_is_safe(stale):
    """Of several changes, each is held against its own stamp, and fails alone."""
    zendesk, *tickets = stale
    rows = [
        {"id": each["id"], "subject": "c", "safe_update": True, "updated_stamp": each["updated_at"]}
        for each in tickets
    ]

    results = zendesk.done("PUT", "tickets/update_many", {"tickets": rows})["results"]

    assert ["TicketUpdateFailed", None] == [each.get("error") for each in results]
    assert results[0]["details"].startswith("Safe Update")


@pytest.mark.parametrize("given", [{"safe_update": True}, {"updated_stamp": "x"}])
def test_many_updates_give_both_keys_or_neither(stale, given):
    """A change that gives one of the two keys is refused, before there is a job."""
    zendesk, _, same = stale

    answer = zendesk.send("PUT", "tickets/update_many", {"tickets": [{"id": same["id"], **given}]})

    assert 400 == answer.status_code


def test_one_change_for_many_is_always_safe(stale):
    """A stamp says since when no ticket may have changed; without one, it is the queueing."""
    zendesk, changed, same = stale
    ids = {"ids": f"{changed['id']},{same['id']}"}
    stamped = {"ticket": {"priority": "high", "updated_stamp": same["updated_at"]}}

    by_stamp = zendesk.done("PUT", "tickets/update_many", stamped, **ids)["results"]
    by_queueing = zendesk.done(
        "PUT", "tickets/update_many", {"ticket": {"priority": "low"}}, **ids
    )["results"]

    assert ["TicketUpdateFailed", None] == [each.get("error") for each in by_stamp]
    assert [None, None] == [each.get("error") for each in by_queueing]


def test_a_change_meanwhile_wins(stale):
    """A ticket that is changed while the job waits is left alone by it."""
    zendesk, _, same = stale
    zendesk.emulator.switches.job_seconds = 10
    path, ids = "tickets/update_many", {"ids": str(same["id"])}
    job = zendesk.send("PUT", path, {"ticket": {"priority": "low"}}, params=ids).json()
    zendesk.clock.sleep(5)
    zendesk.send("PUT", f"tickets/{same['id']}", {"ticket": {"priority": "urgent"}})
    zendesk.clock.sleep(5)

    (result,) = zendesk.get(f"job_statuses/{job['job_status']['id']}")["job_status"]["results"]

    assert "TicketUpdateFailed" == result["error"]
    assert "urgent" == zendesk.get(f"tickets/{same['id']}")["ticket"]["priority"]
