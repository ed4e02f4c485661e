"""Side-loads, and parameters that clients use."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import declared_models
from tests.loops import for_each
from tests.tokens import signed_in_session
from zendesk_orm import TicketForm, User
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator


@pytest.fixture(scope="module")
def demo():
    """Return an emulator with the demo rows, and a function that sends requests to it."""
    with Emulator(seed="demo") as emulator:
        yield emulator


def _send(emulator: Emulator, method: str, path: str, **kwargs: Any) -> Any:
    session = signed_in_session(emulator)
    response = session.request(method, f"https://emulator.zendesk.com/api/v2/{path}", **kwargs)
    assert response.ok, response.text
    return response.json()


def _list_side_loads() -> list[tuple[str, str]]:
    return sorted(
        {
            (endpoint.path, name)
            for model in declared_models()
            for endpoint in model._meta.api
            if endpoint.verb is Verb.LIST and not endpoint.placeholders and not endpoint.required
            for name in endpoint.includes
        }
    )


@for_each(_list_side_loads, "{} {}".format, arguments=2)
def test_every_declared_side_load_is_returned(path, name, demo):
    """Each declared side-load is returned as a list of rows, or within each row."""
    body = _send(demo, "GET", path, params={"include": name})

    rows = next(value for value in body.values() if isinstance(value, list))
    assert name in body or all(name in row for row in rows)


@pytest.mark.parametrize("path", ["ticket_forms", "ticket_forms/{}", "ticket_forms/show_many"])
def test_forms_are_shown_with_their_fields(demo, path):
    """A request for forms can return their fields, too."""
    demo.connect()
    form = TicketForm.objects.all()[0]

    params = {"include": "ticket_fields", "ids": str(form.pk)}
    body = _send(demo, "GET", path.format(form.pk), params=params)

    assert {*form.ticket_field_ids} <= {field["id"] for field in body["ticket_fields"]}


def test_create_or_update_accepts_an_id(demo):
    """`create_or_update` finds a user by its id, too."""
    demo.connect()
    user = User.objects.filter(role="end-user")[0]

    body = {"user": {"id": user.pk, "name": "Renamed"}}
    row = _send(demo, "POST", "users/create_or_update", json=body)["user"]

    assert (user.pk, "Renamed") == (row["id"], row["name"])
