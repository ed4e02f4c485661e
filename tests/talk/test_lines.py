"""Phone numbers, digital lines, addresses, greetings and IVRs."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, InvalidValue, NoEndpoint, connect
from zendesk_orm.talk import (
    Address,
    AvailablePhoneNumber,
    DigitalLine,
    Greeting,
    GreetingCategory,
    Ivr,
    IvrMenu,
    IvrRoute,
    Line,
    PhoneNumber,
)


def _buy_number(**values):
    return AvailablePhoneNumber.objects.filter(country="US").first().buy(**values)


def test_available_numbers_are_filtered(emulator, account, count_requests):
    """Available numbers are filtered in one request, and require a country."""
    with count_requests(account, 1):
        numbers = list(AvailablePhoneNumber.objects.filter(country="US", area_code="212"))

    assert numbers
    assert {number.country_code for number in numbers} == {"US"}
    assert all(number.number.startswith("+1212") for number in numbers)
    assert numbers[0].token == numbers[0].pk
    toll_free = AvailablePhoneNumber.objects.filter(country="US", toll_free=True)
    assert list({number.toll_free for number in toll_free}) == [True]
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="country"):
        list(AvailablePhoneNumber.objects.all())


def test_buy_takes_one_or_two_requests(account, count_requests):
    """`buy()` takes one request, and another if it sets values."""
    offer = AvailablePhoneNumber.objects.filter(country="US")[0]
    with count_requests(account, 1):
        number = offer.buy()
    with count_requests(account, 0), pytest.raises(InvalidValue, match="nickname"):
        offer.buy(nickname=5)
    group = Group.objects.all()[0]
    with count_requests(account, 2):
        sales_number = offer.buy(nickname="Sales", default_group=group)

    assert offer.number == number.number
    assert number in PhoneNumber.objects.all()
    assert PhoneNumber.objects.get(sales_number.pk).nickname == "Sales"
    assert sales_number.default_group == group


def test_lines_lead_to_numbers_and_digital_lines(account, count_requests):
    """Lines are listed in one request and lead to phone numbers and digital lines."""
    number = _buy_number(nickname="Sales")
    digital = DigitalLine.objects.create(nickname="Website")
    with count_requests(account, 1):
        lines = list(Line.objects.all())

    assert [line.line_type for line in lines] == ["phone", "digital"]
    assert [line.itself for line in lines] == [number, digital]
    assert [line.nickname for line in Line.objects.filter(line_type="digital")] == ["Website"]
    assert digital.line_id


def test_addresses_are_managed(account):
    """Addresses are created, changed, filtered and deleted."""
    home = Address.objects.create(
        name="Acme", street="1 Main St", zip="94103", city="San Francisco", country_code="US"
    )
    home.city = "Oakland"
    home.save()
    assert [address.city for address in Address.objects.filter(country_code="US")] == ["Oakland"]

    home.delete()
    assert list(Address.objects.all()) == []


def test_greetings_and_categories_are_relations(account, emulator, seed_row, count_requests):
    """Greetings lead to their category, which lists them; default greetings have string ids."""
    seed_row(GreetingCategory, "2026-01-01T00:00:00+00:00", id=1, name="voicemail")
    seed_row(
        Greeting, "2026-01-01T00:00:00+00:00", id="voicemail_en", name="Default", category_id=1
    )
    voicemail = GreetingCategory.objects.get(name="voicemail")
    with count_requests(account, 1):
        premium = Greeting.objects.create(name="Premium", category=voicemail)

    assert premium.category == voicemail
    with count_requests(account, 1):
        assert {greeting.name for greeting in voicemail.greetings.all()} == {"Default", "Premium"}
    assert Greeting.objects.get("voicemail_en").name == "Default"


def test_the_audio_of_a_greeting_is_downloaded(
    account, emulator, seed_row, tmp_path, count_requests
):
    """The audio of a greeting is read, or written to a new file with its name."""
    values = {"name": "Hold", "audio_name": "hold.mp3", "upload_id": 7}
    seed_row(Greeting, "2026-01-01T00:00:00+00:00", id=5, **values)
    emulator._store.save_file("7", "hold.mp3", "audio/mpeg", b"sound")
    greeting = Greeting.objects.get(5)
    with count_requests(account, 2):
        assert greeting.read() == b"sound"
        path = greeting.download(tmp_path)

    assert (path, path.read_bytes()) == (tmp_path / "hold.mp3", b"sound")
    with pytest.raises(FileExistsError):
        greeting.download(tmp_path)


def test_menus_and_routes_are_managed_through_their_parents(account, count_requests):
    """Menus of an IVR, and routes of a menu, are managed through their parents."""
    ivr = Ivr.objects.create(name="Main")
    menu = ivr.menu_set.create(name="Sales")
    with count_requests(account, 1):
        route = menu.route_set.create(keypress="1", action="menu", options={"menu_id": menu.pk})
    route.keypress = "2"
    with count_requests(account, 1):
        route.save()

    assert list(ivr.menu_set.all()) == [menu]
    assert [row.keypress for row in menu.route_set.all()] == ["2"]
    assert list(menu.route_set.filter(keypress="2").order_by("keypress")) == [route]
    assert not menu.route_set.filter(keypress="1").exists()
    assert IvrRoute.objects.get(ivr=ivr, menu=menu, id=route.pk).keypress == "2"
    with count_requests(account, 1):
        route.delete()
    assert list(menu.route_set.all()) == []


def test_a_route_gets_ivr_and_menu_from_its_path(emulator, account):
    """A route has the IVR and menu of its path, although no row contains them."""
    ivr = Ivr.objects.create(name="Main")
    menu = ivr.menu_set.create(name="Sales")
    row = {"id": 5, "keypress": "1", "action": "voicemail", "options": {}}
    emulator.fail_next(200, body={"ivr_routes": [row], "count": 1, "next_page": None})
    (route,) = menu.route_set.all()
    assert (route.ivr_id, route.menu_id) == (ivr.pk, menu.pk)

    emulator.fail_next(200, body={"ivr_route": {**row, "keypress": "9"}})
    route.refresh_from_db()
    assert (route.keypress, route.ivr_id, route.menu) == ("9", ivr.pk, menu)
    emulator.fail_next(200, body={"ivr_route": {**row, "keypress": "3"}})
    route.keypress = "3"
    route.save()

    assert (route.keypress, route.ivr_id, route.menu_id) == ("3", ivr.pk, menu.pk)
    path = f"channels/voice/ivr/{ivr.pk}/menus/{menu.pk}/routes"
    expected = [f"GET {path}", f"GET {path}/5", f"PUT {path}/5"]
    assert emulator.requests[-3:] == expected


def test_the_ivr_of_a_route_follows_from_its_menu(account):
    """A new route needs a menu only; an invalid key raises `InvalidValue`."""
    menu = Ivr.objects.create(name="Main").menu_set.create(name="Sales")
    route = IvrRoute(menu=menu, keypress="#", action="voicemail").save()

    assert list(menu.route_set.all()) == [route]
    with pytest.raises(InvalidValue, match="default"):
        IvrRoute(menu=menu, keypress="A")


@pytest.mark.parametrize("create", [IvrRoute.objects.create, lambda **v: IvrRoute(**v).save()])
def test_a_route_belongs_to_a_saved_menu_of_its_account(account, create, count_requests):
    """A menu of another account, an unsaved menu and an IVR instead of a menu are rejected."""
    ivr = Ivr.objects.create(name="Main")
    other = connect("emulator://", alias="other")
    foreign = Ivr.objects.using("other").create(name="Main").menu_set.create(name="Sales")
    with count_requests(account, 0), count_requests(other, 0):
        for menu in (foreign, IvrMenu(name="New", ivr=ivr), ivr):
            with pytest.raises(InvalidValue, match="menu"):
                create(ivr=ivr, menu=menu, keypress="1", action="voicemail")
        with pytest.raises(InvalidValue, match="ivr"):
            create(ivr=foreign, menu=5, keypress="1", action="voicemail")
