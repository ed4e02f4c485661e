"""Messages of errors contain the texts of Zendesk's response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import Server
from zendesk_orm import AuthenticationFailed, Group, MalformedResponse, RetryPolicy, Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.failures import failure, is_error
from zendesk_orm.http.request import Request


KEYS = ("error", "errors", "title", "detail", "message", "description", "details")

texts = st.text("abcdef", min_size=3, max_size=8)
values = st.recursive(
    texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(KEYS), values, min_size=1)


def _iter_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _iter_texts(child)


@given(bodies, st.sampled_from([400, 403, 404, 409, 422, 429, 500]))
def test_the_message_contains_each_text_of_the_body(body, status):
    """The message contains each text of an error's body, whatever the structure of the body is."""
    error = failure(Request("GET", "/api/v2/tickets"), status, {}, json.dumps(body).encode(), 0.0)

    assert [text for text in _iter_texts(body) if text not in str(error)] == []


@pytest.mark.parametrize("text", ["a\ud800", "a\x1b[2J", "a\nINFO: done", "x" * 100_000])
@pytest.mark.parametrize(
    "body",
    [
        lambda text: {"error": text},
        lambda text: {"error": {"title": text, "message": text}},
        lambda text: {"errors": [{"code": text, "detail": text}]},
        lambda text: {"error": "RecordInvalid", "details": {text: [{"description": text}] * 99}},
        lambda text: {"error": [[text], {"a": text}]},
        lambda text: text,
    ],
)
def test_the_message_is_a_line_that_can_be_printed(body, text):
    """A message has one line of limited length, without control characters and half characters."""
    content = json.dumps(body(text)).encode()
    headers = {"x-request-id": "r5"}
    error = failure(Request("GET", "/api/v2/tickets"), 422, headers, content, 0.0)
    message = str(error)

    assert message.isprintable()
    assert message.encode().startswith(b"GET /api/v2/tickets answered 422")
    assert message.endswith("request id r5")
    assert len(message) < 11_000


def test_texts_of_confidential_requests_are_not_displayed():
    """The message for a confidential request contains no text of the body."""
    body = {"error": "invalid", "errors": ["the password is hunter2"]}
    request = Request("POST", "/api/v2/users/1/password", confidential=True)

    assert "hunter2" not in str(failure(request, 422, {}, json.dumps(body).encode(), 0.0))


def test_an_error_with_the_status_200_is_retried_and_raised():
    """A body with only an error is retried and raised, despite the status 200."""
    answers = [{"error": "unavailable", "description": "try again"}, {"groups": [{"id": 1}]}]
    server = Server(lambda asked: answers.pop(0))
    account = server.connect()

    assert [group.id for group in Group.objects.all()] == [1]
    assert account.requests_sent == 2

    answers[:] = [{"error": "unavailable", "description": "try again"}]
    server.connect(retry=RetryPolicy(attempts=1))
    with pytest.raises(MalformedResponse, match="unavailable: try again"):
        list(Group.objects.all())


@pytest.mark.parametrize("body", [{"id": 1, "error": None}, {"ticket": {}, "error": "x"}, [], None])
def test_a_row_with_the_key_error_is_not_an_error(body):
    """A body with further keys than those of an error is not an error."""
    assert not is_error(body)


@pytest.mark.parametrize(
    "target",
    [
        "https://emulator.zendesk.com/auth/v3/signin?return_to=x",
        "https://emulator.zendesk.com/access/unauthenticated",
        "/hc/en-us/signin",
        "https://login.example.com/saml/login",
    ],
)
def test_a_redirect_to_a_sign_in_page_raises_authentication_failed(target):
    """A redirect to a sign-in page raises `AuthenticationFailed`, and is not followed."""
    with Emulator() as emulator:
        account = emulator.connect()
        emulator.fail_next(302, headers={"Location": target}, body="")

        with pytest.raises(AuthenticationFailed, match="sign-in page"):
            Ticket.objects.get(5)
        assert account.requests_sent == 1
