"""What the emulator sends along: each declared side-load, and parameters that clients use."""

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
    """Return an emulator with the demo data, and one request function for it."""
    with Emulator(seed="demo") as emulator:
        yield emulator


def _ask(emulator: Emulator, method: str, path: str, **more: Any) -> Any:
    session = signed_in_session(emulator)
    response = session.request(method, f"https://emulator.zendesk.com/api/v2/{path}", **more)
    assert response.ok, response.text
    return response.json()


def _side_loads() -> list[tuple[str, str]]:
    return sorted(
        {
            (endpoint.path, name)
            for model in declared_models()
            for endpoint in model._meta.api
            if endpoint.verb is Verb.LIST and not endpoint.placeholders and not endpoint.needs
            for name in endpoint.includes
        }
    )


@for_each(_side_loads, "{} {}".format, arguments=2)
def test_every_declared_side_load_is_served(path, name, demo):
    """The rows come beside those of the list, or within each of them."""
    body = _ask(demo, "GET", path, params={"include": name})

    rows = next(value for value in body.values() if isinstance(value, list))
    assert name in body or all(name in row for row in rows)


@pytest.mark.parametrize("path", ["ticket_forms", "ticket_forms/{}", "ticket_forms/show_many"])
def test_forms_come_with_their_fields(demo, path):
    """A client that shows a form asks for its fields in the same request."""
    demo.connect()
    form = TicketForm.objects.all()[0]

    params = {"include": "ticket_fields", "ids": str(form.pk)}
    body = _ask(demo, "GET", path.format(form.pk), params=params)

    assert {*form.ticket_field_ids} <= {field["id"] for field in body["ticket_fields"]}


def test_a_user_is_updated_by_its_id(demo):
    """`create_or_update` takes the id, too."""
    demo.connect()
    user = User.objects.filter(role="end-user")[0]

    body = {"user": {"id": user.pk, "name": "Renamed"}}
    row = _ask(demo, "POST", "users/create_or_update", json=body)["user"]

    assert (user.pk, "Renamed") == (row["id"], row["name"])
