"""Complete scenarios through the public API, request by request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.recordings.replay import Exchange, needs_recordings, play, read_exchanges
from zendesk_orm import Audit, BulkError, Comment, NotFound, Organization, Ticket, User
from zendesk_orm.plan.selection import Candidate


pytestmark = needs_recordings

TICKETS = "TestTicketCreateUpdateDelete"
USERS = "TestUserCreateUpdateDelete"
ORGANIZATIONS = "TestOrganizationCreateUpdateDelete"


def _list_bodies(recorded: list[Exchange], method: str) -> list[Any]:
    return [item.sent for item in recorded if item.method == method]


def test_a_ticket_is_created_and_changed() -> None:
    """Creation and change take one request each, and the object has their values and audit."""
    name = f"{TICKETS}.test_single_object_update-update-single"

    with play(read_exchanges(name), name) as (account, tape):
        ticket = Ticket(subject="test", comment=Comment(body="test"))
        ticket.save(using=name, safe=False)
        assert (ticket.id, ticket.status, ticket.description) == (4016, "new", "test")

        created_at = ticket.updated_at
        ticket.subject = str(tape.exchanges[1].request["ticket"]["subject"])
        assert ticket.changes() == {"subject": ("test", ticket.subject)}
        ticket.save(safe=False)
        ticket.save()

        assert account.requests_sent == 2
        assert tape.unused == []
    assert created_at < ticket.updated_at
    assert ticket.changes() == {}
    assert ticket.last_audit is not None
    assert [event["type"] for event in ticket.last_audit.events] == ["Change"]
    # The recorded client wrote `description`, and sent the id and a description
    # that Zendesk ignored.
    assert _list_bodies(tape.exchanges, "POST") == [
        {"ticket": {"subject": "test", "comment": {"body": "test"}}}
    ]
    assert _list_bodies(tape.exchanges, "PUT") == [{"ticket": {"subject": ticket.subject}}]


def test_a_ticket_is_created_and_deleted() -> None:
    """The response to the deletion is empty; the object keeps its values."""
    name = f"{TICKETS}.test_single_object_deletion-delete-single"

    with play(read_exchanges(name), name) as (account, tape):
        ticket = Ticket.objects.using(name).create(subject="test", comment={"body": "test"})

        assert ticket.delete() == (1, {"support.Ticket": 1})
        assert account.requests_sent == 2
        assert tape.unused == []
    assert (ticket.id, ticket.subject) == (4015, "test")
    assert _list_bodies(tape.exchanges, "DELETE") == [None]


def test_fifty_tickets_are_created_and_changed() -> None:
    """A creation job, one read, and an update job for fifty tickets: six requests."""
    name = f"{TICKETS}.test_multiple_update_half_full_objects-update-many"

    with play(read_exchanges(name), name) as (account, tape):
        tickets = [Ticket(subject="test", comment=Comment(body="test")) for _ in range(50)]
        created = Ticket.objects.using(name).bulk_create(tickets)
        assert len(created) == len({ticket.id for ticket in tickets}) == 50

        ids = [ticket.id for ticket in tickets]
        read = list(Ticket.objects.using(name).filter(id__in=ids))
        assert all(one is other for one, other in zip(read, tickets, strict=True))
        assert {ticket.status for ticket in read} == {"new"}

        rows = tape.unused[0].request["tickets"]
        by_id = {ticket.id: ticket for ticket in tickets}
        for row in rows:
            by_id[row["id"]].subject = row["subject"]
        changed = Ticket.objects.using(name).bulk_update([by_id[row["id"]] for row in rows])

        assert len(changed) == 50
        assert account.requests_sent == 6
        assert tape.unused == []
    assert [ticket.changes() for ticket in tickets] == [{}] * 50
    # The recorded client sent a description, too, which Zendesk ignored.
    assert [
        {"tickets": [{"id": row["id"], "subject": row["subject"]} for row in rows]}
    ] == _list_bodies(tape.exchanges, "PUT")


def test_fifty_tickets_are_deleted_without_being_read_again() -> None:
    """In a session that has loaded them, `delete()` of a query sends only the deletion."""
    name = f"{TICKETS}.test_multiple_delete_half_full_objects-delete-many"

    with play(read_exchanges(name), name) as (account, tape), account.session():
        tickets = [Ticket(subject="test", comment=Comment(body="test")) for _ in range(50)]
        Ticket.objects.using(name).bulk_create(tickets)
        ids = [ticket.id for ticket in tickets]
        assert tickets == list(Ticket.objects.using(name).filter(id__in=ids))

        # The recording ends while the job is queued, and the library requests its status again.
        with pytest.raises(BulkError, match=r"GET .*/job_statuses/"):
            Ticket.objects.using(name).filter(id__in=sorted(ids)).delete()

        assert tape.unused == []


def test_a_hundred_users_are_created() -> None:
    """Creating users takes one request, one job and one read; each object gets its id."""
    name = f"{USERS}.test_full_objects_create-create-multiple"
    recorded = read_exchanges(name)
    names = [row["name"] for row in recorded[0].request["users"]]

    with play(recorded, name) as (account, tape):
        users = [User(name=item) for item in names]
        result = User.objects.using(name).bulk_create(users)
        assert (len(result), int(result)) == (100, 100)

        read = User.objects.using(name).in_bulk([user.id for user in users])

        assert account.requests_sent == len(tape.exchanges) == 4
        assert tape.unused == []
    assert {user.id for user in users} == {*read}
    assert all(read[user.id] is user for user in users)
    # The recorded client sent empty ids.
    assert [{"users": [{"name": item} for item in names]}] == _list_bodies(tape.exchanges, "POST")


def test_a_bulk_update_that_fails_partly_raises() -> None:
    """A bulk update with 49 failures raises; only the failed objects keep their edits."""
    name = f"{ORGANIZATIONS}.test_multiple_update_half_full_objects-update-many"

    with play(read_exchanges(name), name) as (_, tape):
        rows = tape.exchanges[0].request["organizations"]
        organizations = [Organization(name=row["name"]) for row in rows]
        Organization.objects.using(name).bulk_create(organizations)
        ids = [organization.id for organization in organizations]
        by_id = {item.id: item for item in Organization.objects.using(name).filter(id__in=ids)}

        expected = tape.unused[0].request["organizations"]
        for row in expected:
            by_id[row["id"]].name = row["name"]
        with pytest.raises(BulkError, match="49 of 50 objects failed") as caught:
            Organization.objects.using(name).bulk_update([by_id[row["id"]] for row in expected])

        assert tape.unused == []
    result = caught.value.result
    assert result.succeeded == [by_id[expected[0]["id"]]]
    assert {outcome.error for outcome in result.failed} == {"OrganizationUpdateFailed"}
    assert [outcome.object for outcome in result.failed] == [
        by_id[row["id"]] for row in expected[1:]
    ]
    assert result.succeeded[0].changes() == {}
    assert {key for outcome in result.failed for key in outcome.object.changes()} == {"name"}
    assert _list_bodies(tape.exchanges, "PUT") == [tape.exchanges[4].request]


def test_a_missing_user_is_not_found() -> None:
    """Deleting a user that does not exist raises."""
    name = f"{USERS}.test_single_delete_raises_recordnotfoundexception-recordnotfound-delete"

    with play(read_exchanges(name), name), pytest.raises(NotFound, match="RecordNotFound"):
        User(id=2**63 - 1).delete(using=name)


def test_a_search_for_users_is_sent_as_documented() -> None:
    """The type is sent once, in `filter[type]`, and the datetime by its keyword.

    The recorded client sent `created_at` and repeated the type, which Zendesk's
    documentation calls an error.
    """
    name = "TestUserSearchExportApi.test_cbp_small_iterations"
    recorded = read_exchanges(name)[0]
    export = next(item for item in User._meta.api if item.path == recorded.path[8:])
    asked = User.objects.filter(created_at__gte="2023-09-14T00:39:54Z").page_size(1)

    (request,) = Candidate(asked.query, export).plan.first()

    assert recorded.parameter("query") == "created_at>=2023-09-14T00:39:54Z type:user"
    assert {
        **dict(recorded.query),
        "query": "created>=2023-09-14T00:39:54Z",
    } == dict(request.params)


def _add_comment() -> list[Exchange]:
    """Return a ticket that was read and updated by a comment, with recorded responses."""
    created = read_exchanges(f"{TICKETS}.test_single_object_creation-create-single")[0]
    path = f"/api/v2/tickets/{created.response['ticket']['id']}"
    before = {"ticket": {**created.response["ticket"], "updated_at": "2023-09-01T00:00:00Z"}}
    return [
        Exchange("GET", path, (), None, 200, created.headers, before),
        Exchange("PUT", path, (), None, 200, created.headers, created.response),
    ]


def test_an_added_comment_is_complete() -> None:
    """A comment has the values of its audit, such as `via`."""
    read, written = _add_comment()
    audit = written.response["audit"]

    with play([read, written], "commented"):
        ticket = Ticket.objects.using("commented").get(read.id)
        comment = ticket.comments.create(body="test")

    assert audit["events"][0]["id"] == comment.id
    assert "<p" in str(comment.html_body)
    assert Audit.from_row(audit).created_at == comment.created_at
    assert (audit["via"], audit["metadata"]) == (comment.via, comment.metadata)


@pytest.mark.parametrize(
    "add",
    [
        lambda ticket: ticket.comments.create(body="test"),
        lambda ticket: Comment(ticket=ticket, body="test").save(using="commented"),
    ],
    ids=["comments.create", "Comment.save"],
)
def test_the_ticket_of_an_added_comment_is_updated(add: Callable[[Ticket], Comment]) -> None:
    """A ticket has the row of the response after a comment was added."""
    read, written = _add_comment()

    with play([read, written], "commented"):
        ticket = Ticket.objects.using("commented").get(read.id)
        add(ticket)

    assert written.response["ticket"] == ticket.to_dict()
    assert ticket.last_audit is not None
    assert written.response["audit"] == ticket.last_audit.to_dict()
