"""Reads do not change what other reads return: rows that follow from others exist before."""

from __future__ import annotations

import re

from tests.contract.spec import declared_models
from zendesk_orm.api.endpoint import Verb


#: Ids of rows that are created by the first read, and times of counts.
_CHANGING = re.compile(r'\b\d{13}\b|"refreshed_at":"[^"]*"')
_SIDE_LOADS = (
    "users?include=identities,groups,organizations",
    "users/me?include=groups",
    "groups?include=users",
    "tickets/1?include=users,groups,metric_events,slas,last_audits",
)
#: The session of the request exists from the first read of sessions on.
_SESSIONS = "sessions"


def _paths():
    paths = {
        endpoint.path
        for model in declared_models()
        for endpoint in model._meta.api
        if endpoint.verb in (Verb.LIST, Verb.COUNT)
        if not endpoint.placeholders and not endpoint.required
    }
    return sorted(paths - {_SESSIONS}) + list(_SIDE_LOADS)


def test_reads_change_nothing(zendesk):
    """The responses to all lists and counts are the same before and after all of them."""
    emulator = zendesk.emulator
    organization = zendesk.create("organizations", name="Acme")["id"]
    agent = zendesk.create(
        "users", name="Ada", email="ada@x.example", role="agent", organization_id=organization
    )["id"]
    zendesk.create_ticket(assignee_id=agent)
    snapshot = emulator.snapshot()

    def read(path):
        response = zendesk.send("GET", path)
        return response.status_code, _CHANGING.sub("", response.text)

    before = {}
    for path in _paths():
        emulator.restore(snapshot)
        before[path] = read(path)
    emulator.restore(snapshot)
    for path in before:
        zendesk.send("GET", path)

    assert {path: read(path) for path in before} == before
    assert sum(status == 200 for status, _ in before.values()) > 100
