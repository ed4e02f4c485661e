"""The emulator's answers beside recorded ones: the same keys, in rows and in envelopes."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest


#: What of the recorded rows only the account of the recordings has.
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
    """A row has each key that a recorded row of its kind has."""
    keys = set()
    for exchange in recorded:
        response = exchange["response"]
        row = response.get(singular) if isinstance(response, dict) else None
        keys |= set(row) if isinstance(row, dict) else set()
    path = {"audit": "tickets/1/audits"}.get(singular, f"{singular}s")
    row = demo_zendesk.get(path, **{"page[size]": 1})[f"{singular}s"][0]

    # `users/me` alone has a token.
    assert set() == keys - set(row) - THEIRS.get(singular, set()) - {"authenticity_token"}


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
    """The envelope of a page has the keys that it was recorded with, and no others."""
    envelopes = [
        exchange["response"]
        for exchange in recorded
        if exchange["path"] == f"/api/v2/{path}.json"
        and exchange["method"] == "GET"
        and sorted(name for name, _ in exchange["query"]) == sorted(params)
    ]

    data = demo_zendesk.get(path, **params)

    assert envelopes
    assert {frozenset(data)} == {frozenset(envelope) for envelope in envelopes}
    if "meta" in data:
        assert set(envelopes[0]["meta"]) == set(data["meta"])
        assert set(envelopes[0]["links"]) == set(data["links"])


def test_jobs_have_the_recorded_results(zendesk, recorded):
    """The results of each kind of job have the recorded keys."""
    bodies = {
        "tickets": {"comment": {"body": "x"}},
        "users": {"name": "Ada"},
        "organizations": {"name": "Acme"},
    }
    wanted = _results(recorded)

    found = {}
    for plural, verb in sorted(wanted):
        method, rows = "POST", [bodies[plural]]
        if verb == "update_many":
            method, rows = "PUT", [{"id": zendesk.get(plural)[plural][-1]["id"], "tags": ["a"]}]
        job = zendesk.done(method, f"{plural}/{verb}", {plural: rows})
        found[plural, verb] = set(job["results"][0])

    assert wanted
    assert wanted == found


def _results(recorded):
    """Return the keys of the results that succeeded, by what was submitted."""
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


def test_an_update_warns_in_the_recorded_words(zendesk, recorded):
    """The header that names ignored keys is the recorded one, to the letter."""
    pk = zendesk.ticket()["id"]
    told = [
        (exchange["method"], exchange["request"], exchange["headers"]["x-zendesk-api-warn"])
        for exchange in recorded
        if exchange["path"].startswith("/api/v2/tickets/")
        and "many" not in exchange["path"]
        and "x-zendesk-api-warn" in exchange["headers"]
    ]

    told.sort(key=lambda each: each[0], reverse=True)
    answers = [zendesk.send(method, f"tickets/{pk}", body) for method, body, _ in told[:2]]

    assert [warning for _, _, warning in told[:2]] == [
        answer.headers["x-zendesk-api-warn"] for answer in answers
    ]


def test_uploads_are_answered_as_recorded(zendesk, recorded):
    """The answer to an upload has the recorded keys and headers."""
    exchanges = [each for each in recorded if each["path"] == "/api/v2/uploads.json"]

    answer = zendesk.send("POST", "uploads", params={"filename": "README.md"}, data=b"x")

    assert exchanges
    for exchange in exchanges:
        told, upload = exchange["response"]["upload"], answer.json()["upload"]
        assert exchange["status"] == answer.status_code
        assert exchange["headers"]["content-type"] == answer.headers["Content-Type"]
        assert list(told) == list(upload)
        assert list(told["attachment"]) == list(upload["attachment"])
