"""Interactive voice response (IVR): its menus and their routes.

An IVR contains its menus and a menu its routes as dictionaries; `ivr.menu_set` and
`menu.route_set` are their objects.

The keys of menus and routes in a body (`ivr_menu`, `ivr_routes`) are unconfirmed.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/ivrs/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.accounts import remember_owners
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.schema.row import Row
from zendesk_orm.support.placed import PlacedManager


if TYPE_CHECKING:
    from zendesk_orm.talk.greetings import Greeting
    from zendesk_orm.talk.phone_numbers import PhoneNumber

Action = Literal["group", "voicemail", "phone_number", "textback", "menu"]
Keypress = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#", "default"]

#: Keys of a route that only its path contains.
_PATH_KEYS = ("ivr_id", "menu_id")

_IVRS = "channels/voice/ivr"
_MENUS = f"{_IVRS}/{{ivr}}/menus"
_ROUTES = f"{_IVRS}/{{ivr}}/menus/{{menu}}/routes"


class Ivr(Model):
    """A tree of menus in which callers navigate by keys."""

    name: Field[str]
    menus: Field[list[dict[str, Any]]]
    phone_number_ids: Field[list[int]]
    phone_number_names: ReadOnly[list[str]]

    menu_set: Many[IvrMenu] = by("ivr")
    greetings: Many[Greeting] = by("ivr_ids")
    phone_numbers: Many[PhoneNumber] = by("ivr")

    class Meta:
        verbose_name = "IVR"
        verbose_name_plural = "IVRs"
        cache_seconds = 300
        api = resource(_IVRS, key="ivrs", fits_in_memory=True, paging=(OFFSET,))


class IvrMenu(Model):
    """A menu of an IVR: `ivr.menu_set.create(name="Sales")`."""

    name: Field[str]
    default: ReadOnly[bool]
    ivr: Ref[Ivr]
    ivr_id: Id[int]
    greeting: Ref[Greeting | None]
    greeting_id: Id[int | None]
    routes: ReadOnly[list[dict[str, Any]]]

    class Meta:
        verbose_name = "IVR menu"
        verbose_name_plural = "IVR menus"
        parent = "ivr"
        api = resource(_MENUS, key="ivr_menus", fits_in_memory=True, paging=(OFFSET,))

    @property
    def route_set(self) -> IvrRouteManager:
        """The routes of this menu as objects."""
        return IvrRoute.objects.using(self._session().alias).filter(ivr=self.ivr_id, menu=self.pk)


class IvrRouteManager(PlacedManager["IvrRoute"]):
    """The manager `IvrRoute.objects`, which adds menu and IVR of the path to the rows."""

    _places = ("ivr", "menu")


class IvrRoute(Model):
    """The action of a key: `menu.route_set.create(keypress="1", action="group", options=...)`."""

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
        verbose_name = "IVR route"
        verbose_name_plural = "IVR routes"
        api = resource(_ROUTES, key="ivr_routes", fits_in_memory=True, paging=(OFFSET,))

    def __init__(
        self, *, ivr: Ivr | int | None = None, menu: IvrMenu | int | None = None, **values: Any
    ) -> None:
        """Initialize an unsaved route.

        Args:
            ivr: the IVR or its id; that of the menu by default. It is part of the path of a
                request, not of its body.
            menu: the menu or its id.
            values: the fields.

        Raises:
            InvalidValue: the IVR or the menu is an object of another model, or was never saved.
        """
        super().__init__(**values)
        if ivr is None and isinstance(menu, IvrMenu):
            ivr = menu.ivr_id
        row: Row = dict(self._row)
        parents = {"ivr": ivr, "menu": menu}
        for name, parent in parents.items():
            if parent is not None:
                relation = self._meta.relations[name]
                remember_owners(self, name, parent)
                row[relation.id.wire] = relation.pk_of(parent)
        self.update_from_row(row)
        self.__dict__.update(
            {name: parent for name, parent in parents.items() if isinstance(parent, Model)}
        )

    def update_from_row(
        self, row: Row, sent: Iterable[str] = (), written: Iterable[str] = ()
    ) -> None:
        """Replace the row, except for the keys that only the path contains."""
        path_values: Row = {key: self._row[key] for key in _PATH_KEYS if key in self._row}
        super().update_from_row(type(row)({**path_values, **row}), sent, written)
