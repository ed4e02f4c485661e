"""Rate limits of the account, of products, and of endpoints."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import ConfigurationError
from zendesk_orm.emulator import Emulator


HOST = "https://emulator.zendesk.com/api/v2"


@pytest.fixture
def limited():
    """Return an emulator with limits of endpoints, and a session for it."""
    emulator = Emulator(endpoint_limits=True, export_delay=0)
    with emulator, signed_in_session(emulator) as session:
        yield emulator, session


def _export(session, model="users/cursor"):
    return session.get(f"{HOST}/incremental/{model}?start_time=1")


def test_headers_of_an_endpoint_change_with_each_request(limited):
    """The headers of a limit have its number, the remaining requests and the time of its reset."""
    emulator, session = limited
    headers = []
    for _ in range(3):
        headers.append(_export(session).headers["zendesk-ratelimit-incremental-exports"])
        emulator.clock.sleep(10)

    assert headers == [
        "total=10; remaining=9; resets=60",
        "total=10; remaining=8; resets=50",
        "total=10; remaining=7; resets=40",
    ]


def test_a_limit_is_shared_by_its_endpoints(limited):
    """All incremental exports share one limit, so that the eleventh export is rejected."""
    emulator, session = limited
    emulator.clock.sleep(1)
    for number in range(10):
        _export(session, "users/cursor" if number % 2 else "organizations")
        emulator.clock.sleep(1)
    rejected, other = _export(session), session.get(f"{HOST}/groups")
    emulator.clock.sleep(int(rejected.headers["Retry-After"]))
    accepted = _export(session)

    assert (rejected.status_code, rejected.headers["Retry-After"]) == (429, "50")
    assert (other.status_code, accepted.status_code) == (200, 200)
    assert "zendesk-ratelimit-incremental-exports" not in other.headers


def test_a_limit_of_an_object_is_separate_for_each(limited):
    """The sixth update of an organization in a minute is rejected; another can be updated."""
    _, session = limited
    ids = [
        session.post(f"{HOST}/organizations", json={"organization": {"name": name}}).json()[
            "organization"
        ]["id"]
        for name in "ab"
    ]

    def update(pk):
        body = {"organization": {"notes": "x"}}
        return session.put(f"{HOST}/organizations/{pk}", json=body).status_code

    assert [update(ids[0]) for _ in range(6)] == [200] * 5 + [429]
    assert update(ids[1]) == 200


def test_products_have_separate_limits():
    """Help Center requests do not count for Support, and their responses report no reset."""
    with Emulator(requests_per_minute=1) as emulator, signed_in_session(emulator) as session:
        session.get(f"{HOST}/groups")
        articles = session.get(f"{HOST}/help_center/articles")
        chat = session.get(f"{HOST}/chat/chats")
        groups = session.get(f"{HOST}/groups")

    responses = (articles, chat, groups)
    assert [response.status_code != 429 for response in responses] == [True, True, False]
    assert articles.headers["x-rate-limit-remaining"] == "0"
    assert "ratelimit-reset" not in articles.headers
    assert int(groups.headers["ratelimit-reset"]) > 0


def test_endpoints_have_no_limits_by_default(emulator):
    """Without the switch `endpoint_limits`, endpoints have no limits."""
    with signed_in_session(emulator) as session:
        responses = [_export(session) for _ in range(11)]

    assert {response.status_code for response in responses} == {200}
    assert "zendesk-ratelimit-incremental-exports" not in responses[0].headers


def test_the_switch_can_be_part_of_the_url():
    """`emulator://?endpoint_limits=...` sets the switch."""
    with Emulator.from_url("emulator://?endpoint_limits=yes") as emulator:
        assert emulator.switches.endpoint_limits is True
    with pytest.raises(ConfigurationError, match="endpoint_limits"):
        Emulator(endpoint_limits="perhaps")
