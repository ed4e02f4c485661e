"""What goes over the wire, and to which host."""

from __future__ import annotations

import base64

import pytest
import requests

from zendesk_orm import Comment, ForeignHost, Group, Ticket, connect


#: Each kind of credentials has a header of its own, and the emulator has to accept all.
pytestmark = pytest.mark.lenient

HOME = "https://acme.zendesk.com"


def _basic(user, secret):
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


# -- who asks ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({"email": "me@acme.com", "token": "T0"}, _basic("me@acme.com/token", "T0")),
        ({"email": "me@acme.com", "password": "pä:ss"}, _basic("me@acme.com", "pä:ss")),
        ({"oauth_token": "OA"}, "Bearer OA"),
        ({"anonymous": True}, None),
    ],
)
def test_credentials_reach_the_host(wiretap, given, header):
    """Each kind of credentials has its own `Authorization` header, nobody has none."""
    connect(base_url=HOME, session=wiretap.session, **given)

    Ticket.objects.count()

    assert [header] == [each.headers.get("Authorization") for each in wiretap.seen]


def test_every_page_carries_the_credentials(emulator, wiretap):
    """Also those that a link of Zendesk's leads to."""
    for name in ("a", "b", "c"):
        Group.objects.create(name=name)
    connect(base_url="https://emulator.zendesk.com", session=wiretap.session, oauth_token="OA")

    assert 4 == len(Group.objects.page_size(2))
    assert ["Bearer OA"] * 2 == [each.headers["Authorization"] for each in wiretap.seen]


@pytest.mark.parametrize("credentials", [{"anonymous": True}, {"oauth_token": "OA"}])
def test_netrc_is_not_used(wiretap, monkeypatch, tmp_path, credentials):
    """What the user's netrc says of the host has no part in it."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.zendesk.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    connect(base_url=HOME, session=wiretap.session, **credentials)

    Ticket.objects.count()

    assert "Basic" not in str(wiretap.seen[0].headers)


# -- an own session ----------------------------------------------------------


def test_an_own_session_keeps_its_headers(wiretap):
    """What it sends with every request goes along."""
    wiretap.session.headers.update({"X-Own": "yes", "User-Agent": "mine"})
    connect(base_url=HOME, session=wiretap.session, oauth_token="OA")

    Ticket.objects.count()

    headers = wiretap.seen[0].headers
    assert ("yes", "mine", "Bearer OA") == (
        headers["X-Own"],
        headers["User-Agent"],
        headers["Authorization"],
    )


def test_an_own_session_may_know_who_asks(wiretap):
    """Without credentials its own `auth` is left in place."""
    wiretap.session.auth = ("me", "mine")
    connect(base_url=HOME, session=wiretap.session)

    Ticket.objects.count()

    assert _basic("me", "mine") == wiretap.seen[0].headers["Authorization"]


def test_a_session_is_not_shared(emulator, wiretap):
    """Accounts with credentials of their own do not put them on the session."""
    connect(base_url=HOME, session=wiretap.session, oauth_token="ONE", alias="one")
    connect(base_url=HOME, session=wiretap.session, oauth_token="TWO", alias="two")

    Ticket.objects.using("one").count()
    Ticket.objects.using("two").count()

    assert ["Bearer ONE", "Bearer TWO"] == [each.headers["Authorization"] for each in wiretap.seen]
    assert wiretap.session.auth is None
    assert "Authorization" not in wiretap.session.headers


# -- where to ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "url"),
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
def test_the_address_is_the_accounts(wiretap, where, url):
    """A subdomain or a whole address says where requests go."""
    connect(session=wiretap.session, oauth_token="OA", **where)

    Ticket.objects.fresh().count()

    assert [url] == [each.url for each in wiretap.seen]


def test_json_goes_out_and_comes_back(wiretap):
    """A body is compact JSON, and says so."""
    connect(base_url=HOME, session=wiretap.session, oauth_token="OA")

    Group.objects.create(name="Größe")

    (sent,) = wiretap.seen
    assert b'{"group":{"name":"Gr\\u00f6\\u00dfe"}}' == sent.body
    assert ("application/json", "application/json") == (
        sent.headers["Content-Type"],
        sent.headers["Accept"],
    )


def test_a_ticket_is_created_with_an_idempotency_key(wiretap):
    """Each creation has a key of its own, so that it can be sent twice."""
    connect(base_url=HOME, session=wiretap.session, oauth_token="OA")
    for _ in range(2):
        Ticket.objects.create(subject="x", comment=Comment(body="y"))

    keys = [each.headers["Idempotency-Key"] for each in wiretap.seen]

    assert 2 == len(set(keys))
    assert all(len(key) >= 32 for key in keys)


# -- links and redirects -----------------------------------------------------


FOREIGN = [
    "https://evil.example.com/api/v2/tickets",
    "https://acme.zendesk.com.evil.example.com/api/v2/tickets",
    "https://acme.zendesk.com@evil.example.com/api/v2/tickets",
    "https://acme.zendesk.com:8443/api/v2/tickets",
    "//evil.example.com/api/v2/tickets",
]


@pytest.mark.parametrize("link", FOREIGN)
def test_a_link_to_another_host_is_not_followed(emulator, wiretap, link):
    """A next page elsewhere would take the credentials along: it raises, and nothing goes out."""
    connect(base_url=HOME, session=wiretap.session, oauth_token="OA")
    page = {"tickets": [{"id": 1}], "meta": {"has_more": True}, "links": {"next": link}}
    emulator.fail_next(200, body=page)

    with pytest.raises(ForeignHost, match="nothing was sent there"):
        list(Ticket.objects.fresh())

    assert 1 == len(wiretap.seen)


@pytest.mark.parametrize("link", FOREIGN)
def test_a_redirect_to_another_host_is_not_followed(emulator, wiretap, link):
    """A redirect elsewhere raises, and nothing goes out."""
    connect(base_url=HOME, session=wiretap.session, oauth_token="OA")
    emulator.fail_next(302, headers={"Location": link})

    with pytest.raises(ForeignHost):
        Ticket.objects.get(1)

    assert 1 == len(wiretap.seen)


@pytest.mark.parametrize(
    "target", ["/api/v2/groups/count", "https://emulator.zendesk.com/api/v2/groups/count"]
)
def test_a_redirect_on_the_own_host_is_followed(emulator, target):
    """With the credentials, once."""
    emulator.fail_next(302, headers={"Location": target}, path="tickets")

    assert 1 == Ticket.objects.fresh().count()
    assert ["GET tickets/count", "GET groups/count"] == emulator.requests


def test_a_redirect_in_a_circle_ends(emulator):
    """After some rounds it is refused."""
    emulator.fail_next(302, times=50, headers={"Location": "/api/v2/tickets/1"})

    with pytest.raises(ForeignHost, match="circle"):
        Ticket.objects.get(1)
    assert 10 > len(emulator.requests)


def test_a_write_is_not_redirected(emulator):
    """What changes something is sent where it was meant to go, or not at all."""
    emulator.fail_next(302, headers={"Location": "/api/v2/groups"}, method="POST")

    with pytest.raises(Exception, match="302"):
        Group.objects.create(name="a")
    assert ["POST groups"] == emulator.requests


def test_sessions_that_follow_redirects_by_themselves_do_not_here(emulator, wiretap):
    """`requests` would follow a redirect to anywhere; the library looks first."""
    connect(base_url=HOME, session=wiretap.session, oauth_token="OA")
    emulator.fail_next(301, headers={"Location": "https://evil.example.com/"})
    assert isinstance(wiretap.session, requests.Session)

    with pytest.raises(ForeignHost):
        Ticket.objects.get(1)
    assert ["acme.zendesk.com"] == [each.url.split("/")[2] for each in wiretap.seen]
