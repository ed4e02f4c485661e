"""Responses with one wrong value: whatever Zendesk sends, only a `ZendeskError` is raised.

`scripts/mutations 10000` tries 10,000 mutations.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.emulator.readings import calls, readings, rows_of_models
from tests.emulator.row_factory import RowFactory
from tests.emulator.test_every_resource import CREATED, INSERTED, SINGLE, _label
from tests.recordings.player import MODELS
from tests.recordings.replay import list_names, needs_recordings, read_exchanges
from tests.session.mutations import (
    Operation,
    Response,
    count_failures,
    draw_mutations,
    iter_mutations,
    record_operation,
)
from zendesk_orm import (
    Comment,
    Group,
    Macro,
    Organization,
    Ticket,
    TicketField,
    User,
    View,
    connections,
    receiver,
    remote_changed,
    remote_created,
    remote_deleted,
)
from zendesk_orm.api.endpoint import ROWS, Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.query import Query
from zendesk_orm.session.lists.pages import pages
from zendesk_orm.sync.watcher import Watcher


# Requests for tokens would be recorded and mutated, too.
pytestmark = pytest.mark.lenient


NUMBER = int(os.environ.get("MUTATIONS", "400"))
SEED = int(os.environ.get("MUTATION_SEED", "1"))


def _create_and_change(alias: str) -> Iterator[Any]:
    tickets = Ticket.objects.using(alias)
    ticket = tickets.create(subject="x", comment=Comment(body="b"))
    yield ticket
    ticket.priority = "high"
    ticket.tags.append("seen")
    ticket.save(safe=False)
    yield ticket
    ticket.comments.create(body="more")
    yield from ticket.comments.all()
    ticket.tags.add("added")
    yield ticket
    ticket.delete()


def _run_jobs(alias: str) -> Iterator[Any]:
    tickets = [Ticket(subject=f"s{n}", comment=Comment(body="b")) for n in range(2)]
    result = Ticket.objects.using(alias).bulk_create(tickets, raise_on_failure=False)
    yield from (outcome.object for outcome in result)
    for ticket in tickets:
        ticket.priority = "low"
    Ticket.objects.using(alias).bulk_update(tickets, ["priority"], raise_on_failure=False)
    yield from tickets


def _save_people(alias: str) -> Iterator[Any]:
    organization, _ = Organization.objects.using(alias).get_or_create(name="Acme")
    yield organization
    user, _ = User.objects.using(alias).update_or_create(
        email="kim@example.com", defaults={"name": "Kim"}
    )
    yield user
    user.organization = organization
    yield user.save()
    yield from User.objects.using(alias).filter(role="end-user").select_related("organization")
    Group.objects.using(alias).count()
    yield from Ticket.objects.using(alias).search("printer")
    yield from Ticket.objects.using(alias).filter(status="new").select_related("requester")


def _apply_macros(alias: str) -> Iterator[Any]:
    macro = Macro.objects.using(alias)[0]
    yield macro
    ticket = Ticket.objects.using(alias)[0]
    yield macro.apply_to(ticket)
    yield macro.apply()


def _change_tags(alias: str) -> Iterator[Any]:
    user = User.objects.using(alias).create(name="Kim")
    user.tags.add("vip")
    user.tags.remove("vip")
    yield user
    organization = Organization.objects.using(alias).create(name="Tagged")
    organization.tags.set(["gold"])
    yield organization


def _change_tags_in_a_batch(alias: str) -> Iterator[Any]:
    organizations = Organization.objects.using(alias)
    created = organizations.create(name="Tagged twice", tags=["gold"])
    Ticket.objects.using(alias).create(subject="x", comment=Comment(body="b"), tags=["gold"])
    organization = organizations.get(id=created.pk)
    with connections[alias].batch():
        organization.tags.add("vip")
        organization.tags.append("seen")
        organization.save()
    yield organization
    yield from Ticket.objects.using(alias).scan().filter(tags="gold")


def _read_the_past(alias: str) -> Iterator[Any]:
    field = TicketField.objects.using(alias).create(title="Size", type="text")
    ticket = Ticket.objects.using(alias).create(subject="x", comment=Comment(body="b"))
    for size in ("small", "large"):
        ticket.custom_fields = [{"id": field.pk, "value": size}]
        ticket.save()
    yield ticket.as_of(ticket.created_at)


def _resume_bulk_create(alias: str) -> Iterator[Any]:
    users = User.objects.using(alias)
    users.create(name="Kim", external_id="kim")
    again = User(name="Kim", external_id="kim")
    users.bulk_create([again], ignore_conflicts=True, unique_fields=["external_id"])
    yield again


def _read_after_write(alias: str) -> Iterator[Any]:
    groups = Group.objects.using(alias)
    group, _ = groups.get_or_create(name="Billing")
    yield from groups.all()
    group.name = "Sales"
    group.save()
    yield from groups.order_by("name")
    yield groups.get(name="Sales")


def _add_comments(alias: str) -> Iterator[Any]:
    ticket = Ticket.objects.using(alias).create(subject="x", comment=Comment(body="b"))
    yield ticket.comments.create(body="more")


def _read_in_parallel(alias: str) -> Iterator[Any]:
    yield from Ticket.objects.using(alias).iterator(parallel=2)


def _count_views(alias: str) -> Iterator[Any]:
    views = View.objects.using(alias)
    yield from views.counts(views.all()[:2])


CHANGES = (
    _add_comments,
    _count_views,
    _read_in_parallel,
    _create_and_change,
    _run_jobs,
    _save_people,
    _apply_macros,
    _change_tags,
    _change_tags_in_a_batch,
    _read_after_write,
)


@pytest.fixture(scope="module")
def operations() -> Iterator[list[Operation]]:
    """Return all operations with the responses of an emulator."""
    with Emulator() as emulator:
        emulator.connect()
        runs = [
            run
            for model, row in rows_of_models(RowFactory(emulator))
            for run in readings(model, row)
        ]
        runs += [(change.__name__, change) for change in CHANGES]
        connections.remove("default")
        recorded = [record_operation(name, run, emulator.wsgi) for name, run in runs]
        with Emulator() as other:
            # Without the jobs of the first emulator, for which a resumed import waits.
            recorded.append(
                record_operation("_resume_bulk_create", _resume_bulk_create, other.wsgi)
            )
        yield [operation for operation in recorded if operation is not None]


@pytest.mark.slow
def test_wrong_values_raise_only_errors_of_the_library(operations):
    """Any value of any response may be missing, null, empty or of another type."""
    assert count_failures(draw_mutations(operations, NUMBER, SEED)) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "depth"),
    [
        ("_change_tags", 2),
        ("_resume_bulk_create", 2),
        ("_read_after_write", 2),
        ("_add_comments", 3),
        ("_count_views", 3),
    ],
)
def test_wrong_values_around_writes_raise_only_errors_of_the_library(operations, name, depth):
    """Each value of the envelopes and rows of a write and the following reads may be wrong."""
    operation = next(candidate for candidate in operations if candidate.name == name)

    assert count_failures(iter_mutations(operation, depth)) == {}


@pytest.mark.slow
def test_wrong_tags_raise_only_errors_of_the_library():
    """Tags, or one of them, may be of another type when they are edited, merged and compared."""
    with Emulator() as emulator:
        operation = record_operation("tags", _change_tags_in_a_batch, emulator.wsgi)
    chosen = [mutation for mutation in iter_mutations(operation, 4) if "tags" in mutation.place]

    assert len(chosen) > 50
    assert count_failures(chosen) == {}


@pytest.mark.slow
def test_wrong_custom_fields_in_the_past_raise_only_errors_of_the_library():
    """The custom fields of a ticket, or members of them, may be of another type."""
    with Emulator() as emulator:
        operation = record_operation("as_of", _read_the_past, emulator.wsgi)
    mutations = iter_mutations(operation, 4)
    chosen = [change for change in mutations if {"custom_fields", "fields"} & {*change.place}]

    assert len(chosen) > 50
    assert count_failures(chosen) == {}


@pytest.mark.slow
def test_wrong_responses_to_actions_raise_only_errors_of_the_library():
    """The body of the response to any action, or a value in it, may be missing or wrong.

    The result of an action has the type that the action declares.
    """
    with Emulator() as emulator:
        emulator.connect()
        pairs = list(rows_of_models(RowFactory(emulator)))
        rows = {model.__name__.lower(): row for model, row in pairs}
        runs = [run for pair in pairs for run in calls(*pair, rows)]
        connections.remove("default")
        recorded = [record_operation(name, run, emulator.wsgi) for name, run in runs]
    operations = [operation for operation in recorded if operation is not None]

    assert len(operations) > 75
    failures = (count_failures(iter_mutations(operation, depth=1)) for operation in operations)
    assert sum(failures, Counter()) == {}


def _watch(model: Any, alias: str) -> Iterator[Any]:
    """Yield the objects of the changes of a day, and the histories of tickets."""
    seen: list[Any] = []

    @receiver([remote_created, remote_changed, remote_deleted], sender=model)
    def record(sender: Any, instance: Any, **kwargs: Any) -> None:
        seen.append(instance)

    watcher = Watcher(model, account=alias, since=timedelta(days=1))
    try:
        watcher.poll()
    finally:
        for signal in (remote_created, remote_changed, remote_deleted):
            signal.disconnect(record)
    yield from seen
    for instance in seen:
        if model is Ticket:
            _ = instance.history(), instance.as_of(instance.created_at)


@pytest.mark.slow
def test_wrong_exports_raise_only_errors_of_the_library():
    """Any value of the exports that `watch()` reads, and of audits, may be wrong."""
    with Emulator() as emulator:
        emulator.connect()
        for number in range(2):
            User.objects.create(name=f"U{number}")
            ticket = Ticket.objects.create(subject=f"T{number}", comment=Comment(body="x"))
        ticket.priority = "high"
        ticket.save()
        ticket.comments.create(body="y")
        emulator.advance(hours=1)
        connections.remove("default")
        operations = [
            record_operation(model.__name__, partial(_watch, model), emulator.wsgi)
            for model in (Ticket, User)
        ]

    assert count_failures(draw_mutations(operations, NUMBER, SEED)) == {}


def _recorded_operations() -> Iterator[Operation]:
    """Yield an operation for each recorded list and each recorded object."""
    for name in list_names():
        for exchange in read_exchanges(name):
            model = MODELS.get(exchange.family)
            if exchange.method != "GET" or exchange.status != 200 or model is None:
                continue
            path = exchange.path.removeprefix("/api/v2/")
            responses = [(("GET", f"v2/{path}"), Response(200, exchange.response))]
            endpoint = next((item for item in model._meta.api if item.path == path), None)
            if path.rpartition("/")[2].isdigit():
                yield Operation(name, partial(_get, model, exchange.id), responses)
            elif endpoint is not None and endpoint.verb in ROWS - {Verb.SHOW_MANY}:
                yield Operation(name, partial(_first_page, model, endpoint), responses)


def _get(model: Any, pk: int, alias: str) -> list[Any]:
    return [model.objects.using(alias).fresh().get(id=pk)]


def _first_page(model: Any, endpoint: Any, alias: str) -> list[Any]:
    session = connections[alias].current()
    page = next(pages(session.transport, Plan(Query(model), endpoint)))
    records: list[Any] = session.materialize(model, page.rows)
    return records


@pytest.mark.slow
@needs_recordings
def test_wrong_values_in_recordings_raise_only_errors_of_the_library():
    """Any value of a response of a real account may be wrong."""
    assert count_failures(draw_mutations(list(_recorded_operations()), NUMBER, SEED)) == {}


def test_most_models_are_read(operations):
    """The operations read most models that can have rows in an emulator."""
    models = {operation.name.partition(" ")[0] for operation in operations}

    assert len(models) > 0.9 * len({*INSERTED} | {_label(model) for model in (*CREATED, *SINGLE)})
