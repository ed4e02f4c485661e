"""Jobs: bulk changes and their results."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator


def _build_tickets(count):
    return {"tickets": [{"subject": f"t{n}", "comment": {"body": "x"}} for n in range(count)]}


def test_a_job_reports_its_progress(zendesk):
    """A job is queued, reports its progress, and has its results at the end."""
    job = zendesk.send("POST", "tickets/create_many", _build_tickets(10)).json()["job_status"]
    seen = [job]
    for _ in range(2):
        zendesk.clock.sleep(0.5)
        seen.append(zendesk.get(f"job_statuses/{job['id']}")["job_status"])

    assert [item["status"] for item in seen] == ["queued", "working", "completed"]
    assert [item["progress"] for item in seen] == [None, 5, 10]
    assert [item["message"] for item in seen] == [
        None,
        "Creating ticket #5",
        "Completed at 2026-09-21 14:13:21 +0000",
    ]
    assert [item["results"] for item in seen[:2]] == [None, None]


def test_a_job_that_is_polled_late_ended_in_time(zendesk):
    """A clock that advances by days changes neither the end of a job nor the times of its rows."""
    job = zendesk.send("POST", "tickets/create_many", _build_tickets(2)).json()["job_status"]

    zendesk.emulator.advance(days=3)

    row = zendesk.get(f"job_statuses/{job['id']}")["job_status"]
    assert row["message"] == "Completed at 2026-09-21 14:13:21 +0000"
    times = {ticket["created_at"] for ticket in zendesk.get("tickets")["tickets"]}
    assert times == {"2026-09-21T14:13:21Z"}


def test_rows_do_not_exist_before_the_job_ends(zendesk):
    """The rows of a queued job do not exist yet."""
    zendesk.send("POST", "tickets/create_many", _build_tickets(1))

    assert zendesk.get("tickets")["count"] == 0


def test_results_of_created_tickets_have_indexes(zendesk):
    """Results of created tickets have indexes, and their ids are in another order, as recorded."""
    results = zendesk.run_job("POST", "tickets/create_many", _build_tickets(20))["results"]

    ids = [result["id"] for result in results]
    subjects = {row["id"]: row["subject"] for row in zendesk.get("tickets")["tickets"]}
    assert [result["index"] for result in results] == list(range(20))
    assert [f"t{n}" for n in range(20)] == [subjects[pk] for pk in ids]
    assert sorted(ids) != ids
    assert set(results[0]) == {"index", "id", "account_id"}


def test_results_of_created_users_are_in_order(zendesk):
    """Results of created users and organizations are in order, with the status `Created`."""
    job = zendesk.run_job(
        "POST", "users/create_many", {"users": [{"name": "Ada"}, {"name": "Ben"}]}
    )

    names = [zendesk.get(f"users/{item['id']}")["user"]["name"] for item in job["results"]]
    assert [item["status"] for item in job["results"]] == ["Created", "Created"]
    assert names == ["Ada", "Ben"]


def test_a_job_with_failed_items_is_completed(zendesk):
    """A job completes although items fail; each failure has its index and its reason."""
    zendesk.create("organizations", name="Acme")

    job = zendesk.run_job(
        "POST", "organizations/create_many", {"organizations": [{"name": "New"}, {"name": "Acme"}]}
    )

    assert job["status"] == "completed"
    assert job["results"][1] == {
        "index": 1,
        "error": "OrganizationCreateFailed",
        "details": "Name:  Acme has already been taken",
    }


def test_update_many_makes_different_changes(zendesk):
    """`update_many` with the plural key updates each row with its own values."""
    ids = [zendesk.create_ticket()["id"] for _ in range(2)]

    job = zendesk.run_job(
        "PUT", "tickets/update_many", {"tickets": [{"id": pk, "subject": f"s{pk}"} for pk in ids]}
    )

    assert [
        {"action": "update", "status": "Updated", "success": True, "id": pk} for pk in ids
    ] == job["results"]
    assert [f"s{pk}" for pk in ids] == [row["subject"] for row in zendesk.get("tickets")["tickets"]]


def test_update_many_makes_the_same_change(zendesk):
    """`update_many` with the singular key and `ids` makes the same change to all rows."""
    ids = [zendesk.create_ticket(tags=["a", "b"])["id"] for _ in range(2)]
    change = {"priority": "high", "additional_tags": ["c"], "remove_tags": "a"}

    zendesk.run_job("PUT", "tickets/update_many", {"ticket": change}, ids="1,2,77")

    rows = zendesk.get("tickets")["tickets"]
    assert [(pk, "high", ["b", "c"]) for pk in ids] == [
        (row["id"], row["priority"], row["tags"]) for row in rows
    ]


def test_destroy_many_deletes_existing_rows(zendesk):
    """`destroy_many` deletes existing rows, and fails for others."""
    pk = zendesk.create_ticket()["id"]

    job = zendesk.run_job("DELETE", "tickets/destroy_many", ids=f"{pk},77")

    assert job["job_type"] == "Bulk Update Ticket"
    assert [result.get("status") for result in job["results"]] == ["Deleted", None]
    assert job["results"][1]["id"] == 77
    assert zendesk.get("tickets")["count"] == 0


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
def test_a_job_has_at_most_a_hundred_items(zendesk, path, body):
    """A request with 101 rows returns the recorded error."""
    response = zendesk.send("POST", f"{path}/create_many", {path: [{}] * 101})

    assert (response.status_code, response.json()) == (400, body)


def test_the_number_of_jobs_is_limited(zendesk):
    """A job beyond thirty is rejected until another job has ended."""
    for _ in range(30):
        assert zendesk.send("POST", "tickets/create_many", _build_tickets(1)).ok

    rejected = zendesk.send("POST", "tickets/create_many", _build_tickets(1))
    zendesk.clock.sleep(1)

    assert (rejected.status_code, rejected.json()["error"]) == (429, "TooManyJobs")
    assert len(rejected.json()["current_job_ids"]) == 30
    assert zendesk.send("POST", "tickets/create_many", _build_tickets(1)).ok


def test_several_jobs_are_shown_and_listed(zendesk):
    """One request returns the status of several jobs."""
    ids = [
        zendesk.send("POST", "tickets/create_many", _build_tickets(1)).json()["job_status"]["id"]
        for _ in range(2)
    ]

    many = zendesk.get("job_statuses/show_many", ids=",".join(ids))["job_statuses"]
    listed = zendesk.get("job_statuses", **{"page[size]": 9})["job_statuses"]

    assert set(ids) == {job["id"] for job in many} == {job["id"] for job in listed}


def test_bulk_import_of_users_can_be_disabled():
    """An account without bulk import of users returns 403."""
    with Emulator(bulk_users=False) as emulator, signed_in_session(emulator) as session:
        response = session.post(
            "https://emulator.zendesk.com/api/v2/users/create_many", json={"users": [{}]}
        )

    assert response.status_code == 403


def test_a_ticket_is_created_in_a_job(zendesk):
    """With `async=true`, the response has the id of a ticket that exists when its job has ended."""
    body = {"ticket": {"subject": "Later", "comment": {"body": "x"}}}
    response = zendesk.send("POST", "tickets", body, params={"async": "true"})
    pk, job = response.json()["ticket"]["id"], response.json()["job_status"]
    before = zendesk.send("GET", f"tickets/{pk}").status_code
    other = zendesk.create_ticket()["id"]
    invalid = zendesk.send("POST", "tickets", {"ticket": {}}, params={"async": "true"}).json()
    zendesk.clock.sleep(60)
    done = zendesk.get(f"job_statuses/{job['id']}")["job_status"]
    failed = zendesk.get(f"job_statuses/{invalid['job_status']['id']}")["job_status"]

    assert (response.status_code, job["status"], before) == (202, "queued", 404)
    assert zendesk.get(f"tickets/{pk}")["ticket"]["subject"] == "Later"
    assert other != pk
    assert [result["id"] for result in done["results"]] == [pk]
    assert [result["error"] for result in failed["results"]] == ["TicketCreateFailed"]
    assert zendesk.send("GET", f"tickets/{invalid['ticket']['id']}").status_code == 404
