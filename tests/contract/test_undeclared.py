"""Operations that Zendesk documents without an OpenAPI file are declared with all that is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.contract.coverage import declared_by
from tests.contract.spec import needs_spec, read_undeclared


pytestmark = needs_spec

#: Operations that the library does not send, with the reason.
OMITTED: Mapping[str, str] = {
    "GET ips": "the page of the reference has the path `/ips`, which is declared",
    **{
        f"GET https://status.zendesk.com/api/incidents/{path}": "another host"
        for path in ("active", "maintenance", "{}")
    },
}
#: Parameters that the library does not send, or that actions send, with the reason.
NOT_SENT: Mapping[tuple[str, str], str] = {
    **{
        (f"GET tickets/{{}}/side_conversations{path}", "include"): (
            "its spelling is unconfirmed; `conversation.events` reads the events"
        )
        for path in ("", "/{}")
    },
    ("GET apps/installations", "include"): "the place of the apps in responses is not documented",
    ("PUT agent_availabilities/agent_statuses/agents/update_many", "ids"): (
        "`status.assign_to_many()` sends it"
    ),
}
#: Keys that are not fields, with the reason.
NOT_READ: Mapping[str, str] = {
    "agent_availability.attributes": "its keys become keys of the row",
    "agent_availability.links": "the address of the row",
    "agent_availability.relationships": "the channels, which become a key of the row",
    "agent_statuses.custom": "a list of rows",
    "agent_statuses.default": "a list of rows",
    "apps.job_id": "the id of the `AppJob` that a build returns",
}


def _list_params(model: Any) -> set[str]:
    """Return the names of the parameters that lists of a model send."""
    names = set()
    for endpoint in model._meta.api:
        names |= {*endpoint.filters.values(), *dict(endpoint.fixed_params)}
        names |= {endpoint.paging.sort} if endpoint.orders else set()
    return names


def test_every_operation_is_declared() -> None:
    """Each operation has a call, or a reason for its omission."""
    missing = {" ".join(item.place) for item in read_undeclared() if not declared_by(item.place)}

    assert missing == {*OMITTED}


def test_every_parameter_is_sent() -> None:
    """Each parameter of an operation is sent, or listed with the reason."""
    unsent = {
        (" ".join(item.place), name)
        for item in read_undeclared()
        if (model := declared_by(item.place))
        for name in item.params - _list_params(model)
    }

    assert unsent == {*NOT_SENT}


def test_every_key_is_declared() -> None:
    """Each key of the rows of a product is a field of one of its models, or has a reason."""
    wires: dict[str, set[str]] = {}
    keys: dict[str, set[str]] = {}
    for item in read_undeclared():
        if model := declared_by(item.place):
            fields = model._meta.fields.values()
            wires.setdefault(item.family, set()).update(field.wire for field in fields)
            keys.setdefault(item.family, set()).update(item.keys)

    unread = {f"{family}.{key}" for family in keys for key in keys[family] - wires[family]}
    assert unread == {*NOT_READ}
