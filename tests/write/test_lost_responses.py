"""Lost responses: the call succeeds or its error contains the remedy; nothing is done twice."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import Any

import pytest

from tests.emulator.row_factory import RowFactory, build_value, first_text_field
from tests.emulator.test_every_resource import CHANGED, CREATED, UNCHANGED
from tests.tokens import client_of
from zendesk_orm import (
    BulkError,
    Comment,
    ConnectionLost,
    Group,
    MalformedResponse,
    NotFound,
    Organization,
    Request,
    RequestComment,
    RetryPolicy,
    Ticket,
    Upload,
    User,
    ZendeskError,
    connect,
    connections,
    post_save,
)
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.http.clock import VirtualClock


#: The field that is changed, for models whose name is part of the path.
NOT_RENAMED = {"chat.Trigger": "description"}
#: Unattached files, audits of updates without changes, and rows that reading creates.
UNCOUNTED = {
    "support.Upload",
    "support.Attachment",
    "support.Audit",
    "support.UserIdentity",
    "support.OAuthToken",
}
WRITES = ("POST", "PUT", "PATCH", "DELETE")
MAYBE = "may have been applied"


def _lose(emulator: Any) -> None:
    """Lose the response to the next request of each method that changes something."""
    for method in WRITES:
        emulator.fail_next(None, method=method, after_applying=True)


def _count_rows(emulator: Any) -> Counter[str]:
    """Return the number of rows by model, without those of `UNCOUNTED`."""
    rows = emulator._store.execute("SELECT kind, count(*) FROM rows WHERE state < 2 GROUP BY kind")
    return Counter({kind: number for kind, number in rows if kind not in UNCOUNTED})


def _is_uncertain(error: ZendeskError) -> bool:
    """Return whether the error has unknown outcomes, of one object or of several."""
    if isinstance(error, BulkError):
        return all(outcome.unknown for outcome in error.result.failed)
    return MAYBE in str(error)


def _attempt(emulator: Any, write: Any) -> bool:
    """Call the function, whose response is lost; return whether it succeeded."""
    _lose(emulator)
    failure = None
    try:
        write()
    except ZendeskError as error:
        failure = error
    emulator.wsgi.faults.clear()
    assert failure is None or _is_uncertain(failure), str(failure)
    return failure is None


def _label(model: Any) -> str:
    return str(model._meta.label)


@pytest.mark.slow
@pytest.mark.parametrize("model", CREATED, ids=_label)
def test_no_row_is_created_twice(emulator, model):
    """A creation with a lost response creates one row, and succeeds or is uncertain."""
    with Emulator() as undisturbed:
        undisturbed.connect()
        model.objects.create(**RowFactory(undisturbed).values(model))
        expected = _count_rows(undisturbed)[_label(model)]
    emulator.connect()
    values = RowFactory(emulator).values(model)

    _attempt(emulator, lambda: model.objects.create(**values))

    assert _count_rows(emulator)[_label(model)] == expected


def test_a_response_without_the_row_does_not_repeat_a_write():
    """A write was applied if its response succeeds, even if the response is of no use."""
    for body in ([], 5, {"ticket": None}, {"ticket": {"id": 9}}, {"user": {}}):
        with Emulator() as emulator:
            emulator.connect()
            users = User.objects.count()
            ticket = Ticket.objects.create(subject="a", comment=Comment(body="b"))
            ticket.comment = Comment(body="once")
            records = (ticket, Ticket(subject="c", comment=Comment(body="d")), User(name="Kim"))
            errors = [_save_uselessly(emulator, record, body) for record in records]
            for record in records[:2]:
                record.save()

            assert MAYBE in errors[2]
            bodies = [comment.body for comment in ticket.comments.fresh()]
            assert (bodies, Ticket.objects.fresh().count()) == (["b", "once"], 2)
            assert User.objects.count() == users + 1


def _save_uselessly(emulator, record, body):
    """Save an object, which succeeds with another response; return the error, or ""."""
    fault = Fault("*", status=200, body=json.dumps(body), applied=True, times=1)
    emulator.faults.add(fault)
    try:
        record.save()
    except MalformedResponse as error:
        return str(error)
    finally:
        emulator.faults.clear()
        emulator.clock.sleep(60)
    return ""


@pytest.mark.parametrize("model", [m for m in CREATED if m._meta.api.find(Verb.UPDATE)], ids=_label)
def test_an_update_is_applied_once(emulator, model):
    """A save with a lost response is repeated, unless it would have a second effect."""
    if _label(model) in UNCHANGED:
        pytest.skip(UNCHANGED[_label(model)])
    created = RowFactory(emulator).new(model)
    name = {**CHANGED, **NOT_RENAMED}.get(_label(model)) or first_text_field(model)
    value = build_value(model._meta.get_field(name), changed=True)
    setattr(created, name, value)
    before = _count_rows(emulator)[_label(model)]

    assert _attempt(emulator, created.save)

    assert value == getattr(created, name)
    assert created.changes() == {}
    assert before == _count_rows(emulator)[_label(model)]


@pytest.mark.parametrize("model", [m for m in CREATED if m._meta.api.find(Verb.DELETE)], ids=_label)
def test_a_deletion_succeeds(emulator, model):
    """A deletion with a lost response is repeated, and its 404 counts as success."""
    created = RowFactory(emulator).new(model)

    assert _attempt(emulator, created.delete)


def _ticket(**values: Any) -> Ticket:
    return Ticket.objects.create(subject="Printer", comment=Comment(body="Help"), **values)


def _merge_users() -> Any:
    kim, lee = (User.objects.create(name=name, email=f"{name}@acme.com") for name in ("Kim", "Lee"))
    return lambda: kim.merge(lee)


def _merge_tickets() -> Any:
    ticket, other = _ticket(), _ticket()
    return lambda: ticket.merge(other)


def _restore() -> Any:
    ticket = _ticket()
    ticket.delete()
    return ticket.restore


def _destroy() -> Any:
    ticket = _ticket()
    return lambda: ticket.delete(permanent=True)


def _forget() -> Any:
    kim = User.objects.create(name="Kim", email="kim@acme.com")
    return lambda: kim.delete(permanent=True)


def _save_comment() -> Any:
    ticket = _ticket()
    ticket.comment = Comment(body="Look", public=False)
    return ticket.save


def _bulk_create() -> Any:
    groups = [Organization(name=f"Acme {n}") for n in range(3)]
    return lambda: Organization.objects.bulk_create(groups)


def _bulk_update() -> Any:
    tickets = [_ticket(), _ticket()]
    for ticket in tickets:
        ticket.priority = "high"
    return lambda: Ticket.objects.bulk_update(tickets)


def _update_all() -> Any:
    _ticket(external_id="x")
    return lambda: Ticket.objects.filter(external_id="x").fresh().update(priority="high")


def _delete_all() -> Any:
    _ticket(external_id="x")
    return lambda: Ticket.objects.filter(external_id="x").fresh().delete()


def _batch_writer() -> Any:
    def write() -> None:
        with connections["default"].batch():
            _ticket()
            _ticket()

    return write


#: Further ways to write: the preparation, and the call whose response is lost.
OTHER_WRITES: dict[str, Any] = {
    "merge users": _merge_users,
    "merge tickets": _merge_tickets,
    "mark as spam": lambda: _ticket().mark_as_spam,
    "restore": _restore,
    "destroy": _destroy,
    "forget a user": _forget,
    "comment": lambda: partial(_ticket().comments.create, body="Look"),
    "save a comment": _save_comment,
    "add tags": lambda: partial(_ticket(tags=["a"]).tags.add, "b"),
    "remove tags": lambda: partial(_ticket(tags=["a"]).tags.remove, "a"),
    "set tags": lambda: partial(_ticket(tags=["a"]).tags.set, ["b"]),
    "add followers": lambda: partial(_ticket().followers.add, User.objects.me()),
    "upload": lambda: partial(Upload.objects.upload, b"x", filename="x.txt"),
    "bulk_create": _bulk_create,
    "bulk_update": _bulk_update,
    "update()": _update_all,
    "delete()": _delete_all,
    "batch": _batch_writer,
    "get_or_create": lambda: partial(Group.objects.get_or_create, name="Fire"),
    "update_or_create": lambda: partial(
        User.objects.update_or_create, {"name": "Kim"}, email="kim@acme.com"
    ),
}


#: Writes that Zendesk cannot be sent twice.
UNCERTAIN = {
    "merge tickets",
    "comment",
    "save a comment",
    "bulk_create",
    "bulk_update",
    "update()",
    "delete()",
    "batch",
    "get_or_create",
}


@pytest.mark.parametrize("name", OTHER_WRITES)
def test_no_other_write_is_done_twice(emulator, name):
    """Other writes succeed as if no response was lost, or are uncertain."""
    with Emulator() as undisturbed:
        undisturbed.connect()
        OTHER_WRITES[name]()()
        expected = _count_rows(undisturbed)
    emulator.connect()
    write = OTHER_WRITES[name]()

    assert _attempt(emulator, write) is (name not in UNCERTAIN)

    emulator.clock.sleep(60)
    list(Group.objects.all())
    assert _count_rows(emulator) == expected


# -- comments ----------------------------------------------------------------


def _bodies(ticket: Ticket) -> list[str]:
    return [comment.body for comment in ticket.comments.all()]


@pytest.fixture
def ticket(emulator):
    """Return a ticket with one comment."""
    return _ticket()


@pytest.fixture
def lost(emulator, ticket):
    """Return a ticket with a saved comment and status, of which the response was lost."""
    ticket.status = "pending"
    ticket.comment = Comment(body="Look   at <b>this</b>", public=False)
    emulator.fail_next(None, method="PUT", after_applying=True)
    with pytest.raises(ConnectionLost, match="updates"):
        ticket.save()
    return ticket


def test_a_lost_comment_is_found_by_the_next_save(emulator, lost, sent):
    """The audits and the row are read, and nothing is sent."""
    seen = []

    def note(sender, changes, **kwargs):
        seen.append(sorted(changes))

    with post_save.connected_to(note, sender=Ticket):
        lost.save()

    assert [request.method for request in sent] == ["GET", "GET"]
    assert len(_bodies(lost)) == 2
    assert lost.changes() == {}
    assert seen == [["comment", "status"]]
    (event,) = lost.last_audit.events_of("Comment")
    assert event["body"] == "Look   at <b>this</b>"


def test_edits_after_a_lost_comment_are_sent_without_it(lost, sent):
    """The comment and the status were applied, so only the priority is sent."""
    lost.priority = "high"
    lost.save()

    (update,) = (request for request in sent if request.method == "PUT")
    assert {*update.json["ticket"]} == {"priority", "safe_update", "updated_stamp"}
    assert len(_bodies(lost)) == 2


def test_a_change_by_others_after_a_lost_comment_stays(emulator, lost):
    """The status that was applied is not an edit any more, so it is not sent again."""
    other = emulator.connect(alias="other")
    theirs = Ticket.objects.using("other").get(lost.pk)
    theirs.status = "open"
    theirs.save()
    lost.save()

    assert Ticket.objects.using("other").get(lost.pk).status == "open"
    other.close()


def test_a_comment_that_did_not_arrive_is_sent(emulator, ticket):
    """A comment that no audit contains is sent again."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    ticket = Ticket.objects.get(ticket.pk)
    ticket.comment = Comment(body="Look")
    emulator.fail_next(None, method="PUT")
    with pytest.raises(ConnectionLost):
        ticket.save()
    ticket.save()
    ticket.save()

    assert _bodies(ticket) == ["Help", "Look"]


def test_an_earlier_comment_with_the_same_text_is_another_one(emulator, ticket):
    """Only audits after the last known one are searched."""
    ticket.comments.create(body="Ping")
    ticket.comment = Comment(body="Ping")
    emulator.fail_next(None, method="PUT")
    with pytest.raises(ConnectionLost):
        ticket.save()
    ticket.save()

    assert _bodies(ticket) == ["Help", "Ping", "Ping"]


def test_another_comment_replaces_a_lost_one(emulator, lost):
    """A comment with another text is sent without a search for the first one."""
    lost.comment = Comment(body="Something else")
    lost.save()

    assert _bodies(lost)[-1] == "Something else"
    assert len(_bodies(lost)) == 3


def test_comment_save_finds_a_lost_comment(emulator, ticket):
    """`comment.save()` after a lost response sets the id of the comment."""
    comment = Comment(ticket=ticket, body="Look")
    emulator.fail_next(None, method="PUT", after_applying=True)
    with pytest.raises(ConnectionLost):
        comment.save()
    comment.save()

    assert comment.pk is not None
    assert _bodies(ticket) == ["Help", "Look"]


def test_a_lost_reply_to_a_request_is_found(emulator):
    """End users cannot read audits: the comments of the request are read instead."""
    request = Request.objects.create(subject="x", comment=RequestComment(body="Help"))
    emulator.fail_next(None, method="PUT", after_applying=True)
    with pytest.raises(ConnectionLost):
        request.reply("Please")
    request.reply("Please")

    assert [comment.body for comment in request.comments.all()] == ["Help", "Please"]


# -- creations and upserts ---------------------------------------------------


def test_an_edited_lost_creation_has_remedies(emulator):
    """Reverting the edit returns the ticket; removing the key creates another ticket."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    ticket = Ticket(subject="x", comment=Comment(body="y"))
    emulator.fail_next(None, method="POST", after_applying=True)
    with pytest.raises(ConnectionLost, match="second"):
        ticket.save()
    key = ticket.idempotency_key
    ticket.subject = "edited"
    with pytest.raises(ZendeskError, match="idempotency") as caught:
        ticket.save()
    assert key in str(caught.value)
    assert "idempotency_key = None" in str(caught.value)

    ticket.subject = "x"
    ticket.save()
    assert ticket.replayed
    assert Ticket.objects.fresh().count() == 1


@pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
@pytest.mark.parametrize("exists", [True, False], ids=["exists", "does not exist"])
def test_a_repeated_upsert_can_have_created_the_row(emulator, exists, applied):
    """The first request may have created it, whatever the response to the second one."""
    if exists:
        User.objects.create(name="Kim", email="kim@acme.com")
        emulator.clock.sleep(5)
    emulator.fail_next(None, method="POST", after_applying=applied)

    _, created = User.objects.update_or_create({"name": "K"}, email="kim@acme.com")

    assert created is not exists


def test_a_repeated_update_does_not_conflict_with_itself(emulator, ticket):
    """The conflict with its first attempt is a successful save, with its signal."""
    seen = []

    def note(sender, changes, **kwargs):
        seen.append(sorted(changes))

    ticket.tags.append("new")
    emulator.fail_next(None, method="PUT", after_applying=True)
    with post_save.connected_to(note, sender=Ticket):
        ticket.save()

    assert seen == [["tags"]]
    assert Ticket.objects.get(ticket.pk).tags == ["new"]


def test_a_404_of_the_first_request_raises(emulator, ticket):
    """Only the 404 of a repeated deletion counts as success."""
    other = Ticket.objects.get(ticket.pk)
    ticket.delete()

    with pytest.raises(NotFound):
        other.delete()
    emulator.fail_next(429, method="DELETE", headers={"Retry-After": "1"})
    with pytest.raises(NotFound):
        other.delete()


def test_an_early_lost_response_stays_uncertain(emulator, ticket):
    """If the last attempt found no connection, an earlier one may still have been applied."""
    emulator.connect(retry=RetryPolicy(attempts=2))
    emulator.fail_next(None, method="PUT", after_applying=True)
    emulator.fail_next(503, method="PUT", headers={"Retry-After": "1"})
    ticket = Ticket.objects.get(ticket.pk)
    ticket.priority = "high"
    with pytest.raises(ZendeskError, match=MAYBE) as caught:
        ticket.save()

    assert caught.value.repeated


class FastClock(VirtualClock):
    """A clock that is four minutes ahead of another one."""

    def __init__(self, other):
        super().__init__()
        self._other = other

    def now(self):
        """Return the time of the other clock, four minutes later."""
        return self._other.now() + 240

    def sleep(self, seconds):
        """Advance both clocks."""
        self._other.sleep(seconds)


def test_a_bulk_creation_is_found_again_if_the_clock_of_zendesk_is_behind():
    """Rows of the lost response are found, and not created again."""
    emulator = Emulator()
    connect(
        base_url="https://emulator.zendesk.com",
        session=emulator.session(),
        oauth=client_of(emulator),
        clock=FastClock(emulator.clock),
    )
    emulator.fail_next(None, method="POST", path="tickets/create_many", after_applying=True)
    tickets = [
        Ticket(subject=f"t{n}", external_id=f"x{n}", comment=Comment(body="?")) for n in range(3)
    ]
    result = Ticket.objects.bulk_create(tickets, raise_on_failure=False)
    emulator.clock.sleep(10)
    assert result.unknown
    result.retry_failed(unknown=True)
    emulator.clock.sleep(10)

    assert sorted(row.external_id for row in Ticket.objects.fresh()) == ["x0", "x1", "x2"]
