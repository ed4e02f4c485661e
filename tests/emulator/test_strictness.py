"""Values that Zendesk rejects or changes, and requests that it does not accept."""

from __future__ import annotations

import pytest
import requests

from zendesk_orm.emulator import Emulator


URL = "https://emulator.zendesk.com/api/v2/tickets"
ADDRESSES = ["bad", "a@b", "@example.com", "a b@example.com", "a@example..com", "a@-x.com", "a@x.c"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_have_to_be_valid(zendesk, address):
    """An invalid e-mail address is an error, wherever an address creates or changes a user."""
    pk = zendesk.create("users", name="Ann", email="ann@example.com")["id"]
    comment = {"body": "x"}
    bodies = {
        "users": {"user": {"name": "Bob", "email": address}},
        "users/create_or_update": {"user": {"name": "Bob", "email": address}},
        f"users/{pk}/identities": {"identity": {"type": "email", "value": address}},
        "recipient_addresses": {"recipient_address": {"name": "Help", "email": address}},
        "tickets": {"ticket": {"comment": comment, "requester": {"name": "B", "email": address}}},
        "requests": {
            "request": {"subject": "x", "comment": comment, "requester": {"email": address}}
        },
    }

    statuses = {path: zendesk.send("POST", path, body).status_code for path, body in bodies.items()}

    assert statuses == dict.fromkeys(bodies, 422)
    changed = zendesk.send("PUT", f"users/{pk}", {"user": {"email": address}})
    assert changed.status_code == 422


@pytest.mark.parametrize("address", ["ann@example.com", "a.b+c@sub.example.co.uk", "ö@münchen.de"])
def test_valid_addresses_are_accepted(zendesk, address):
    """Valid addresses may have several dots, a plus sign, and letters of other alphabets."""
    assert zendesk.create("users", name="Ann", email=address)["email"] == address


def test_a_tag_with_a_blank_becomes_two_tags(zendesk):
    """Tags are split at blanks, in lower case, each once."""
    expected = ["nice", "person", "vip"]
    tags = ["nice person", "VIP", "vip"]
    pk = zendesk.create("users", name="Ann", tags=tags)["id"]

    assert zendesk.create_ticket(tags=tags)["tags"] == expected
    assert zendesk.get(f"users/{pk}")["user"]["tags"] == expected
    assert zendesk.create("organizations", name="A", tags=tags)["tags"] == expected
    added = zendesk.send("PUT", f"users/{pk}/tags", {"tags": ["new tag"]})
    assert added.json()["tags"] == [*expected, "new", "tag"]


def test_suspended_users_cannot_become_requesters(zendesk):
    """A suspended user can request no ticket, and existing tickets can still be changed."""
    pk = zendesk.create("users", name="Ann", email="ann@example.com")["id"]
    mine = zendesk.create_ticket(requester_id=pk)["id"]
    other = zendesk.create_ticket()["id"]
    zendesk.send("PUT", f"users/{pk}", {"user": {"suspended": True}})

    values = {"subject": "x", "comment": {"body": "y"}}
    by_id = {"ticket": {**values, "requester_id": pk}}
    by_address = {"ticket": {**values, "requester": {"email": "ann@example.com"}}}

    assert zendesk.send("POST", "tickets", by_id).status_code == 422
    assert zendesk.send("POST", "tickets", by_address).status_code == 422
    assert zendesk.send("PUT", f"tickets/{other}", by_id).status_code == 422
    assert zendesk.send("PUT", f"tickets/{mine}", {"ticket": {"priority": "low"}}).ok


@pytest.mark.parametrize(
    ("key", "text", "size"),
    [("body", "x", 65_535), ("body", "é", 32_767), ("html_body", "x", 65_535)],
)
def test_long_comments_are_truncated(zendesk, key, text, size):
    """Zendesk keeps 64 kB of a comment, without an error and without half a character."""
    ticket = zendesk.create_ticket(comment={key: text * 70_000})

    assert ticket["description"] == text * size
    comments = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert comments[0][key] == text * size


def test_required_fields_are_checked_when_a_ticket_is_solved(zendesk):
    """A ticket without a required field can be changed, and cannot be solved."""
    field = zendesk.create("ticket_fields", type="text", title="Cause", required=True)["id"]
    path = f"tickets/{zendesk.create_ticket()['id']}"

    changed = zendesk.send("PUT", path, {"ticket": {"priority": "low"}})
    rejected = zendesk.send("PUT", path, {"ticket": {"status": "solved"}})
    values = {"status": "solved", "custom_fields": [{"id": field, "value": "dust"}]}
    solved = zendesk.send("PUT", path, {"ticket": values})

    assert (changed.status_code, rejected.status_code, solved.status_code) == (200, 422, 200)
    (error,) = rejected.json()["details"]["base"]
    assert (error["ticket_field_id"], error["ticket_field_type"]) == (field, "FieldText")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "image/png"])
def test_bodies_have_to_be_json(zendesk, kind):
    """A body of another type is an error, and changes nothing."""
    content = b'{"ticket": {"comment": {"body": "x"}}}'

    response = zendesk.session.post(URL, data=content, headers={"Content-Type": kind})

    assert (response.status_code, response.json()["error"]) == (415, "UnsupportedMediaType")
    assert zendesk.get("tickets")["tickets"] == []


@pytest.mark.parametrize("content", [b"{", b'{"ticket":}', b"[1", b"\xff", b"nul"])
def test_invalid_json_is_an_error(zendesk, content):
    """A body that is not JSON is an error of every write."""
    path = zendesk.create_ticket()["id"]
    headers = {"Content-Type": "application/json"}

    for method, url in (("POST", URL), ("PUT", f"{URL}/{path}")):
        response = zendesk.session.request(method, url, data=content, headers=headers)
        assert (response.status_code, response.json()["error"]) == (422, "Unprocessable Entity")


@pytest.fixture
def server():
    """Return an emulator at a port, and the address of its API."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        yield emulator, f"{server.url}/api/v2"


@pytest.mark.lenient
def test_requests_to_a_port_need_credentials(server):
    """Without credentials, requests to a port are rejected; any credentials are accepted."""
    _, url = server

    def get(path, **kwargs):
        return requests.get(f"{url}/{path}", timeout=30, **kwargs)

    assert get("tickets").status_code == 401
    assert get("tickets", auth=("owner@example.com/token", "any")).status_code == 200
    assert get("tickets", headers={"Authorization": "Bearer any"}).status_code == 200
    anonymous = get("users/me")
    assert (anonymous.status_code, anonymous.json()["user"]["id"]) == (200, None)


@pytest.mark.lenient
def test_end_users_need_no_credentials(server):
    """Help centers can be read, and requests created, without credentials."""
    _, url = server
    body = {"request": {"subject": "x", "comment": {"body": "y"}, "requester": {"name": "Ann"}}}

    assert requests.get(f"{url}/help_center/en-us/articles", timeout=30).status_code == 200
    assert requests.post(f"{url}/requests", json=body, timeout=30).status_code == 201


@pytest.mark.lenient
def test_a_switch_admits_requests_without_credentials(server):
    """With `anonymous_owner`, requests without credentials act as the owner, not those of sites."""
    emulator, url = server
    emulator.switches.anonymous_owner = True
    host = url.removesuffix("/api/v2")
    statuses = [
        requests.get(f"{url}/tickets", timeout=30, headers=headers).status_code
        for headers in (
            {},
            {"Origin": host},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
        )
    ]

    assert statuses == [200, 200, 401, 401]
