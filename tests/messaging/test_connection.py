"""The credentials, the hosts and the requests of Sunshine Conversations."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import io
import json
import logging
import pickle
import traceback

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from zendesk_orm import (
    AuthenticationFailed,
    ConfigurationError,
    FeatureUnavailable,
    ForeignHost,
    MessagingKey,
    MessagingToken,
    Ticket,
    ZendeskError,
    connect,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.messaging.access import DEFAULT_APP
from zendesk_orm.http.retry import NEVER
from zendesk_orm.messaging import App, AppKey, Conversation, Integration, User


APP, SECRET, TOKEN = "5c93f8b1a2e4d60010c1f0aa", "S3CR3T-do-not-show", "T0K3N-do-not-show"
KEY = MessagingKey(APP, "app_5c93", SECRET)
BASIC = "Basic " + base64.b64encode(f"app_5c93:{SECRET}".encode()).decode()


class Recorder(BaseAdapter):
    """A server with one response, which records the requests.

    Attributes:
        requests: the address and the `Authorization` header of each request.
    """

    def __init__(self, status=200, body=None, headers=None):
        super().__init__()
        self.status, self.body, self.headers = status, body or {}, headers or {}
        self.requests = []

    def connect(self, **arguments):
        """Return an account whose requests are sent here."""
        session = requests.Session()
        session.mount("https://", self)
        arguments = {"oauth_token": "support", "subdomain": "acme", **arguments}
        return connect(session=session, retry=NEVER, read_ahead=0, **arguments)

    def send(self, request, *args, **kwargs):
        """Answer a request."""
        self.requests.append((request.url, request.headers.get("Authorization")))
        response = requests.Response()
        response.status_code, response.url, response.request = self.status, request.url, request
        response.headers.update(self.headers)
        content = json.dumps(self.body).encode()
        response.raw = HTTPResponse(io.BytesIO(content), preload_content=False)
        return response

    def close(self):
        """Close nothing."""


def test_each_product_gets_its_own_credentials():
    """The key is sent below /sc, and the token of Support to all other paths."""
    server = Recorder(body={"user": {"id": "1"}, "ticket": {"id": 1}})
    server.connect(messaging=KEY)

    User.objects.get(id="1")
    Ticket.objects.get(1)

    assert server.requests == [
        (f"https://acme.zendesk.com/sc/v2/apps/{APP}/users/1", BASIC),
        ("https://acme.zendesk.com/api/v2/tickets/1", "Bearer support"),
    ]


def test_a_key_needs_no_credentials_of_support():
    """An account with a key alone sends its requests to the messaging API."""
    server = Recorder(body={"user": {"id": "1"}})
    server.connect(messaging=KEY, oauth_token=None)

    User.objects.get(id="1")

    assert server.requests == [(f"https://acme.zendesk.com/sc/v2/apps/{APP}/users/1", BASIC)]
    alone = connect(subdomain="acme", messaging=KEY)
    assert alone.transport.credentials.authorization() is None


def test_environment_variables_have_the_key(monkeypatch):
    """Environment variables name the app and the key; a part of them is an error."""
    variables = {"SUBDOMAIN": "acme", "MESSAGING_APP_ID": APP, "MESSAGING_KEY_ID": "app_5c93"}
    for name, value in variables.items():
        monkeypatch.setenv(f"ZENDESK_{name}", value)
    with pytest.raises(ConfigurationError, match="ZENDESK_MESSAGING_SECRET"):
        connect()
    monkeypatch.setenv("ZENDESK_MESSAGING_SECRET", SECRET)

    access = connect().transport.messaging

    assert (access.app_id, access.credentials.authorization() == BASIC) == (APP, True)


def test_the_older_host_has_other_paths():
    """At api.smooch.io, paths have no /sc, and links to its pages are followed."""
    server = Recorder(body={"conversations": []})
    server.connect(messaging=KEY, subdomain=None, base_url="https://api.smooch.io")

    list(Conversation.objects.filter(user="1"))

    (sent,) = server.requests
    assert sent[0].startswith(f"https://api.smooch.io/v2/apps/{APP}/conversations?")
    assert sent[1] == BASIC


def test_json_web_tokens_are_signed():
    """With `jwt_scope`, a token signed with the secret is sent instead of the secret."""
    server = Recorder(body={"user": {"id": "1"}})
    server.connect(messaging=MessagingKey(APP, "app_5c93", SECRET, jwt_scope="app"))

    User.objects.get(id="1")

    token = server.requests[0][1].removeprefix("Bearer ")
    text, _, signature = token.rpartition(".")
    header, payload = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in text.split(".")
    )
    assert (header, payload) == (
        {"alg": "HS256", "typ": "JWT", "kid": "app_5c93"},
        {"scope": "app"},
    )
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
    assert signature == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_tokens_are_fixed_or_come_from_a_function():
    """A token of the OAuth bridge, or of a function, is sent as a bearer token."""
    server = Recorder(body={"user": {"id": "1"}})
    for token in (TOKEN, lambda: TOKEN):
        server.connect(messaging=MessagingToken(APP, token))
        User.objects.get(id="1")

    assert [header for _, header in server.requests] == [f"Bearer {TOKEN}"] * 2


def test_invalid_arguments_are_rejected_without_showing_secrets():
    """Missing and invalid arguments are errors, which do not contain the secret."""
    for create in (
        lambda: MessagingKey("", "app_5c93", SECRET),
        lambda: MessagingKey(APP, f"app {SECRET}", SECRET),
        lambda: MessagingKey(APP, "app_5c93", f"{SECRET} "),
        lambda: MessagingKey(APP, "app_5c93", SECRET, jwt_scope="all"),
        lambda: MessagingToken(APP, f"{TOKEN}\n"),
        lambda: connect(subdomain="acme", oauth_token="x", messaging=SECRET),
        lambda: connect("emulator://", messaging=KEY),
    ):
        with pytest.raises(ConfigurationError) as caught:
            create()
        text = "".join(traceback.format_exception(caught.value))
        assert SECRET not in str(caught.value)
        assert TOKEN not in str(caught.value)
        assert "\n    secret" not in text


def test_an_account_without_a_key_sends_nothing():
    """Without a key, and as an end user, no request is sent; the error names the argument."""
    server = Recorder()
    account = server.connect()
    with pytest.raises(ConfigurationError, match="MessagingKey"):
        User.objects.get(id="1")
    account = server.connect(messaging=KEY)
    with account.acting_as("ann@example.com"), pytest.raises(ConfigurationError):
        User.objects.get(id="1")

    assert server.requests == []


def test_secrets_are_displayed_nowhere(caplog):
    """No representation, log, error, pickle or copy contains a secret or a token."""
    caplog.set_level(logging.DEBUG)
    encoded = BASIC.partition(" ")[2]
    for key in (KEY, MessagingToken(APP, TOKEN)):
        server = Recorder(status=401, body={"errors": [{"code": "unauthorized", "title": "No"}]})
        account = server.connect(messaging=key)
        with pytest.raises(AuthenticationFailed, match="rejected") as caught:
            User.objects.create(external_id="42")

        items = (key, account, account.transport, account.transport.messaging, caught.value)
        texts = [f"{item!r} {item} {getattr(item, '__dict__', '')!r}" for item in items]
        texts += [caplog.text, "".join(traceback.format_exception(caught.value))]
        texts.append(repr(pickle.dumps(caught.value)))
        for text in texts:
            assert SECRET not in text
            assert TOKEN not in text
            assert encoded not in text
        for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="never pickled"):
                duplicate(key)


def test_credentials_are_not_sent_to_other_hosts():
    """Redirects and links of pages to other hosts are errors, and nothing is sent there."""
    redirecting = Recorder(status=302, headers={"Location": "https://evil.example.com/"})
    redirecting.connect(messaging=KEY)
    with pytest.raises(ForeignHost):
        User.objects.get(id="1")
    page = {
        "conversations": [{"id": "1"}],
        "meta": {"hasMore": True},
        "links": {"next": "https://evil.example.com/sc/v2/apps/1/conversations"},
    }
    linking = Recorder(body=page)
    linking.connect(messaging=KEY)
    with pytest.raises(ForeignHost):
        list(Conversation.objects.filter(user="1"))

    hosts = {url.split("/")[2] for url, _ in redirecting.requests + linking.requests}
    assert hosts == {"acme.zendesk.com"}


def test_a_redirect_to_support_gets_the_credentials_of_support():
    """A redirect within the host is followed with the credentials of the product it leads to."""
    server = Recorder(status=302, headers={"Location": "/api/v2/users/me"})
    server.connect(messaging=KEY)
    with pytest.raises(ZendeskError):
        User.objects.get(id="1")

    assert {url.partition(".com/")[2][:3]: header for url, header in server.requests} == {
        "sc/": BASIC,
        "api": "Bearer support",
    }


def test_errors_have_code_and_title():
    """The errors of this API have their code and their title; 402 is a missing feature."""
    server = Recorder(status=402, body={"errors": [{"code": "app_limit", "title": "Too many"}]})
    server.connect(messaging=KEY)

    with pytest.raises(FeatureUnavailable, match="Too many") as caught:
        App.objects.create(display_name="Second")

    assert (caught.value.status, caught.value.code) == (402, "app_limit")


def test_explain_shows_the_request(account):
    """`explain()` shows the path with the app, and no scope of Support."""
    lines = Integration.objects.filter(type="custom").explain().splitlines()

    assert lines[1] == (
        f"GET /sc/v2/apps/{DEFAULT_APP}/integrations?filter[types]=custom&page[size]=100"
    )
    assert not [line for line in lines if "scope" in line]


def test_the_emulator_checks_keys():
    """A strict emulator accepts its keys and the tokens that they sign, and no others."""
    with Emulator(oauth="strict") as emulator:
        emulator.connect()
        key = AppKey.objects.create(display_name="Reports")
        registered = MessagingKey(DEFAULT_APP, key.pk, key.secret)
        signed = MessagingKey(DEFAULT_APP, key.pk, key.secret, jwt_scope="app")
        for number, accepted in enumerate((registered, signed)):
            _connect(emulator, accepted, f"accepted-{number}")
            App.objects.using(f"accepted-{number}").current()
        for number, rejected in enumerate(
            (
                KEY,
                MessagingKey(DEFAULT_APP, key.pk, SECRET),
                MessagingKey(DEFAULT_APP, key.pk, SECRET, jwt_scope="app"),
                MessagingToken(DEFAULT_APP, TOKEN),
            )
        ):
            _connect(emulator, rejected, f"rejected-{number}")
            with pytest.raises(AuthenticationFailed):
                App.objects.using(f"rejected-{number}").current()


@pytest.mark.lenient
def test_apps_are_separate(emulator, account):
    """An app does not show the rows of another app; an app that does not exist is an error."""
    Integration.objects.create(type="custom")
    other = App.objects.create(display_name="Second")
    _connect(emulator, MessagingKey(other.pk, "app_5c93", SECRET), "second")
    _connect(emulator, KEY, "same")
    _connect(emulator, MessagingKey("5c94", "app_5c93", SECRET), "missing")

    assert list(Integration.objects.using("second").all()) == []
    assert len(Integration.objects.using("same").all()) == 1
    with pytest.raises(ZendeskError, match="App not found"):
        list(Integration.objects.using("missing").all())


def _connect(emulator, key, alias):
    """Connect an emulator with a key of messaging alone."""
    base_url = "https://emulator.zendesk.com"
    connect(base_url=base_url, messaging=key, session=emulator.session(), alias=alias)
