"""Phone numbers, digital lines, greetings and IVRs."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, InvalidValue, NoEndpoint
from zendesk_orm.talk import (
    Address,
    AvailablePhoneNumber,
    DigitalLine,
    Greeting,
    GreetingCategory,
    Ivr,
    IvrRoute,
    Line,
    PhoneNumber,
)


def _bought(**values):
    return AvailablePhoneNumber.objects.filter(country="US").first().buy(**values)


def test_numbers_that_can_be_bought_are_searched_for(emulator, account, count_requests):
    """In one request, of a country."""
    with count_requests(account, 1):
        found = list(AvailablePhoneNumber.objects.filter(country="US", area_code="212"))

    assert found
    assert {"US"} == {number.country_code for number in found}
    assert all(number.number.startswith("+1212") for number in found)
    assert found[0].token == found[0].pk
    free = AvailablePhoneNumber.objects.filter(country="US", toll_free=True)
    assert [True] == list({number.toll_free for number in free})
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="country"):
        list(AvailablePhoneNumber.objects.all())


def test_a_number_is_bought(account, count_requests):
    """By its token in one request; what else is said takes another."""
    offer = AvailablePhoneNumber.objects.filter(country="US")[0]
    with count_requests(account, 1):
        number = offer.buy()
    with count_requests(account, 0), pytest.raises(InvalidValue, match="nickname"):
        offer.buy(nickname=5)
    group = Group.objects.all()[0]
    with count_requests(account, 2):
        named = offer.buy(nickname="Sales", default_group=group)

    assert offer.number == number.number
    assert number in PhoneNumber.objects.all()
    assert "Sales" == PhoneNumber.objects.get(named.pk).nickname
    assert group == named.default_group


def test_lines_are_of_two_kinds(account, count_requests):
    """A list of both, in one request, from which each leads to itself."""
    number = _bought(nickname="Sales")
    digital = DigitalLine.objects.create(nickname="Website")
    with count_requests(account, 1):
        lines = list(Line.objects.all())

    assert ["phone", "digital"] == [line.line_type for line in lines]
    assert [number, digital] == [line.itself for line in lines]
    assert ["Website"] == [each.nickname for each in Line.objects.filter(line_type="digital")]
    assert digital.line_id


def test_addresses_are_kept(account):
    """They are made, changed and deleted."""
    home = Address.objects.create(
        name="Acme", street="1 Main St", zip="94103", city="San Francisco", country_code="US"
    )
    home.city = "Oakland"
    home.save()
    assert ["Oakland"] == [each.city for each in Address.objects.filter(country_code="US")]

    home.delete()
    assert [] == list(Address.objects.all())


def test_greetings_are_of_categories(account, emulator, lay, count_requests):
    """Both ways; those that Zendesk brings along have words for ids."""
    lay(GreetingCategory, "2026-01-01T00:00:00+00:00", id=1, name="voicemail")
    lay(Greeting, "2026-01-01T00:00:00+00:00", id="voicemail_en", name="Default", category_id=1)
    voicemail = GreetingCategory.objects.get(name="voicemail")
    with count_requests(account, 1):
        own = Greeting.objects.create(name="Premium", category=voicemail)

    assert voicemail == own.category
    with count_requests(account, 1):
        assert {"Default", "Premium"} == {each.name for each in voicemail.greetings.all()}
    assert "Default" == Greeting.objects.get("voicemail_en").name


def test_a_greeting_is_listened_to(account, emulator, lay, tmp_path, count_requests):
    """Its sound is read, or written to a file that gets its name."""
    values = {"name": "Hold", "audio_name": "hold.mp3", "upload_id": 7}
    lay(Greeting, "2026-01-01T00:00:00+00:00", id=5, **values)
    emulator._store.keep_file("7", "hold.mp3", "audio/mpeg", b"sound")
    greeting = Greeting.objects.get(5)
    with count_requests(account, 2):
        assert b"sound" == greeting.read()
        path = greeting.download(tmp_path)

    assert (tmp_path / "hold.mp3", b"sound") == (path, path.read_bytes())
    with pytest.raises(FileExistsError):
        greeting.download(tmp_path)


def test_keys_lead_somewhere(account, count_requests):
    """An IVR has menus, and these have routes, each with a place below the other."""
    ivr = Ivr.objects.create(name="Main")
    menu = ivr.menu_set.create(name="Sales")
    with count_requests(account, 1):
        route = menu.route_set.create(keypress="1", action="menu", options={"menu_id": menu.pk})
    route.keypress = "2"
    with count_requests(account, 1):
        route.save()

    assert [menu] == list(ivr.menu_set.all())
    assert ["2"] == [each.keypress for each in menu.route_set.all()]
    assert [route] == list(menu.route_set.filter(keypress="2").order_by("keypress"))
    assert not menu.route_set.filter(keypress="1").exists()
    assert "2" == IvrRoute.objects.get(ivr=ivr, menu=menu, id=route.pk).keypress
    with count_requests(account, 1):
        route.delete()
    assert [] == list(menu.route_set.all())


def test_a_route_knows_its_place(emulator, account):
    """Although no row tells of the menu or the IVR: the path does, also of what is read."""
    ivr = Ivr.objects.create(name="Main")
    menu = ivr.menu_set.create(name="Sales")
    row = {"id": 5, "keypress": "1", "action": "voicemail", "options": {}}
    emulator.fail_next(200, body={"ivr_routes": [row], "count": 1, "next_page": None})
    (route,) = menu.route_set.all()
    assert (ivr.pk, menu.pk) == (route.ivr_id, route.menu_id)

    emulator.fail_next(200, body={"ivr_route": {**row, "keypress": "9"}})
    route.refresh_from_db()
    assert ("9", ivr.pk, menu) == (route.keypress, route.ivr_id, route.menu)
    emulator.fail_next(200, body={"ivr_route": {**row, "keypress": "3"}})
    route.keypress = "3"
    route.save()

    assert ("3", ivr.pk, menu.pk) == (route.keypress, route.ivr_id, route.menu_id)
    path = f"channels/voice/ivr/{ivr.pk}/menus/{menu.pk}/routes"
    expected = [f"GET {path}", f"GET {path}/5", f"PUT {path}/5"]
    assert expected == emulator.requests[-3:]


def test_a_route_says_its_menu(account):
    """The IVR follows from the menu; a key that no telephone has is refused."""
    menu = Ivr.objects.create(name="Main").menu_set.create(name="Sales")
    route = IvrRoute(menu=menu, keypress="#", action="voicemail").save()

    assert [route] == list(menu.route_set.all())
    with pytest.raises(InvalidValue, match="default"):
        IvrRoute(menu=menu, keypress="A")
