"""Whole scenarios through the public face alone, request by request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.recordings.replay import Exchange, exchanges, needs_recordings, played
from zendesk_orm import Audit, BulkError, Comment, NotFound, Organization, Ticket, User
from zendesk_orm.plan.planner import planned


pytestmark = needs_recordings

TICKETS = "TestTicketCreateUpdateDelete"
USERS = "TestUserCreateUpdateDelete"
ORGANIZATIONS = "TestOrganizationCreateUpdateDelete"


def _sent(recorded: list[Exchange], method: str) -> list[Any]:
    return [each.sent for each in recorded if each.method == method]


def test_a_ticket_is_created_and_changed() -> None:
    """One request each; the answer of a save is the object, and its audit is told."""
    name = f"{TICKETS}.test_single_object_update-update-single"

    with played(exchanges(name), name) as (account, tape):
        ticket = Ticket(subject="test", comment=Comment(body="test"))
        ticket.save(using=name, safe=False)
        assert (4016, "new", "test") == (ticket.id, ticket.status, ticket.description)

        created_at = ticket.updated_at
        ticket.subject = str(tape.exchanges[1].request["ticket"]["subject"])
        assert {"subject": ("test", ticket.subject)} == ticket.changes()
        ticket.save(safe=False)
        ticket.save()

        assert account.requests_sent == 2
        assert tape.left == []
    assert created_at < ticket.updated_at
    assert {} == ticket.changes()
    assert ticket.last_audit is not None
    assert ["Change"] == [event["type"] for event in ticket.last_audit.events]
    # The recorded client wrote `description`, and sent the id and a description
    # that Zendesk ignored.
    assert [{"ticket": {"subject": "test", "comment": {"body": "test"}}}] == _sent(
        tape.exchanges, "POST"
    )
    assert [{"ticket": {"subject": ticket.subject}}] == _sent(tape.exchanges, "PUT")


def test_a_ticket_is_created_and_deleted() -> None:
    """The answer of a deletion is empty; the object keeps what it knew."""
    name = f"{TICKETS}.test_single_object_deletion-delete-single"

    with played(exchanges(name), name) as (account, tape):
        ticket = Ticket.objects.using(name).create(subject="test", comment={"body": "test"})

        assert (1, {"support.Ticket": 1}) == ticket.delete()
        assert account.requests_sent == 2
        assert tape.left == []
    assert (4015, "test") == (ticket.id, ticket.subject)
    assert [None] == _sent(tape.exchanges, "DELETE")


def test_fifty_tickets_are_created_and_changed() -> None:
    """A job for fifty new tickets, one read of all, a job for fifty changes: six requests."""
    name = f"{TICKETS}.test_multiple_update_half_full_objects-update-many"

    with played(exchanges(name), name) as (account, tape):
        tickets = [Ticket(subject="test", comment=Comment(body="test")) for _ in range(50)]
        made = Ticket.objects.using(name).bulk_create(tickets)
        assert 50 == len(made) == len({ticket.id for ticket in tickets})

        ids = [ticket.id for ticket in tickets]
        read = list(Ticket.objects.using(name).filter(id__in=ids))
        assert all(one is other for one, other in zip(read, tickets, strict=True))
        assert {"new"} == {ticket.status for ticket in read}

        rows = tape.left[0].request["tickets"]
        by_id = {ticket.id: ticket for ticket in tickets}
        for row in rows:
            by_id[row["id"]].subject = row["subject"]
        changed = Ticket.objects.using(name).bulk_update([by_id[row["id"]] for row in rows])

        assert 50 == len(changed)
        assert account.requests_sent == 6
        assert tape.left == []
    assert [{}] * 50 == [ticket.changes() for ticket in tickets]
    # The recorded client sent a description, too, which Zendesk ignored.
    assert [{"tickets": [{"id": row["id"], "subject": row["subject"]} for row in rows]}] == _sent(
        tape.exchanges, "PUT"
    )


def test_fifty_tickets_are_deleted_without_being_read_again() -> None:
    """In a session that has read them, `delete()` of a query sends only the deletion."""
    name = f"{TICKETS}.test_multiple_delete_half_full_objects-delete-many"

    with played(exchanges(name), name) as (account, tape), account.session():
        tickets = [Ticket(subject="test", comment=Comment(body="test")) for _ in range(50)]
        Ticket.objects.using(name).bulk_create(tickets)
        ids = [ticket.id for ticket in tickets]
        assert tickets == list(Ticket.objects.using(name).filter(id__in=ids))

        # The recording ends while the job is queued, and the library goes on to look.
        with pytest.raises(BulkError, match=r"GET .*/job_statuses/"):
            Ticket.objects.using(name).filter(id__in=sorted(ids)).delete()

        assert tape.left == []


def test_a_hundred_users_are_created() -> None:
    """A hundred is one request, one job and one read; each object gets its own id."""
    name = f"{USERS}.test_full_objects_create-create-multiple"
    recorded = exchanges(name)
    names = [row["name"] for row in recorded[0].request["users"]]

    with played(recorded, name) as (account, tape):
        users = [User(name=each) for each in names]
        result = User.objects.using(name).bulk_create(users)
        assert (100, 100) == (len(result), int(result))

        read = User.objects.using(name).in_bulk([user.id for user in users])

        assert account.requests_sent == len(tape.exchanges) == 4
        assert tape.left == []
    assert {user.id for user in users} == {*read}
    assert all(read[user.id] is user for user in users)
    # The recorded client sent empty ids.
    assert [{"users": [{"name": each} for each in names]}] == _sent(tape.exchanges, "POST")


def test_of_fifty_organizations_one_is_renamed() -> None:
    """A completed job in which 49 failed raises; the failed keep their edits, the one does not."""
    name = f"{ORGANIZATIONS}.test_multiple_update_half_full_objects-update-many"

    with played(exchanges(name), name) as (_, tape):
        rows = tape.exchanges[0].request["organizations"]
        organizations = [Organization(name=row["name"]) for row in rows]
        Organization.objects.using(name).bulk_create(organizations)
        ids = [each.id for each in organizations]
        by_id = {each.id: each for each in Organization.objects.using(name).filter(id__in=ids)}

        wanted = tape.left[0].request["organizations"]
        for row in wanted:
            by_id[row["id"]].name = row["name"]
        with pytest.raises(BulkError, match="49 of 50 objects failed") as caught:
            Organization.objects.using(name).bulk_update([by_id[row["id"]] for row in wanted])

        assert tape.left == []
    result = caught.value.result
    assert [by_id[wanted[0]["id"]]] == result.succeeded
    assert {"OrganizationUpdateFailed"} == {outcome.error for outcome in result.failed}
    assert [by_id[row["id"]] for row in wanted[1:]] == [each.object for each in result.failed]
    assert {} == result.succeeded[0].changes()
    assert {"name"} == {key for each in result.failed for key in each.object.changes()}
    assert [tape.exchanges[4].request] == _sent(tape.exchanges, "PUT")


def test_a_missing_user_is_not_found() -> None:
    """Deleting a user that is not there is an error, and no silent success."""
    name = f"{USERS}.test_single_delete_raises_recordnotfoundexception-recordnotfound-delete"

    with played(exchanges(name), name), pytest.raises(NotFound, match="RecordNotFound"):
        User(id=2**63 - 1).delete(using=name)


def test_a_search_for_users_is_asked_as_documented() -> None:
    """The library names the type once, in `filter[type]`, and the moment by its keyword.

    The recorded client said `created_at` and repeated the type, which Zendesk's
    documentation calls an error.
    """
    name = "TestUserSearchExportApi.test_cbp_small_iterations"
    recorded = exchanges(name)[0]
    export = next(each for each in User._meta.api if each.path == recorded.path[8:])
    asked = User.objects.filter(created_at__gte="2023-09-14T00:39:54Z").page_size(1)

    (request,) = planned(export, asked.query).first()

    assert "created_at>=2023-09-14T00:39:54Z type:user" == recorded.asked("query")
    assert {
        **dict(recorded.query),
        "query": "created>=2023-09-14T00:39:54Z",
    } == dict(request.params)


def _commented() -> list[Exchange]:
    """Return a ticket that is read, and updated by a comment: the recorded answer of its birth."""
    created = exchanges(f"{TICKETS}.test_single_object_creation-create-single")[0]
    path = f"/api/v2/tickets/{created.response['ticket']['id']}"
    before = {"ticket": {**created.response["ticket"], "updated_at": "2023-09-01T00:00:00Z"}}
    return [
        Exchange("GET", path, (), None, 200, created.headers, before),
        Exchange("PUT", path, (), None, 200, created.headers, created.response),
    ]


def test_an_added_comment_is_complete() -> None:
    """What the audit tells of its comment (when, through what) is known of the comment, too."""
    read, written = _commented()
    audit = written.response["audit"]

    with played([read, written], "commented"):
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
def test_a_ticket_knows_of_an_added_comment(add: Callable[[Ticket], Comment]) -> None:
    """The ticket that was commented on is what Zendesk answered: it is the one of its id."""
    read, written = _commented()

    with played([read, written], "commented"):
        ticket = Ticket.objects.using("commented").get(read.id)
        add(ticket)

    assert written.response["ticket"] == ticket.to_dict()
    assert ticket.last_audit is not None
    assert written.response["audit"] == ticket.last_audit.to_dict()
