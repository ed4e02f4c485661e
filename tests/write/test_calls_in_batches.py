"""Calls on tags and people in a batch: what they send, what objects show, and what is undone."""

from __future__ import annotations

from contextlib import suppress

import pytest

from zendesk_orm import (
    Comment,
    CustomField,
    Organization,
    StaleObjectError,
    Ticket,
    TicketField,
    User,
)


MODELS = pytest.mark.parametrize(
    "model", [Ticket, User, Organization], ids=lambda model: model.__name__
)


class _Noted(Ticket):
    """A ticket with a declared custom field."""

    note = CustomField["str | None"]("Note")


def _build(model, name="x", **values):
    """Return a new object of a model."""
    if model is Ticket:
        return Ticket(subject=name, comment=Comment(body="b"), **values)
    return model(name=name, **values)


def _new(model, tags=("a", "b")):
    """Create an object with tags."""
    return _build(model, tags=tags).save()


def _row_tags(record):
    """Return the tags of the present row of an object."""
    return sorted(type(record).objects.fresh().get(id=record.pk).tags)


@MODELS
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda tags: tags.add("d"), ["d", "f"]),
        (lambda tags: tags.remove("f"), []),
        (lambda tags: tags.set(["q"]), ["q"]),
        (lambda tags: tags.clear(), []),
    ],
    ids=["add", "remove", "set", "clear"],
)
def test_a_call_after_a_saved_assignment_is_sent(account, model, call, expected):
    """Tags that were assigned and saved in a batch can be changed by calls, as outside of it."""
    record = _new(model)
    with account.batch():
        record.tags = ["f"]
        record.save()
        call(record.tags)

    assert (_row_tags(record), record.changes()) == (expected, {})


@MODELS
def test_calls_on_an_object_that_the_batch_creates_are_sent(account, model):
    """The tags of calls are sent with the new object."""
    with account.batch():
        record = _build(model).save()
        record.tags.add("vip", "new")
        record.tags.remove("new")
        shown = list(record.tags)

    assert (_row_tags(record), record.changes(), shown) == (["vip"], {}, ["vip"])


def test_people_of_a_ticket_that_the_batch_creates_are_sent(account, count_requests):
    """Followers that are added and removed after the save are those of the new ticket."""
    users = [User.objects.create(name=f"u{n}", email=f"u{n}@e.com", role="agent") for n in "abc"]
    with count_requests(account, 1), account.batch():
        ticket = _build(Ticket, followers=users[:1]).save()
        ticket.followers.add(users[1])
        ticket.followers.set(users[1:])

    assert ticket.followers.ids == [user.pk for user in users[1:]]
    assert ticket.changes() == {}


@MODELS
def test_calls_on_a_new_object_are_undone_with_the_batch(account, model):
    """If the batch is dropped, the object is as before, and calls on it are edits again."""
    record = _build(model, tags=["a"])
    with suppress(LookupError), account.batch():
        record.save()
        record.tags.add("vip")
        raise LookupError
    after = list(record.tags)
    record.tags.add("edit")
    record.save()

    assert (after, _row_tags(record)) == (["a"], ["a", "edit"])


@pytest.mark.parametrize("count", [1, 3])
def test_calls_on_an_object_that_was_not_created_are_edits(account, emulator, count):
    """If the creation fails, the tags of calls are edits, which a retry and a save send."""
    user = User.objects.create(name="u", email="u@e.com", role="agent")
    emulator.fail_next(422, times=1)
    with account.batch(raise_on_failure=False) as batch:
        tickets = [_build(Ticket, tags=["a"]).save() for _ in range(count)]
        for ticket in tickets:
            ticket.tags.add("vip")
            ticket.followers.add(user)
    failed = [list(ticket.tags) for ticket in tickets]
    tickets[0].tags.append("more")
    batch.result.retry_failed()

    assert failed == [["a", "vip"]] * count
    assert [ticket.changes() for ticket in tickets] == [{}] * count
    assert _row_tags(tickets[0]) == ["a", "more", "vip"]
    assert [ticket.followers.ids for ticket in tickets] == [[user.pk]] * count


def test_a_comment_beside_a_call_in_an_inner_batch_is_sent_once(account):
    """A comment that was sent with a new follower is not an edit any more."""
    user = User.objects.create(name="u", email="u@e.com", role="agent")
    ticket = _new(Ticket)
    with account.batch():
        ticket.priority = "high"
        ticket.save()
        with account.batch():
            ticket.followers.add(user)
            ticket.comment = Comment(body="once")
            ticket.save()
    ticket.save()

    assert ticket.changes() == {}
    assert [comment.body for comment in ticket.comments.all()] == ["b", "once"]


def test_an_edit_beside_a_call_in_an_inner_batch_overwrites_nothing(account, emulator):
    """A subject that another client changed is a conflict, although a follower is added, too."""
    emulator.connect(alias="other")
    user = User.objects.create(name="u", email="u@e.com", role="agent")
    ticket = _new(Ticket)
    emulator.clock.sleep(5)
    other = Ticket.objects.using("other").get(id=ticket.pk)
    other.subject = "theirs"
    other.save()
    emulator.clock.sleep(5)
    with account.batch(raise_on_failure=False) as batch:
        ticket.priority = "high"
        ticket.save()
        with account.batch():
            ticket.followers.add(user)
            ticket.subject = "mine"
            ticket.save()

    assert batch.result.failed[0].error == StaleObjectError.__name__


@MODELS
@pytest.mark.parametrize("block", ["batch", "dry run"])
def test_a_dropped_block_keeps_the_calls_around_it(account, model, block):
    """After a failed batch or a dry run, an object shows and sends the calls before it."""
    record = _new(model)
    with account.batch():
        record.tags.remove("b")
        inner = account.batch() if block == "batch" else account.dry_run(quiet=True)
        with suppress(LookupError), inner:
            record.tags.set(["f"])
            if block == "batch":
                raise LookupError
        shown = list(record.tags)
        record.tags.add("c")
        model.objects.bulk_update([record])

    assert (shown, _row_tags(record), record.changes()) == (["a"], ["a", "c"], {})


@MODELS
def test_a_dropped_block_keeps_edits_that_equal_its_calls(account, model):
    """The edit of a tag stays, although a call with the same effect was undone."""
    record = _new(model)
    list.remove(record.tags, "a")
    with suppress(LookupError), account.batch():
        record.tags.remove("a")
        raise LookupError

    assert record.changes() == {"tags": (["a", "b"], ["b"])}


@MODELS
@pytest.mark.parametrize("first", ["add", "remove"])
def test_calls_on_two_objects_of_a_row_are_both_sent(account, model, first):
    """A tag that is added and removed through two objects leaves the row unchanged."""
    record = _new(model)
    tag, second = ("vip", "remove") if first == "add" else ("a", "add")
    with account.batch():
        getattr(model(id=record.pk).tags, first)(tag)
        getattr(model(id=record.pk).tags, second)(tag)

    assert _row_tags(record) == ["a", "b"]


@pytest.mark.parametrize("name", ["followers", "email_ccs"])
def test_replaced_people_do_not_contain_those_of_earlier_calls(account, name):
    """`set()` and `clear()` remove people whom the batch adds."""
    users = [User.objects.create(name=f"u{n}", email=f"u{n}@e.com", role="agent") for n in "ab"]
    cleared, replaced = _new(Ticket), _new(Ticket)
    with account.batch():
        getattr(cleared, name).add(users[0])
        getattr(cleared, name).clear()
        getattr(replaced, name).add(users[0])
        getattr(replaced, name).set([users[1]])
        shown = getattr(replaced, name).ids

    ids = [getattr(ticket, name).ids for ticket in (cleared, replaced)]
    assert (shown, ids) == ([users[1].pk], [[], [users[1].pk]])


def test_two_saves_of_an_object_do_not_conflict(account):
    """The second save of an object starts from the first, whatever is saved in between."""
    pk = _new(Ticket).pk
    account.cache.clear()
    ticket = Ticket(id=pk)
    with account.batch():
        Ticket.objects.filter(id=pk).update(subject="one")
        ticket.priority = "high"
        ticket.save()
        Ticket.objects.filter(id=pk).update(subject="two")
        ticket.priority = "low"
        ticket.save()

    row = Ticket.objects.fresh().get(id=pk)
    assert (row.subject, row.priority) == ("two", "low")


def test_a_custom_field_is_emptied_after_a_save_of_another_object(account):
    """The value of a custom field that an earlier save of the batch set is removed again."""
    TicketField.objects.create(type="text", title="Note")
    pk = _new(Ticket).pk
    first, second = _Noted(id=pk), _Noted(id=pk)
    with account.batch():
        first.note = "draft"
        first.save()
        second.priority = "high"
        second.save()
        first.note = None
        first.save(update_fields=["note"])

    assert _Noted.objects.fresh().get(id=pk).note is None


def test_a_dry_run_in_a_batch_knows_its_changes(account):
    """A dry run deletes an object that the batch creates, and repeats no save of the batch."""
    ticket = _new(Ticket)
    with account.batch():
        ticket.tags.append("c")
        ticket.save()
        user = User(name="new").save()
        with account.dry_run(quiet=True) as diff:
            ticket.save()
            user.delete()

    assert [(change.action, change.record) for change in diff] == [("delete", user)]
    assert (len(diff), _row_tags(ticket), user.pk is None) == (1, ["a", "b", "c"], False)


def test_an_object_shows_a_tag_once(account):
    """Tags that are passed twice, or in another case, are one tag."""
    ticket = _new(Ticket)
    with account.batch():
        ticket.tags.add("e", "e", "A")
        shown = list(ticket.tags)

    assert (shown, ticket.tags, _row_tags(ticket)) == (
        ["a", "b", "e"],
        ["a", "b", "e"],
        ["a", "b", "e"],
    )
