"""Bulk changes through jobs."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator


def _tickets(count):
    return {"tickets": [{"subject": f"t{n}", "comment": {"body": "x"}} for n in range(count)]}


def test_a_job_is_queued_then_works_then_is_completed(zendesk):
    """A job tells its progress as time goes by, and has its results at the end."""
    job = zendesk.send("POST", "tickets/create_many", _tickets(10)).json()["job_status"]
    seen = [job]
    for _ in range(2):
        zendesk.clock.sleep(0.5)
        seen.append(zendesk.get(f"job_statuses/{job['id']}")["job_status"])

    assert ["queued", "working", "completed"] == [each["status"] for each in seen]
    assert [None, 5, 10] == [each["progress"] for each in seen]
    assert [None, "Creating ticket #5", "Completed at 2026-09-21 14:13:21 +0000"] == [
        each["message"] for each in seen
    ]
    assert [None, None] == [each["results"] for each in seen[:2]]


def test_nothing_is_there_before_the_job_is_done(zendesk):
    """The rows of a job that waits are not there yet."""
    zendesk.send("POST", "tickets/create_many", _tickets(1))

    assert 0 == zendesk.get("tickets")["count"]


def test_created_tickets_are_told_by_index(zendesk):
    """Results come by index; the ids, as in the recordings, are in another order."""
    results = zendesk.done("POST", "tickets/create_many", _tickets(20))["results"]

    ids = [result["id"] for result in results]
    subjects = {row["id"]: row["subject"] for row in zendesk.get("tickets")["tickets"]}
    assert list(range(20)) == [result["index"] for result in results]
    assert [f"t{n}" for n in range(20)] == [subjects[pk] for pk in ids]
    assert sorted(ids) != ids
    assert {"index", "id", "account_id"} == set(results[0])


def test_other_creations_are_told_in_order(zendesk):
    """Created users and organizations come as `Created` with an id."""
    job = zendesk.done("POST", "users/create_many", {"users": [{"name": "Ada"}, {"name": "Ben"}]})

    names = [zendesk.get(f"users/{each['id']}")["user"]["name"] for each in job["results"]]
    assert ["Created", "Created"] == [each["status"] for each in job["results"]]
    assert ["Ada", "Ben"] == names


def test_an_item_that_is_refused_fails_within_a_completed_job(zendesk):
    """A job completes although items fail; each failure has its index and its reason."""
    zendesk.made("organizations", name="Acme")

    job = zendesk.done(
        "POST", "organizations/create_many", {"organizations": [{"name": "New"}, {"name": "Acme"}]}
    )

    assert "completed" == job["status"]
    assert {
        "index": 1,
        "error": "OrganizationCreateFailed",
        "details": "Name:  Acme has already been taken",
    } == job["results"][1]


def test_each_ticket_gets_its_own_change(zendesk):
    """The plural form changes each row as it says."""
    ids = [zendesk.ticket()["id"] for _ in range(2)]

    job = zendesk.done(
        "PUT", "tickets/update_many", {"tickets": [{"id": pk, "subject": f"s{pk}"} for pk in ids]}
    )

    assert [
        {"action": "update", "status": "Updated", "success": True, "id": pk} for pk in ids
    ] == job["results"]
    assert [f"s{pk}" for pk in ids] == [row["subject"] for row in zendesk.get("tickets")["tickets"]]


def test_all_tickets_get_the_same_change(zendesk):
    """The singular form with `ids` changes all alike, and adds and removes tags."""
    ids = [zendesk.ticket(tags=["a", "b"])["id"] for _ in range(2)]
    change = {"priority": "high", "additional_tags": ["c"], "remove_tags": "a"}

    zendesk.done("PUT", "tickets/update_many", {"ticket": change}, ids="1,2,77")

    rows = zendesk.get("tickets")["tickets"]
    assert [(pk, "high", ["b", "c"]) for pk in ids] == [
        (row["id"], row["priority"], row["tags"]) for row in rows
    ]


def test_tickets_are_destroyed(zendesk):
    """destroy_many deletes what is there, and fails for what is not."""
    pk = zendesk.ticket()["id"]

    job = zendesk.done("DELETE", "tickets/destroy_many", ids=f"{pk},77")

    assert "Bulk Update Ticket" == job["job_type"]
    assert ["Deleted", None] == [result.get("status") for result in job["results"]]
    assert 77 == job["results"][1]["id"]
    assert 0 == zendesk.get("tickets")["count"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "tickets",
            {
                "error": "TooManyValues",
                "description": "Parameter  cannot specify more than 100 values",
                "max_count": 100,
            },
        ),
        (
            "users",
            {
                "error": "TooManyValues",
                "description": "Maximum 100 users may be created per call",
            },
        ),
    ],
)
def test_a_job_takes_a_hundred(zendesk, path, body):
    """A hundred and one rows are too many, in the recorded words."""
    answer = zendesk.send("POST", f"{path}/create_many", {path: [{}] * 101})

    assert (400, body) == (answer.status_code, answer.json())


def test_thirty_jobs_may_wait(zendesk):
    """The thirty-first job is refused until another is done."""
    for _ in range(30):
        assert zendesk.send("POST", "tickets/create_many", _tickets(1)).ok

    refused = zendesk.send("POST", "tickets/create_many", _tickets(1))
    zendesk.clock.sleep(1)

    assert (429, "TooManyJobs") == (refused.status_code, refused.json()["error"])
    assert 30 == len(refused.json()["current_job_ids"])
    assert zendesk.send("POST", "tickets/create_many", _tickets(1)).ok


def test_jobs_are_shown_by_the_many_and_listed(zendesk):
    """Several jobs can be looked at in one request."""
    ids = [
        zendesk.send("POST", "tickets/create_many", _tickets(1)).json()["job_status"]["id"]
        for _ in range(2)
    ]

    many = zendesk.get("job_statuses/show_many", ids=",".join(ids))["job_statuses"]
    listed = zendesk.get("job_statuses", **{"page[size]": 9})["job_statuses"]

    assert set(ids) == {job["id"] for job in many} == {job["id"] for job in listed}


def test_users_are_made_in_bulk_only_where_it_is_allowed():
    """An account that has not asked for it gets 403."""
    with Emulator(bulk_users=False) as emulator, signed_in_session(emulator) as session:
        answer = session.post(
            "https://emulator.zendesk.com/api/v2/users/create_many", json={"users": [{}]}
        )

    assert 403 == answer.status_code
