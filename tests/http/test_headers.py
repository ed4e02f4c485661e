"""Headers, addresses and redirects of requests, and the host that receives them."""

from __future__ import annotations

import base64
import logging

import pytest
import requests

from tests.servers import Server
from zendesk_orm import (
    Attachment,
    Comment,
    ConfigurationError,
    FeatureUnavailable,
    ForeignHost,
    Group,
    MalformedResponse,
    RetryPolicy,
    Ticket,
    connect,
)


#: The tests use headers of each kind of credentials, which a strict emulator would reject.
pytestmark = pytest.mark.lenient

HOME = "https://acme.zendesk.com"


def _build_basic_header(user, secret):
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


# Credentials


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"email": "me@acme.com", "token": "T0"}, _build_basic_header("me@acme.com/token", "T0")),
        (
            {"email": "me@acme.com", "password": "pä:ss"},
            _build_basic_header("me@acme.com", "pä:ss"),
        ),
        ({"oauth_token": "OA"}, "Bearer OA"),
        ({"anonymous": True}, None),
    ],
)
def test_credentials_are_sent_as_an_authorization_header(recorder, credentials, header):
    """Credentials of each kind have an `Authorization` header; anonymous requests have none."""
    connect(base_url=HOME, session=recorder.session, **credentials)

    Ticket.objects.count()

    assert [request.headers.get("Authorization") for request in recorder.requests] == [header]


def test_every_page_is_requested_with_the_credentials(emulator, recorder):
    """Each page of a list is requested with the credentials, including linked pages."""
    for name in ("a", "b", "c"):
        Group.objects.create(name=name)
    connect(base_url="https://emulator.zendesk.com", session=recorder.session, oauth_token="OA")

    assert len(Group.objects.page_size(2)) == 4
    assert [request.headers["Authorization"] for request in recorder.requests] == ["Bearer OA"] * 2


@pytest.mark.parametrize("credentials", [{"anonymous": True}, {"oauth_token": "OA"}])
def test_netrc_is_not_used(recorder, monkeypatch, tmp_path, credentials):
    """Credentials in the user's netrc file are not sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.zendesk.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    connect(base_url=HOME, session=recorder.session, **credentials)

    Ticket.objects.count()

    assert "Basic" not in str(recorder.requests[0].headers)


# Custom sessions


def test_a_custom_session_keeps_its_headers(recorder):
    """Requests have the headers of a session that is passed to `connect()`."""
    recorder.session.headers.update({"X-Own": "yes", "User-Agent": "mine"})
    connect(base_url=HOME, session=recorder.session, oauth_token="OA")

    Ticket.objects.count()

    headers = recorder.requests[0].headers
    assert (
        headers["X-Own"],
        headers["User-Agent"],
        headers["Authorization"],
    ) == ("yes", "mine", "Bearer OA")


def test_a_custom_session_keeps_its_auth(recorder):
    """If no credentials are passed, requests use the `auth` of the session."""
    recorder.session.auth = ("me", "mine")
    connect(base_url=HOME, session=recorder.session)

    Ticket.objects.count()

    assert _build_basic_header("me", "mine") == recorder.requests[0].headers["Authorization"]


def test_a_session_of_two_accounts_has_no_credentials(emulator, recorder):
    """Two accounts send their credentials through one session, which stores neither."""
    connect(base_url=HOME, session=recorder.session, oauth_token="ONE", alias="one")
    connect(base_url=HOME, session=recorder.session, oauth_token="TWO", alias="two")

    Ticket.objects.using("one").count()
    Ticket.objects.using("two").count()

    assert [request.headers["Authorization"] for request in recorder.requests] == [
        "Bearer ONE",
        "Bearer TWO",
    ]
    assert recorder.session.auth is None
    assert "Authorization" not in recorder.session.headers


# Addresses


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ({"subdomain": "acme"}, "https://acme.zendesk.com/api/v2/tickets/count"),
        ({"base_url": HOME}, "https://acme.zendesk.com/api/v2/tickets/count"),
        ({"base_url": f"{HOME}/"}, "https://acme.zendesk.com/api/v2/tickets/count"),
        ({"base_url": "https://help.acme.com"}, "https://help.acme.com/api/v2/tickets/count"),
        (
            {"base_url": "https://help.acme.com:8443"},
            "https://help.acme.com:8443/api/v2/tickets/count",
        ),
    ],
)
def test_requests_are_sent_to_the_address_of_the_account(recorder, address, url):
    """Requests are sent to the host of a subdomain or of a `base_url`."""
    connect(session=recorder.session, oauth_token="OA", **address)

    Ticket.objects.fresh().count()

    assert [request.url for request in recorder.requests] == [url]


def test_a_body_is_sent_as_compact_json(recorder):
    """A body is sent as compact ASCII JSON with the content type of JSON."""
    connect(base_url=HOME, session=recorder.session, oauth_token="OA")

    Group.objects.create(name="Größe")

    (sent,) = recorder.requests
    assert sent.body == b'{"group":{"name":"Gr\\u00f6\\u00dfe"}}'
    assert (
        sent.headers["Content-Type"],
        sent.headers["Accept"],
    ) == ("application/json", "application/json")


def test_a_ticket_is_created_with_an_idempotency_key(recorder):
    """Each creation of a ticket has another idempotency key, so that it can be repeated."""
    connect(base_url=HOME, session=recorder.session, oauth_token="OA")
    for _ in range(2):
        Ticket.objects.create(subject="x", comment=Comment(body="y"))

    keys = [request.headers["Idempotency-Key"] for request in recorder.requests]

    assert len(set(keys)) == 2
    assert all(len(key) >= 32 for key in keys)


# Links and redirects


FOREIGN = [
    "https://evil.example.com/api/v2/tickets",
    "https://acme.zendesk.com.evil.example.com/api/v2/tickets",
    "https://acme.zendesk.com@evil.example.com/api/v2/tickets",
    "https://acme.zendesk.com:8443/api/v2/tickets",
    "//evil.example.com/api/v2/tickets",
]


@pytest.mark.parametrize("link", FOREIGN)
def test_a_link_to_another_host_is_not_followed(emulator, recorder, link):
    """A link to another host raises `ForeignHost`, and no request is sent to that host."""
    connect(base_url=HOME, session=recorder.session, oauth_token="OA")
    page = {"tickets": [{"id": 1}], "meta": {"has_more": True}, "links": {"next": link}}
    emulator.fail_next(200, body=page)

    with pytest.raises(ForeignHost, match="nothing was sent there"):
        list(Ticket.objects.fresh())

    assert len(recorder.requests) == 1


@pytest.mark.parametrize("link", ["https://hilfe.müller.de", "https://hilfe.xn--mller-kva.de"])
@pytest.mark.parametrize("base", ["https://hilfe.müller.de", "https://HILFE.MÜLLER.DE"])
def test_hosts_are_compared_in_ascii(base, link):
    """Links of the host are followed, whether they contain its name in Unicode or in ASCII."""

    def answer(asked):
        if "page[after]" in asked.params:
            return {"groups": [{"id": 2}], "meta": {"has_more": False}}
        following = f"{link}/api/v2/groups?page[after]=x"
        return {"groups": [{"id": 1}], "meta": {"has_more": True}, "links": {"next": following}}

    account = Server(answer).connect(base_url=base)

    assert [group.pk for group in Group.objects.all()] == [1, 2]
    assert account.transport.base_url == "https://hilfe.xn--mller-kva.de"


@pytest.mark.parametrize("host", ["ü" * 64, "ü\N{ZERO WIDTH SPACE}..de", "\ud800ü.de"])
def test_an_invalid_internationalized_host_is_rejected(host):
    """An invalid internationalized host raises in `base_url` and in links."""
    account = connect(base_url="https://acme.zendesk.com", oauth_token="x")

    with pytest.raises(ConfigurationError, match="base_url must be"):
        connect(base_url=f"https://{host}", oauth_token="x")
    with pytest.raises(ForeignHost):
        account.transport.to_path(f"https://{host}/api/v2/groups")


@pytest.mark.parametrize("base_path", ["/zd", "/api", "/zd/api"])
@pytest.mark.parametrize("link", ["https://gate.example.com{}/api/v2", "{}/api/v2", "/api/v2"])
def test_a_link_with_the_path_of_the_base_url_is_followed(base_path, link):
    """Each page is requested below the path of `base_url`, which links may omit."""
    base = f"https://gate.example.com{base_path}"

    def answer(asked):
        if "page[after]" in asked.params:
            return {"groups": [{"id": 2}], "meta": {"has_more": False}}
        following = f"{link.format(base_path)}/groups?page[after]=x"
        return {"groups": [{"id": 1}], "meta": {"has_more": True}, "links": {"next": following}}

    server = Server(answer)
    server.connect(base_url=base)

    assert [group.pk for group in Group.objects.all()] == [1, 2]
    assert [url.partition("?")[0] for url in server.urls] == [f"{base}/api/v2/groups"] * 2


#: Spellings of a link from the first page of groups to the second one.
SPELLINGS = (
    "/api/v2/groups?after=x",
    "?after=x",
    "groups?after=x",
    "./groups?after=x",
    "../v2/groups?after=x",
    "//acme.zendesk.com/api/v2/groups?after=x",
    "https://acme.zendesk.com:443/api/v2/groups?after=x",
    "https://acme.zendesk.com./api/v2/groups?after=x",
    "HTTPS://ACME.ZENDESK.COM/api/v2/groups?after=x",
    "https://u:p@acme.zendesk.com/api/v2/groups?after=x#y",
)


@pytest.mark.parametrize(
    "base", [HOME, "https://acme.zendesk.com.", "https://gate.example.com:8443/zd"]
)
def test_each_spelling_of_a_link_leads_to_the_next_page(base):
    """Links and redirects may be relative, or name Zendesk's host behind a proxy."""
    for spelling in SPELLINGS:
        first = {"groups": [{"id": 1, "name": "a"}], "next_page": spelling, "count": 2}
        last = {"groups": [{"id": 2, "name": "b"}], "next_page": None, "count": 2}
        server = Server(lambda asked: last if "after" in asked.params else first)  # noqa: B023
        account = server.connect(base_url=base)
        url = f"{base.rstrip('.')}/api/v2/groups?after=x"
        try:
            assert [group.pk for group in Group.objects.all()] == [1, 2]
            assert server.urls.pop() == url
            rows = account.raw.rows("/api/v2/groups", "groups")
            assert [row["id"] for row in rows] == [1, 2]
            assert server.urls.pop() == url
        finally:
            account.close()


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("https://gate.example.com/zd/api/v2/groups?a=b", "/api/v2/groups?a=b"),
        ("https://gate.example.com/zdx/api/v2/groups", "/zdx/api/v2/groups"),
        ("https://acme.zendesk.com/zd/groups", "/zd/groups"),
    ],
)
def test_the_path_of_the_base_url_is_removed_from_links(link, path):
    """The path of `base_url` is removed from links to the account, as whole segments only."""
    account = connect(base_url="https://gate.example.com/zd", oauth_token="x")

    assert account.transport.to_path(link) == path


def test_a_file_at_the_base_url_is_downloaded():
    """A file is downloaded if its address contains the path of `base_url`."""
    server = Server(lambda asked: {})
    account = server.connect(base_url="https://gate.example.com/zd")
    row = {"id": 1, "content_url": "https://gate.example.com/zd/attachments/x", "file_name": "x"}

    Attachment.from_row(row, account.current()).read()

    assert server.urls == ["https://gate.example.com/zd/attachments/x"]


@pytest.mark.parametrize("link", FOREIGN)
def test_a_redirect_to_another_host_is_not_followed(emulator, recorder, link):
    """A redirect to another host raises `ForeignHost`, and no request is sent to that host."""
    connect(base_url=HOME, session=recorder.session, oauth_token="OA")
    emulator.fail_next(302, headers={"Location": link})

    with pytest.raises(ForeignHost):
        Ticket.objects.get(1)

    assert len(recorder.requests) == 1


@pytest.mark.parametrize(
    "target", ["/api/v2/groups/count", "https://emulator.zendesk.com/api/v2/groups/count"]
)
def test_a_redirect_to_the_same_host_is_followed(emulator, target):
    """A redirect to the host of the account is followed by one request."""
    emulator.fail_next(302, headers={"Location": target}, path="tickets")

    assert Ticket.objects.fresh().count() == 1
    assert emulator.requests == ["GET tickets/count", "GET groups/count"]


@pytest.mark.parametrize("host", ["acme.zendesk.com", "acme.zendesk.com:443", "gate.example.com"])
def test_a_redirect_behind_a_proxy_is_requested_from_the_proxy(emulator, recorder, host):
    """A redirect to Zendesk's own host is requested from the proxy that the base URL names."""
    connect(base_url="https://gate.example.com", session=recorder.session, oauth_token="OA")
    target = f"https://{host}/api/v2/groups/count"
    emulator.fail_next(302, headers={"Location": target}, path="tickets")

    assert Ticket.objects.fresh().count() == 1
    assert recorder.requests[-1].url == "https://gate.example.com/api/v2/groups/count"


INVALID_TARGETS = ["https://[", "http://acme.zendesk.com:99999999/", "https://acme.zendesk.com:x/"]


@pytest.mark.parametrize("target", INVALID_TARGETS)
def test_a_redirect_to_an_invalid_address_raises_malformed_response(emulator, target):
    """A redirect to an invalid address raises `MalformedResponse`."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(302, headers={"Location": target})
    with pytest.raises(MalformedResponse) as raised:
        Ticket.objects.get(1)

    assert raised.value.status == 302


def test_the_target_of_a_redirect_is_not_logged(emulator, caplog):
    """Log lines and errors show the path of the first request instead of the target."""
    account = emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(302, headers={"Location": "/api/v2/signed/hunter2"}, path="groups")
    with (
        caplog.at_level(logging.DEBUG, "zendesk_orm.http"),
        pytest.raises(FeatureUnavailable) as raised,
    ):
        account.raw.get("/api/v2/groups")

    assert "hunter2" not in caplog.text + str(raised.value) + repr(raised.value)
    assert "/api/v2/groups/..." in caplog.text


def test_a_redirect_to_the_same_path_is_logged(emulator, caplog):
    """A redirect is logged if its target differs only in `.json` or in parameters."""
    account = emulator.connect()
    emulator.fail_next(302, headers={"Location": "/api/v2/groups.json"}, path="groups")
    with caplog.at_level(logging.DEBUG, "zendesk_orm.http"):
        account.raw.get("/api/v2/groups")

    assert "..." not in caplog.text


def test_a_redirect_loop_raises(emulator):
    """A redirect to itself raises `ForeignHost` after fewer than ten requests."""
    emulator.fail_next(302, times=50, headers={"Location": "/api/v2/tickets/1"})

    with pytest.raises(ForeignHost, match="circle"):
        Ticket.objects.get(1)
    assert len(emulator.requests) < 10


def test_a_write_is_not_redirected(emulator):
    """A redirect of a POST request raises, and is not followed."""
    emulator.fail_next(302, headers={"Location": "/api/v2/groups"}, method="POST")

    with pytest.raises(Exception, match="302"):
        Group.objects.create(name="a")
    assert emulator.requests == ["POST groups"]


def test_redirects_are_not_followed_by_requests(emulator, recorder):
    """The library `requests` does not follow a redirect to another host."""
    connect(base_url=HOME, session=recorder.session, oauth_token="OA")
    emulator.fail_next(301, headers={"Location": "https://evil.example.com/"})
    assert isinstance(recorder.session, requests.Session)

    with pytest.raises(ForeignHost):
        Ticket.objects.get(1)
    assert [request.url.split("/")[2] for request in recorder.requests] == ["acme.zendesk.com"]
