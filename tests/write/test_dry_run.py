"""`dry_run()` sends nothing, and prints the changes."""

# ruff: noqa: PT012
# Errors are raised within a block, or at its end.

from __future__ import annotations

import pytest

from tests.contract.spec import declared_models
from zendesk_orm import Comment, F, InvalidValue, MacroAttachment, Ticket, Upload
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.help_center import ArticleAttachment, GuideMedia, UserImage, UserSubscription
from zendesk_orm.write import calls


SEEN = ["seen"]


@pytest.fixture
def ticket(account, emulator):
    """A ticket that was saved."""
    created = Ticket.objects.create(subject="Printer", comment=Comment(body="Help!"), tags=["a"])
    emulator.requests.clear()
    return created


def test_nothing_is_sent(account, ticket, emulator, capsys):
    """Creations, updates, deletions, bulk changes, actions and uploads are not sent."""
    with account.dry_run() as diff:
        ticket.priority = "high"
        ticket.save()
        Ticket(subject="New", comment=Comment(body="Hi", uploads=["x"])).save()
        ticket.comments.create(body="Done")
        ticket.mark_as_spam()
        Upload.objects.upload(b"x", "a.txt")
        ticket.delete()

    assert emulator.requests == []
    assert [item.action for item in diff] == ["update", "create", "delete"]
    assert str(diff) in capsys.readouterr().out
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.subject) == (None, "Printer")


def test_the_changes_are_printed(account, ticket, capsys):
    """One line for each change and for each field with old and new value, and the totals."""
    with account.dry_run():
        ticket.priority = "high"
        ticket.tags.append("b")
        ticket.save()
        Ticket(subject="New", comment=Comment(body="Hi")).save()
        ticket.mark_as_spam()

    expected = (
        f"update Ticket {ticket.pk}\n"
        "    priority: 'high'\n"
        "    tags: ['a'] -> ['a', 'b']\n"
        "create Ticket\n"
        "    subject: 'New'\n"
        "    comment: {'body': 'Hi'}\n"
        "mark_as_spam of tickets\n"
        "3 changes; nothing was sent\n"
    )
    assert capsys.readouterr().out == expected


def test_queries_are_sent_and_their_changes_shown(account, ticket, emulator):
    """Queries are sent; the changes by `update()` to each row are printed."""
    with account.dry_run(quiet=True) as diff:
        result = Ticket.objects.filter(id=ticket.pk).update(tags=F("tags") + SEEN)

    assert emulator.requests == [f"GET tickets/{ticket.pk}"]
    (change,) = diff
    assert dict(change.edits) == {"additional_tags": (None, ["seen"])}
    assert len(result.pending) == 1


def test_output_can_be_disabled(account, ticket, capsys):
    """With `file=None`, nothing is printed."""
    with account.dry_run(quiet=True) as diff:
        ticket.delete()

    assert (capsys.readouterr().out, len(diff)) == ("", 1)


def test_objects_keep_their_edits(account, ticket):
    """After a dry run, the same save is sent."""
    with account.dry_run(quiet=True):
        ticket.priority = "high"
        ticket.save()
    ticket.save()

    assert Ticket.objects.fresh().get(ticket.pk).priority == "high"


def test_an_exception_inside_is_raised(account, ticket, capsys):
    """The collected changes are not printed."""
    with pytest.raises(ZeroDivisionError), account.dry_run():
        ticket.delete()
        raise ZeroDivisionError

    assert capsys.readouterr().out == ""


def _actions():
    return [
        (model, endpoint)
        for model in declared_models()
        for endpoint in model._meta.api
        if endpoint.verb is Verb.ACTION and endpoint.method != "GET"
    ]


def test_no_action_is_sent(emulator):
    """Each returns the result for dry runs, or raises if it needs the response."""
    account = emulator.connect()
    with account.dry_run(quiet=True):
        for model, endpoint in _actions():
            path = dict.fromkeys(endpoint.placeholders, "1")
            arguments = (account.current(), model, endpoint.name, None, None, path)

            assert calls.call(*arguments) is None
            assert calls.call(*arguments, then=len, in_dry_run=5) == 5
            with pytest.raises(InvalidValue):
                calls.call(*arguments, then=len)
    assert emulator.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: GuideMedia.objects.register("x", "a.png"),
        lambda: GuideMedia.objects.upload_url("image/png", 3),
        lambda: UserImage.objects.upload_url("image/png", 3),
    ],
)
def test_methods_that_return_a_response_raise(emulator, call):
    """Nothing is sent, and the error is one of the library."""
    account = emulator.connect()
    with account.dry_run(quiet=True), pytest.raises(InvalidValue):
        call()
    assert [request for request in emulator.requests if not request.startswith("GET")] == []


@pytest.mark.parametrize(
    "call",
    [
        lambda: UserSubscription.objects.follow(1, 2),
        lambda: ArticleAttachment.objects.upload(b"x", "a.txt"),
        lambda: MacroAttachment.objects.upload(b"x", "a.txt"),
    ],
)
def test_methods_that_create_an_object_return_one_without_an_id(emulator, call):
    """Nothing is sent, and the object is like one that was never saved."""
    account = emulator.connect()
    with account.dry_run(quiet=True):
        created = call()

    assert created.pk is None
    assert emulator.requests == []
