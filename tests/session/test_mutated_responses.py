"""Responses with one wrong value: whatever Zendesk sends, only a `ZendeskError` is raised.

`scripts/mutations 10000` tries so many of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.emulator.readings import readings, rows_of_models
from tests.emulator.row_factory import RowFactory
from tests.emulator.test_every_resource import CREATED, INSERTED, SINGLE, _label
from tests.recordings.player import MODELS
from tests.recordings.replay import exchanges, names, needs_recordings
from tests.session.mutation import Answer, Operation, every_mutation, failures, mutations, recorded
from zendesk_orm import (
    Comment,
    Group,
    Macro,
    Organization,
    Ticket,
    User,
    connections,
)
from zendesk_orm.api.endpoint import ROWS, Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.query import Query
from zendesk_orm.session.lists.pages import pages


# The requests for tokens would be among those whose responses are changed.
pytestmark = pytest.mark.lenient


NUMBER = int(os.environ.get("MUTATIONS", "400"))
SEED = int(os.environ.get("MUTATION_SEED", "1"))


def _created(alias: str) -> Iterator[Any]:
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


def _jobs(alias: str) -> Iterator[Any]:
    made = [Ticket(subject=f"s{n}", comment=Comment(body="b")) for n in range(2)]
    result = Ticket.objects.using(alias).bulk_create(made, raise_on_failure=False)
    yield from (each.object for each in result)
    for each in made:
        each.priority = "low"
    Ticket.objects.using(alias).bulk_update(made, ["priority"], raise_on_failure=False)
    yield from made


def _people(alias: str) -> Iterator[Any]:
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


def _macros(alias: str) -> Iterator[Any]:
    macro = Macro.objects.using(alias)[0]
    yield macro
    ticket = Ticket.objects.using(alias)[0]
    yield macro.apply_to(ticket)
    yield macro.apply()


def _tags(alias: str) -> Iterator[Any]:
    user = User.objects.using(alias).create(name="Kim")
    user.tags.add("vip")
    user.tags.remove("vip")
    yield user
    organization = Organization.objects.using(alias).create(name="Tagged")
    organization.tags.set(["gold"])
    yield organization


def _resumed(alias: str) -> Iterator[Any]:
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


CHANGES = (_created, _jobs, _people, _macros, _tags, _read_after_write)


@pytest.fixture(scope="module")
def operations() -> Iterator[list[Operation]]:
    """Return every operation with the responses of an emulator."""
    with Emulator() as emulator:
        emulator.connect()
        ways = [
            way
            for model, row in rows_of_models(RowFactory(emulator))
            for way in readings(model, row)
        ]
        ways += [(each.__name__, each) for each in CHANGES]
        connections.remove("default")
        found = [recorded(name, run, emulator.wsgi) for name, run in ways]
        with Emulator() as other:
            # Without the jobs of the first emulator, for which a resumed import waits.
            found.append(recorded("_resumed", _resumed, other.wsgi))
        yield [each for each in found if each is not None]


@pytest.mark.slow
def test_wrong_values_raise_only_errors_of_the_library(operations):
    """Any value of any response may be missing, null, empty or of another type."""
    assert {} == failures(mutations(operations, NUMBER, SEED))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["_tags", "_resumed", "_read_after_write"])
def test_wrong_values_around_writes_raise_only_errors_of_the_library(operations, name):
    """The same for each value of the envelopes and rows that a change and later reads get."""
    operation = next(each for each in operations if each.name == name)

    assert {} == failures(every_mutation(operation))


def _recorded_readings() -> Iterator[Operation]:
    """Yield the reading of each recorded list, and of each recorded object."""
    for name in names():
        for exchange in exchanges(name):
            model = MODELS.get(exchange.family)
            if exchange.method != "GET" or exchange.status != 200 or model is None:
                continue
            path = exchange.path.removeprefix("/api/v2/")
            answers = [(("GET", f"v2/{path}"), Answer(200, exchange.response))]
            endpoint = next((each for each in model._meta.api if each.path == path), None)
            if path.rpartition("/")[2].isdigit():
                yield Operation(name, partial(_get, model, exchange.id), answers)
            elif endpoint is not None and endpoint.verb in ROWS - {Verb.SHOW_MANY}:
                yield Operation(name, partial(_first_page, model, endpoint), answers)


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
    """The same of responses of a real account."""
    assert {} == failures(mutations(list(_recorded_readings()), NUMBER, SEED))


def test_most_models_are_read(operations):
    """A model that can have rows in an emulator takes part."""
    models = {each.name.partition(" ")[0] for each in operations}

    assert len(models) > 0.9 * len({*INSERTED} | {_label(each) for each in (*CREATED, *SINGLE)})
