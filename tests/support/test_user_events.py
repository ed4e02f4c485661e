"""Profiles of users in other systems, and their events."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from tests.servers import Server, ServerRequest
from tests.support.people import create_user
from zendesk_orm import BadRequest, InvalidValue, User, post_save, receiver
from zendesk_orm.support import UserEvent, UserProfile


IDENTIFIER = "coolbikes:rider:email:amy@example.com"


def _create_profile(**values):
    identifiers = [{"type": "email", "value": "Amy@example.com"}]
    return UserProfile.objects.create(
        source="coolbikes", type="rider", identifiers=identifiers, **values
    )


def test_a_profile_is_created_found_changed_and_deleted(account, count_requests):
    """A profile is addressed by id and by identifier; attributes are merged with those read."""
    with count_requests(account, 1):
        profile = _create_profile(attributes={"color": "red"})
    assert profile.identifiers == [{"type": "email", "value": "amy@example.com"}]
    with count_requests(account, 1):
        assert UserProfile.objects.get(identifier=IDENTIFIER) == profile
    with count_requests(account, 2):
        profile.attributes["size"] = "L"
        profile.save()
    assert profile.attributes == {"color": "red", "size": "L"}
    with count_requests(account, 1):
        profile = UserProfile.objects.update_by_identifier(IDENTIFIER, name="Amy", attributes={})
    assert (profile.name, profile.attributes["size"]) == ("Amy", "L")
    with count_requests(account, 2):
        profile.delete()
        assert UserProfile.objects.filter(identifier=IDENTIFIER).first() is None
    with pytest.raises(UserProfile.DoesNotExist):
        UserProfile.objects.get(identifier=IDENTIFIER)


def test_a_second_creation_replaces_the_profile(account):
    """`create()` replaces the profile with the first identifier, as Zendesk does."""
    profile = _create_profile(attributes={"color": "red"})
    again = _create_profile(attributes={"size": "L"})

    assert (again, again.attributes) == (profile, {"size": "L"})


def test_only_replace_removes_values(account, count_requests):
    """`save()` rejects the removal of attributes and identifiers, which `replace()` sends."""
    profile = _create_profile(attributes={"color": "red", "size": "L"})
    profile.identifiers.append({"type": "phone_number", "value": "123"})
    profile.save()

    del profile.attributes["size"]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="replace"):
        profile.save()
    profile.identifiers = profile.identifiers[:1]
    with count_requests(account, 1):
        profile.replace()
    profile.refresh_from_db()
    assert (profile.attributes, len(profile.identifiers)) == ({"color": "red"}, 1)


def test_profiles_belong_to_users(account, count_requests):
    """The user is that of the identifiers, that of the path, or a new one."""
    amy = User.objects.create(name="Amy", email="amy@example.com")
    assert _create_profile().user == amy
    with count_requests(account, 1):
        other = amy.profiles.create(
            source="shop", type="customer", identifiers=[{"type": "number", "value": "7"}]
        )
    with count_requests(account, 1):
        assert {item.source for item in amy.profiles.all()} == {"coolbikes", "shop"}
    assert (other.user, other.name) == (amy, "number user 7")
    stranger = UserProfile.objects.create(
        source="shop", type="customer", identifiers=[{"type": "external_id", "value": "9"}]
    )
    assert (stranger.user.name, stranger.user.external_id) == ("User 9", "9")


def test_new_events_have_no_id(emulator, account, count_requests):
    """The response to an event names its profile and no id, or is empty."""
    saved = []

    @receiver(post_save, sender=UserEvent)
    def collect(sender, instance, created, **kwargs):
        saved.append((instance.type, created))

    with count_requests(account, 1):
        event = UserEvent.objects.create(
            identifier=IDENTIFIER, source="shop", type="order", properties={"total": 5}
        )
    assert (event.pk, event.properties, event.changes()) == (None, {"total": 5}, {})
    with count_requests(account, 2):
        assert event.profile.source == "coolbikes"
        assert event.user.email == "amy@example.com"
    emulator.switches.event_receipts = False
    event = UserEvent.objects.create(
        identifier=IDENTIFIER, source="shop", type="visit", properties={}, profile_name="Amy"
    )
    assert (event.pk, event.profile_id, saved) == (None, None, [("order", True), ("visit", True)])
    with count_requests(account, 0), pytest.raises(InvalidValue, match="cannot be changed"):
        event.save()


def test_events_are_listed_by_profile_user_and_identifier(emulator, account, count_requests):
    """The three lists contain the same events, filtered and paged by Zendesk."""
    profile = _create_profile()
    for number in range(3):
        kind = "visit" if number else "order"
        profile.events.create(
            source="shop",
            type=kind,
            properties={},
            created_at=datetime(2026, 1, 1 + number, tzinfo=timezone.utc),
        )
    with count_requests(account, 3):
        lists = [
            list(queryset.all())
            for queryset in (
                profile.events,
                profile.user.events,
                UserEvent.objects.filter(identifier=IDENTIFIER),
            )
        ]
    assert [[event.type for event in events] for events in lists] == [
        ["visit", "visit", "order"]
    ] * 3
    assert (lists[0][0].profile, lists[1][0].user) == (profile, profile.user)
    events = profile.events
    with count_requests(account, 1):
        assert [event.type for event in events.filter(source="shop", type="order")] == ["order"]
    with count_requests(account, 1):
        since = datetime(2026, 1, 2, tzinfo=timezone.utc)
        assert len(events.filter(start_time=since, end_time=since)) == 1
    with count_requests(account, 3):
        assert len(list(events.all().page_size(1))) == 3
    with pytest.raises(BadRequest, match="requires"):
        list(events.filter(type="order"))
    emulator.switches.newest_events_first = False
    assert next(iter(events.all())).type == "order"


def test_an_event_of_a_user_creates_a_profile(account, count_requests):
    """The event of an unknown identifier creates a profile of the user."""
    amy = create_user("Amy")
    with count_requests(account, 1):
        event = amy.events.create(
            identifier="shop:customer:number:7", source="shop", type="order", properties={}
        )

    (profile,) = amy.profiles.all()
    assert (event.profile, event.user) == (profile, amy)
    assert [item.type for item in profile.events.all()] == ["order"]


def test_invalid_events_and_identifiers_are_not_sent(account, count_requests):
    """Events without a profile and identifiers of another form raise, and nothing is sent."""
    values = {"source": "shop", "type": "order", "properties": {}}
    with count_requests(account, 0):
        for places in ({}, {"identifier": "shop:customer"}, {"identifier": "a:b::c"}):
            with pytest.raises(InvalidValue, match="identifier"):
                UserEvent.objects.create(**places, **values)
        with pytest.raises(InvalidValue, match="identifier"):
            UserProfile.objects.update_by_identifier("shop", name="Amy")
        with pytest.raises(InvalidValue, match="value to update"):
            UserProfile.objects.update_by_identifier(IDENTIFIER)
    with pytest.raises(BadRequest, match="reserved"):
        UserEvent.objects.create(identifier=IDENTIFIER, **{**values, "source": "zendesk"})


def test_events_without_ids_are_all_returned():
    """The events of the reference's example have no id, and no `links` at the end of the list."""
    row = {"source": "shop", "type": "checkout", "properties": {}, "description": "Order"}
    row["created_at"] = "2020-01-31T00:44:07+00:00"

    def answer(request: ServerRequest) -> Any:
        if "page[after]" in request.params:
            return {"events": [row], "links": [], "meta": {"has_more": False}}
        link = (
            "https://acme.zendesk.com/api/v2/user_profiles/events?identifier=a:b:c:d&page[after]=x"
        )
        meta = {"after_cursor": "x", "has_more": True}
        return {"events": [row, row], "links": [{"next": link}], "meta": meta}

    Server(answer).connect()

    events = list(UserEvent.objects.filter(identifier="a:b:c:d"))

    assert [(event.pk, event.type) for event in events] == [(None, "checkout")] * 3


def test_identifiers_are_checked_before_they_are_sent(account, count_requests):
    """Identifiers that are no dictionaries, or whose address names another profile, are errors."""
    email = {"type": "email", "value": "amy@example.com"}
    with count_requests(account, 0):
        for source, identifiers in (
            ("coolbikes", ["amy@example.com"]),
            ("coolbikes", [{"type": "a:b", "value": "amy@example.com"}]),
            ("cool:bikes", [email]),
        ):
            with pytest.raises(InvalidValue, match="identifier"):
                UserProfile.objects.create(source=source, type="rider", identifiers=identifiers)
        with pytest.raises(InvalidValue, match="identifiers must be a dictionary"):
            UserProfile.objects.update_by_identifier(IDENTIFIER, identifiers=["amy@example.com"])
