"""Responses of the emulator have the keys of recorded responses."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest


#: Keys that only rows of the recorded account have.
THEIRS = {"user": {"photo"}, "ticket_field": {"custom_field_options", "system_field_options"}}


@pytest.fixture(scope="session")
def recorded(shared):
    """Return the recorded exchanges."""
    return [
        json.loads(line)
        for path in sorted((shared / "recordings").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


@pytest.mark.parametrize(
    "singular", ["ticket", "user", "organization", "group", "brand", "audit", "view"]
)
def test_rows_have_every_recorded_key(demo_zendesk, recorded, singular):
    """A row has each key that a recorded row of its model has."""
    keys = set()
    for exchange in recorded:
        response = exchange["response"]
        row = response.get(singular) if isinstance(response, dict) else None
        keys |= set(row) if isinstance(row, dict) else set()
    path = {"audit": "tickets/1/audits"}.get(singular, f"{singular}s")
    row = demo_zendesk.get(path, **{"page[size]": 1})[f"{singular}s"][0]

    # Only `users/me` has a token.
    assert keys - set(row) - THEIRS.get(singular, set()) - {"authenticity_token"} == set()


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("tickets", {"page[size]": 1}),
        ("organizations", {}),
        ("groups", {"page[size]": 1}),
        ("views", {}),
        ("views", {"page[size]": 1}),
        ("views/count", {}),
        ("tickets/show_many", {"ids": "1"}),
        ("users/show_many", {"ids": "1"}),
        ("search/export", {"query": "", "filter[type]": "user", "page[size]": 1}),
    ],
)
def test_envelopes_have_the_recorded_keys(demo_zendesk, recorded, path, params):
    """The envelope of a page has exactly the recorded keys."""
    envelopes = [
        exchange["response"]
        for exchange in recorded
        if exchange["path"] == f"/api/v2/{path}.json"
        and exchange["method"] == "GET"
        and sorted(name for name, _ in exchange["query"]) == sorted(params)
    ]

    data = demo_zendesk.get(path, **params)

    assert envelopes
    assert {frozenset(envelope) for envelope in envelopes} == {frozenset(data)}
    if "meta" in data:
        assert set(data["meta"]) == set(envelopes[0]["meta"])
        assert set(data["links"]) == set(envelopes[0]["links"])


def test_jobs_have_the_recorded_results(zendesk, recorded):
    """The results of each kind of job have the recorded keys."""
    bodies = {
        "tickets": {"comment": {"body": "x"}},
        "users": {"name": "Ada"},
        "organizations": {"name": "Acme"},
    }
    expected = _get_result_keys(recorded)

    results = {}
    for plural, verb in sorted(expected):
        method, rows = "POST", [bodies[plural]]
        if verb == "update_many":
            method, rows = "PUT", [{"id": zendesk.get(plural)[plural][-1]["id"], "tags": ["a"]}]
        job = zendesk.run_job(method, f"{plural}/{verb}", {plural: rows})
        results[plural, verb] = set(job["results"][0])

    assert expected
    assert results == expected


def _get_result_keys(recorded):
    """Return the keys of successful results, by the submitted title."""
    submitted, keys = {}, defaultdict(set)
    for exchange in recorded:
        job = (exchange["response"] or {}).get("job_status") or {}
        if job and exchange["method"] != "GET":
            plural, verb = exchange["path"].removesuffix(".json").split("/")[-2:]
            submitted[job["id"]] = plural, verb
        for result in job.get("results") or ():
            if job["id"] in submitted and "error" not in result:
                keys[submitted[job["id"]]] |= set(result)
    return dict(keys)


def test_the_warning_about_ignored_keys_is_as_recorded(zendesk, recorded):
    """The header that lists ignored keys is exactly the recorded one."""
    pk = zendesk.create_ticket()["id"]
    reported = [
        (exchange["method"], exchange["request"], exchange["headers"]["x-zendesk-api-warn"])
        for exchange in recorded
        if exchange["path"].startswith("/api/v2/tickets/")
        and "many" not in exchange["path"]
        and "x-zendesk-api-warn" in exchange["headers"]
    ]

    reported.sort(key=lambda item: item[0], reverse=True)
    responses = [zendesk.send(method, f"tickets/{pk}", body) for method, body, _ in reported[:2]]

    assert [warning for _, _, warning in reported[:2]] == [
        response.headers["x-zendesk-api-warn"] for response in responses
    ]


def test_an_upload_is_as_recorded(zendesk, recorded):
    """The response to an upload has the recorded keys and headers."""
    exchanges = [item for item in recorded if item["path"] == "/api/v2/uploads.json"]

    response = zendesk.send("POST", "uploads", params={"filename": "README.md"}, data=b"x")

    assert exchanges
    for exchange in exchanges:
        reported, upload = exchange["response"]["upload"], response.json()["upload"]
        assert response.status_code == exchange["status"]
        assert response.headers["Content-Type"] == exchange["headers"]["content-type"]
        assert list(upload) == list(reported)
        assert list(upload["attachment"]) == list(reported["attachment"])
