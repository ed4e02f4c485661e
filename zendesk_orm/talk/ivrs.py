"""Interactive voice response: its menus, and where each key leads.

An IVR holds its menus, and a menu its routes, as they are; as objects they are
`ivr.menu_set` and `menu.route_set`.

The names of menus and routes in an envelope (`ivr_menu`, `ivr_routes`) are recalled
and not confirmed.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/ivrs/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.schema.row import Row
from zendesk_orm.support.placed import PlacedManager


if TYPE_CHECKING:
    from zendesk_orm.talk.greetings import Greeting
    from zendesk_orm.talk.phone_numbers import PhoneNumber

Action = Literal["group", "voicemail", "phone_number", "textback", "menu"]
Keypress = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#", "default"]

#: What only the path tells of a route.
_PLACES = ("ivr_id", "menu_id")

_IVRS = "channels/voice/ivr"
_MENUS = f"{_IVRS}/{{ivr}}/menus"
_ROUTES = f"{_IVRS}/{{ivr}}/menus/{{menu}}/routes"


class Ivr(Model):
    """A tree of menus that callers go through by pressing keys."""

    name: Field[str]
    menus: Field[list[dict[str, Any]]]
    phone_number_ids: Field[list[int]]
    phone_number_names: ReadOnly[list[str]]

    menu_set: Many[IvrMenu] = by("ivr")
    greetings: Many[Greeting] = by("ivr_ids")
    phone_numbers: Many[PhoneNumber] = by("ivr")

    class Meta:
        keep = 300
        api = resource(_IVRS, key="ivrs", small=True, paging=(OFFSET,))


class IvrMenu(Model):
    """What callers of an IVR hear, and can choose from: `ivr.menu_set.create(name="Sales")`."""

    name: Field[str]
    default: ReadOnly[bool]
    ivr: Ref[Ivr]
    ivr_id: Id[int]
    greeting: Ref[Greeting | None]
    greeting_id: Id[int | None]
    routes: ReadOnly[list[dict[str, Any]]]

    class Meta:
        parent = "ivr"
        api = resource(_MENUS, key="ivr_menus", small=True, paging=(OFFSET,))

    @property
    def route_set(self) -> IvrRouteManager:
        """Where the keys of this menu lead, as objects that can be changed."""
        return IvrRoute.objects.using(self._session().alias).filter(ivr=self.ivr_id, menu=self.pk)


class IvrRouteManager(PlacedManager["IvrRoute"]):
    """`IvrRoute.objects`, whose rows know the menu and the IVR that the path names."""

    _places = ("ivr", "menu")


class IvrRoute(Model):
    """Where a key leads: `menu.route_set.create(keypress="1", action="group", options=...)`."""

    objects = IvrRouteManager.as_manager()

    keypress: Field[Keypress]
    action: Field[Action]
    options: Field[dict[str, Any]]
    overflow_options: Field[list[dict[str, Any]]]
    option_text: ReadOnly[str | None]
    greeting: ReadOnly[str | None]
    ivr: ReadOnlyRef[Ivr]
    ivr_id: Id[int]
    menu: ReadOnlyRef[IvrMenu]
    menu_id: Id[int]

    class Meta:
        api = resource(_ROUTES, key="ivr_routes", small=True, paging=(OFFSET,))

    def __init__(
        self, *, ivr: Ivr | int | None = None, menu: IvrMenu | int | None = None, **values: Any
    ) -> None:
        """Make a route that Zendesk does not know yet.

        Args:
            ivr: its IVR, or the id; that of the menu by default. The path of a request
                tells it, and no body does.
            menu: its menu, or the id.
            values: its fields.
        """
        super().__init__(**values)
        if ivr is None and isinstance(menu, IvrMenu):
            ivr = menu.ivr_id
        places = {"ivr_id": ivr, "menu_id": menu}
        told = {
            name: place.pk if isinstance(place, Model) else place for name, place in places.items()
        }
        self.absorb({**self._row, **{name: pk for name, pk in told.items() if pk is not None}})

    def absorb(self, row: Row, sent: Iterable[str] = ()) -> None:
        """Take over a new row; what only the path tells stays."""
        told: Row = {key: self._row[key] for key in _PLACES if key in self._row}
        super().absorb(type(row)({**told, **row}), sent)
