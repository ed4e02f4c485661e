"""Different rows of one response are different objects, even if Zendesk gives them the same id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.recordings.replay import list_names, needs_recordings, read_exchanges
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


def _invocations(request: Any) -> Any:
    if request.path.endswith("invocations"):
        return {"invocations": ATTEMPTS, "meta": {"has_more": False}}
    return {"webhook": {"id": "W", "name": "x"}}


@pytest.mark.parametrize("explicit", [False, True], ids=["implicit", "explicit session"])
def test_attempts_of_an_invocation_are_different_objects(explicit):
    """Zendesk lists all attempts of an invocation with its id; each is an object."""
    account = Server(_invocations).connect()

    def read():
        attempts = Webhook.objects.get("W").invocations.all()
        again = list(attempts.all())
        return list(attempts), again

    if explicit:
        with account.session():
            attempts, again = read()
    else:
        attempts, again = read()

    assert [(attempt.status, attempt.status_code) for attempt in attempts] == [
        ("terminated", 403),
        ("throttled", None),
    ]
    assert attempts[0] != attempts[1]
    assert attempts == again


def _find_shared_ids(session: Session, model: Any, rows: list[dict[str, Any]]) -> list[Any]:
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
    for name in list_names():
        for exchange in read_exchanges(name):
            data = exchange.response
            for key, rows in data.items() if isinstance(data, dict) else ():
                if isinstance(rows, list) and key in HOLDS:
                    yield name, HOLDS[key], rows
                elif isinstance(rows, list) and key == "results" and "facets" in data:
                    for kind, model in TYPES.items():
                        yield name, model, [row for row in rows if row["result_type"] == kind]


@needs_recordings
def test_different_rows_of_a_recorded_list_are_different_objects():
    """Different rows of a recorded list never become one object."""
    account = connect("emulator://")
    lists = list(_recorded_lists())
    violations = {
        (name, model.__name__): same
        for name, model, rows in lists
        if (same := _find_shared_ids(Session(account), model, rows))
    }

    assert violations == {}
    assert len(lists) > 200


def test_different_rows_of_an_emulated_list_are_different_objects(demo):
    """Different rows of a list in the demonstration never become one object."""
    for product in ("support", "help_center", "talk", "chat"):
        registry.load(product)
    violations, read = [], 0
    for model in registry.models():
        endpoint = next(
            (
                candidate
                for candidate in model._meta.api
                if candidate.verb is Verb.LIST
                and not candidate.placeholders
                and not candidate.required
            ),
            None,
        )
        if not model.__module__.startswith("zendesk_orm.") or endpoint is None:
            continue
        try:
            records = list(model.objects.fresh().iterator())
        except ZendeskError:
            continue
        read += 1
        rows = {repr(record.to_dict()) for record in records}
        if len({id(record) for record in records}) < len(rows):
            violations.append(model.__name__)

    assert violations == []
    assert read > 50
