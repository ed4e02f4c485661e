"""Writes after responses without rows, and batches, keep the changes of others."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Organization,
    StaleObjectError,
    Ticket,
    User,
    connections,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator, and an account of a colleague."""
    emulator.connect(alias="colleague")
    return emulator.connect()


def _new(model, **values):
    """Return an unsaved object."""
    required = {"subject": "mine", "comment": Comment(body="x")} if model is Ticket else {}
    return model(**{**({"name": "x"} if model is not Ticket else {}), **required, **values})


def _create(model, **values):
    """Return a saved object."""
    return _new(model, **values).save()


def _edit_as_colleague(emulator, record, edit):
    """Change an object as a colleague, not at the same time as other writes."""
    emulator.clock.sleep(100)
    theirs = type(record).objects.using("colleague").get(record.pk)
    edit(theirs)
    theirs.save()
    emulator.clock.sleep(100)


def _current_row(record):
    """Return the current row of an object as a colleague reads it."""
    return type(record).objects.using("colleague").fresh().get(record.pk)


def _bulk_create(model, values):
    record = _new(model, **values)
    model.objects.bulk_create([record])
    return record


def _bulk_update(model, values):
    record = _create(model, **values)
    _touch(record)
    model.objects.bulk_update([record])
    return record


def _update(model, values):
    record = _create(model, **values)
    model.objects.filter(id__in=[record.pk]).update(**TOUCHED[model])
    return record


def _batch(model, values):
    records = [_create(model, **values)]
    records.append(_create(model, **({} if model is Ticket else {"name": "y"})))
    with connections["default"].batch():
        for record in records:
            _touch(record)
            record.save()
    return records[0]


TOUCHED = {Ticket: {"priority": "low"}, User: {"notes": "x"}, Organization: {"notes": "x"}}


def _touch(record):
    """Change a field that the tests do not check."""
    for name, value in TOUCHED[type(record)].items():
        setattr(record, name, value)


BULK_WRITES = [_bulk_create, _bulk_update, _update, _batch]
by_name = pytest.mark.parametrize("write", BULK_WRITES, ids=lambda write: write.__name__)


def _save(record):
    record.save()


def _save_in_bulk(record):
    type(record).objects.bulk_update([record])


@pytest.mark.parametrize("save", [_save, _save_in_bulk])
@pytest.mark.parametrize(
    ("model", "name"),
    [(Ticket, "tags"), (User, "tags"), (Organization, "tags"), (Organization, "domain_names")],
)
@by_name
def test_lists_are_merged_after_a_bulk_write(account, emulator, write, model, name, save):
    """A list that others changed since a bulk write gets the members of both clients."""
    suffix = ".com" if name == "domain_names" else ""
    record = write(model, {name: [f"old{suffix}"]})
    _edit_as_colleague(emulator, record, lambda row: getattr(row, name).append(f"theirs{suffix}"))

    getattr(record, name).append(f"mine{suffix}")
    save(record)
    emulator.clock.sleep(100)

    expected = sorted(f"{word}{suffix}" for word in ("old", "theirs", "mine"))
    assert sorted(getattr(_current_row(record), name)) == expected


@by_name
def test_a_value_of_others_is_not_overwritten_after_a_bulk_write(account, emulator, write):
    """`save()` raises if others changed the same field since a bulk write."""
    ticket = write(Ticket, {"subject": "old"})
    _edit_as_colleague(emulator, ticket, lambda row: setattr(row, "subject", "theirs"))

    ticket.subject = "mine"
    with pytest.raises(StaleObjectError):
        ticket.save()

    assert _current_row(ticket).subject == "theirs"


def test_a_save_after_a_bulk_update_reads_the_row_once(account, count_requests):
    """The row is read before a known value is replaced; the next save is one request."""
    ticket = _bulk_update(Ticket, {"subject": "old"})
    ticket.subject = "first"
    with count_requests(account, 2):
        ticket.save()
    ticket.subject = "second"
    with count_requests(account, 1):
        ticket.save()


def test_a_save_of_an_unknown_value_is_one_request(account, count_requests):
    """If only the id is known, or the field was never read, it is sent at once."""
    ticket = Ticket(id=_create(Ticket).pk)
    ticket.priority = "high"
    with count_requests(account, 1):
        ticket.save()
    new = _bulk_create(Ticket, {})
    new.priority = "high"
    with count_requests(account, 1):
        new.save()


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("in_batch", [False, True])
def test_a_batch_protects_values_whatever_its_size(account, emulator, in_batch, count):
    """A value that others changed is kept and reported, by saves and by batches of any size."""
    tickets = [_create(Ticket) for _ in range(count)]
    for ticket in tickets:
        _edit_as_colleague(emulator, ticket, lambda row: setattr(row, "subject", "theirs"))
    for ticket in tickets:
        ticket.subject = "changed"
    if in_batch:
        with account.batch(raise_on_failure=False) as batch:
            for ticket in tickets:
                ticket.save()
        assert {outcome.error for outcome in batch.result} == {"StaleObjectError"}
    else:
        for ticket in tickets:
            with pytest.raises(StaleObjectError):
                ticket.save()

    assert [_current_row(ticket).subject for ticket in tickets] == ["theirs"] * count


def test_a_batch_repeats_changes_without_conflicts(account, emulator):
    """Values of others stay, and those of the batch are set, in one more job."""
    tickets = [_create(Ticket) for _ in range(2)]
    for ticket in tickets:
        _edit_as_colleague(emulator, ticket, lambda row: setattr(row, "subject", "theirs"))
        ticket.priority = "high"
    with account.batch() as batch:
        for ticket in tickets:
            ticket.save()

    assert len(batch.result) == 2
    assert len(batch.result.jobs) == 2
    assert {(_current_row(item).subject, _current_row(item).priority) for item in tickets} == {
        ("theirs", "high")
    }


@pytest.mark.parametrize("safe", [None, False])
def test_a_batch_keeps_the_option_safe(account, emulator, safe):
    """`save(safe=False)` overwrites in a batch as it does outside."""
    tickets = [_create(Ticket) for _ in range(2)]
    for ticket in tickets:
        _edit_as_colleague(emulator, ticket, lambda row: setattr(row, "subject", "theirs"))
        ticket.subject = "changed"
    with account.batch(raise_on_failure=False):
        for ticket in tickets:
            ticket.save(safe=safe)

    expected = "theirs" if safe is None else "changed"
    assert {_current_row(item).subject for item in tickets} == {expected}


def test_a_batch_of_unchanged_rows_costs_one_job(account, count_requests):
    """If nobody else changed the rows, there is one job."""
    tickets = [_create(Ticket) for _ in range(3)]
    with count_requests(account, 3), account.batch():
        for ticket in tickets:
            ticket.subject = "changed"
            ticket.save()


def test_a_repeated_save_waits_until_the_version_is_certain(account, emulator):
    """After a conflict, a write in the same second as the read row is not overwritten."""
    emulator.switches.updates_share_seconds = True
    ticket = _create(Ticket, tags=["old"])
    _edit_as_colleague(emulator, ticket, lambda row: row.tags.append("first"))
    send, colleagues = type(account.transport).send, ["second", "third"]

    def intrude(transport, request):
        response = send(transport, request)
        if request.method == "GET" and transport is account.transport and colleagues:
            _write_as_colleague(ticket.pk, colleagues.pop(0))
        return response

    theirs = Ticket.objects.using("colleague").get(ticket.pk)
    theirs.priority = "high"
    theirs.save()
    ticket.tags.append("mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(account.transport), "send", intrude)
        ticket.save()

    assert sorted(_current_row(ticket).tags) == ["first", "mine", "old", "second", "third"]


def _write_as_colleague(pk, tag):
    """Add a tag to a ticket as a colleague."""
    ticket = Ticket.objects.using("colleague").get(pk)
    ticket.tags.append(tag)
    ticket.save()
