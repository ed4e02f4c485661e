"""Responses with one wrong value: whatever Zendesk sends, only a `ZendeskError` is raised.

`MUTATIONS=10000` tries so many of them; `MUTATION_SEED` chooses other ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tests.emulator.made import Maker
from tests.emulator.test_every_resource import LAID, MADE, MODELS, SINGLE, _below, _label
from tests.session.mutation import Operation, failures, mutations, recorded
from zendesk_orm import (
    Comment,
    Group,
    Macro,
    Organization,
    Ticket,
    User,
    ZendeskError,
    connections,
)
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator


NUMBER = int(os.environ.get("MUTATIONS", "400"))
SEED = int(os.environ.get("MUTATION_SEED", "1"))


def _rows(maker: Maker) -> Iterator[tuple[Any, Any]]:
    """Yield a row of each model that can have one, and its model."""
    for model in MODELS:
        label = _label(model)
        try:
            if label in LAID:
                yield model, maker.laid(model)
            elif model in MADE:
                yield model, maker.any(label)
            elif model in SINGLE:
                yield model, model.objects.get()
        except ZendeskError:
            # It can be made once, or its own test makes it in another way.
            continue


def _reading(model: Any, row: Any) -> Iterator[tuple[str, Callable[[str], Iterable[Any]]]]:
    """Yield the ways to read the rows of a model: its lists, one by its id, and values."""
    meta = model._meta
    lists = [_below(row, each) for each in meta.api if each.verb is Verb.LIST]
    lookups = next((each for each in lists if each is not None), None)
    if lookups is not None:
        yield (
            f"{meta.label} listed",
            lambda alias: list(model.objects.using(alias).filter(**lookups)[:5]),
        )
        yield (
            f"{meta.label} values",
            lambda alias: list(model.objects.using(alias).filter(**lookups)[:5].values()),
        )
    show = meta.api.find(Verb.SHOW)
    place = None if show is None else _below(row, show)
    if place is not None:
        yield (
            f"{meta.label} shown",
            lambda alias: [model.objects.using(alias).get(id=row.pk, **place)],
        )


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


@pytest.fixture(scope="module")
def operations() -> Iterator[list[Operation]]:
    """Return every operation with the responses of an emulator."""
    with Emulator() as emulator:
        emulator.connect()
        ways = [way for model, row in _rows(Maker(emulator)) for way in _reading(model, row)]
        ways += [(each.__name__, each) for each in (_created, _jobs, _people, _macros)]
        connections.remove("default")
        found = [recorded(name, run, emulator.wsgi) for name, run in ways]
        yield [each for each in found if each is not None]


def test_wrong_values_raise_only_errors_of_the_library(operations):
    """Any value of any response may be missing, null, empty or of another type."""
    assert {} == failures(mutations(operations, NUMBER, SEED))


def test_most_models_are_read(operations):
    """A model that can have rows in an emulator takes part."""
    models = {each.name.partition(" ")[0] for each in operations}

    assert len(models) > 0.9 * len({*LAID} | {_label(each) for each in (*MADE, *SINGLE)})
