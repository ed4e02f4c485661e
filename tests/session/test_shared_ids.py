"""Two rows of one read are two objects, also where Zendesk gives them one id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.recordings.replay import exchanges, names, needs_recordings
from tests.recordings.rows import HOLDS, TYPES
from tests.servers import Server
from zendesk_orm import Webhook, connect
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import ZendeskError
from zendesk_orm.schema import registry
from zendesk_orm.session.session import Session


#: All models, so that it takes long.
pytestmark = pytest.mark.slow


ATTEMPTS = [
    {"id": "01HANA2B5D", "status_code": 403, "status": "terminated"},
    {"id": "01HANA2B5D", "status": "throttled"},
]


def _invocations(asked: Any) -> Any:
    if asked.path.endswith("invocations"):
        return {"invocations": ATTEMPTS, "meta": {"has_more": False}}
    return {"webhook": {"id": "W", "name": "x"}}


@pytest.mark.parametrize("explicit", [False, True], ids=["implicit", "explicit session"])
def test_all_attempts_of_an_invocation_are_objects_of_their_own(explicit):
    """Zendesk lists the attempts of one invocation with its id."""
    account = Server(_invocations).connect()

    def read():
        found = Webhook.objects.get("W").invocations.all()
        again = list(found.all())
        return list(found), again

    if explicit:
        with account.session():
            found, again = read()
    else:
        found, again = read()

    assert [(each.status, each.status_code) for each in found] == [
        ("terminated", 403),
        ("throttled", None),
    ]
    assert found[0] != found[1]
    assert found == again


def _same_objects(session: Session, model: Any, rows: list[dict[str, Any]]) -> list[Any]:
    """Return the ids of different rows that become one object."""
    rows = [model._meta.with_id(row) for row in rows]
    records = session.materialize(model, rows)
    seen: dict[int, dict[str, Any]] = {}
    return [
        row.get("id")
        for row, record in zip(rows, records, strict=True)
        if seen.setdefault(id(record), row) != row
    ]


def _recorded_lists() -> Iterator[tuple[str, Any, list[dict[str, Any]]]]:
    """Yield the lists of all recordings, each with the model of its rows."""
    for name in names():
        for exchange in exchanges(name):
            data = exchange.response
            for key, rows in data.items() if isinstance(data, dict) else ():
                if isinstance(rows, list) and key in HOLDS:
                    yield name, HOLDS[key], rows
                elif isinstance(rows, list) and key == "results" and "facets" in data:
                    for kind, model in TYPES.items():
                        yield name, model, [row for row in rows if row["result_type"] == kind]


@needs_recordings
def test_different_rows_of_a_recorded_list_are_different_objects():
    """No recorded list has an id twice, except where the model says so."""
    account = connect("emulator://")
    lists = list(_recorded_lists())
    wrong = {
        (name, model.__name__): same
        for name, model, rows in lists
        if (same := _same_objects(Session(account), model, rows))
    }

    assert wrong == {}
    assert len(lists) > 200


def test_different_rows_of_an_emulated_list_are_different_objects(demo):
    """Every list that needs no parent is read from the demonstration."""
    for product in ("support", "help_center", "talk", "chat"):
        registry.load(product)
    wrong, read = [], 0
    for model in registry.models():
        endpoint = next(
            (
                each
                for each in model._meta.api
                if each.verb is Verb.LIST and not each.placeholders and not each.required
            ),
            None,
        )
        if not model.__module__.startswith("zendesk_orm.") or endpoint is None:
            continue
        try:
            found = list(model.objects.fresh().iterator())
        except ZendeskError:
            continue
        read += 1
        rows = {repr(each.to_dict()) for each in found}
        if len({id(each) for each in found}) < len(rows):
            wrong.append(model.__name__)

    assert wrong == []
    assert read > 50
