"""Events: what users do in other applications and systems, such as orders and visits.

Source: https://developer.zendesk.com/api-reference/ticketing/users/events-api/events-api/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.query.query import Query
from zendesk_orm.schema.fields import CreateOnly, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.placed import PlacedManager
from zendesk_orm.support.users.profiles import Identifier, move_to_row


if TYPE_CHECKING:
    from zendesk_orm.support.users.profiles import UserProfile
    from zendesk_orm.support.users.users import User

_FILTERS = {
    "source": "filter[source]",
    "type": "filter[type]",
    "start_time": "filter[start_time]",
    "end_time": "filter[end_time]",
}
_CREATE = {
    path: Endpoint(Verb.CREATE, path, "event", method="POST")
    for path in (
        "user_profiles/{profile}/events",
        "users/{user}/events",
        "user_profiles/events",
    )
}
_BY_PROFILE, _BY_USER, _BY_IDENTIFIER = _CREATE.values()


class UserEventManager(PlacedManager["UserEvent"]):
    """`UserEvent.objects`, `user.events` and `profile.events`."""

    _places = ("user", "profile")

    def _place_query(self, query: Query) -> None:
        """Return None: the lists apply all other conditions."""


class UserEvent(StringIdModel):
    """Something that a user did in another application or system.

    ::

        identifier = "shop:customer:email:amy@example.com"
        UserEvent.objects.create(
            identifier=identifier, source="shop", type="order", properties={"total": 5}
        )
        profile.events.create(source="shop", type="visit", properties={})
        UserEvent.objects.filter(identifier=identifier, source="shop", type="order")
        user.events.filter(start_time=yesterday)

    Zendesk stores new events later, and returns no ids: `create()` returns an event without `id`.
    Events cannot be changed, and are deleted only together with their profile. The event of an
    unknown identifier creates a profile. `type` can be filtered by together with `source`.
    """

    objects = UserEventManager.as_manager()

    source: CreateOnly[str]
    type: CreateOnly[str]
    description: CreateOnly[str | None]
    properties: CreateOnly[dict[str, Any]]
    #: The time of the event; by default the time at which Zendesk receives it.
    created_at: CreateOnly[datetime]
    received_at: ReadOnly[datetime]
    user: Ref[User | None]
    user_id: Id[int | None]
    profile: Ref[UserProfile | None]
    profile_id: Id[str | None]

    #: The address of the profile: `source:type:key:value`.
    identifier: WriteOnly[str]
    #: The name of a profile that the event creates.
    profile_name: WriteOnly[str]

    start_time: Lookup[datetime]
    end_time: Lookup[datetime]

    class Meta:
        singular = "event"
        plural = "events"
        verbose_name = "event of a user"
        verbose_name_plural = "events of users"
        string_ids = "user"
        # New events have no id.
        unique_ids = False
        required = ("source", "type", "properties")
        api = (
            listing(
                "users/{user}/events",
                "user_profiles/{profile}/events",
                filters=_FILTERS,
                default_order=None,
                paging=(CURSOR,),
            )
            + listing(
                "user_profiles/events",
                filters={**_FILTERS, "identifier": "identifier"},
                required=("identifier",),
                default_order=None,
                paging=(CURSOR,),
            )
            + Api(tuple(_CREATE.values()))
        )

    def _relate(self, relation: Ref[Any], value: Any) -> None:
        super()._relate(relation, value)
        move_to_row(self, relation, value)

    def _get_save_endpoint(self, verb: Verb) -> Endpoint:
        """Return the endpoint of the profile, the user or the identifier of a new event.

        Raises:
            InvalidValue: the event was saved before, or has no profile.
        """
        if "source" in self._row:
            raise InvalidValue(f"{display(self)} was saved; events cannot be changed")
        if self._row.get("profile_id") is not None:
            return _BY_PROFILE
        if not self.__dict__.get("identifier"):
            raise InvalidValue("an event requires a profile or an identifier")
        return _BY_IDENTIFIER if self._row.get("user_id") is None else _BY_USER

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body: the event, and the profile unless the path contains it."""
        event = dict(payload)
        identifier, name = event.pop("identifier", None), event.pop("profile_name", None)
        if identifier is None:
            return {"event": event}
        profile = Identifier.parse(identifier).build_profile()
        return {"event": event, "profile": {**profile, **({"name": name} if name else {})}}

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the row of a new event: its values, and the profile that the response names."""
        places = {key: data[key] for key in ("profile_id", "user_id") if data.get(key)}
        names = ("identifier", "profile_name")
        values = {key: value for key, value in self.to_dict().items() if key not in names}
        return {**values, **places}
