"""Profiles: the identities of users in other applications and systems.

Source: https://developer.zendesk.com/api-reference/ticketing/users/profiles_api/profiles_api/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import astuple, evolve, frozen

from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE, ONE
from zendesk_orm.api.vocabulary import DELETE, SHOW, UPDATE, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.values import plain
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.arguments import require_mappings, require_text
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.schema.record import Record
from zendesk_orm.session.action_bodies import part_of
from zendesk_orm.session.responses import objects_in


if TYPE_CHECKING:
    from zendesk_orm.support.users.user_events import UserEvent
    from zendesk_orm.support.users.users import User

_PATH = "user_profiles"
#: The creation of a profile, with and without a known user. Both replace an existing profile.
_CREATE = Endpoint(Verb.CREATE, _PATH, "profile", method="PUT")
_CREATE_FOR_USER = Endpoint(Verb.CREATE, "users/{user}/profiles", "profile", method="PUT")


@frozen
class Identifier:
    """The address of a profile: `coolbikes:rider:email:amy@example.com`.

    Attributes:
        source: the application or system.
        type: the type of the profile.
        key: the type of one of its identifiers.
        value: the value of that identifier, which may contain colons.
    """

    source: str
    type: str
    key: str
    value: str

    @classmethod
    def parse(cls, text: Any) -> Identifier:
        """Return the address that a text stands for.

        Raises:
            InvalidValue: the text does not have the four parts of an address.
        """
        parts = require_text("identifier", text).split(":", 3)
        if len(parts) < 4 or not all(parts):
            raise InvalidValue(
                f"identifier must have the form 'source:type:key:value', not {display(text)}"
            )
        return cls(*parts)

    @classmethod
    def join(cls, *parts: str) -> Identifier:
        """Return the address of these parts.

        Raises:
            InvalidValue: a part is empty, or contains a colon so that Zendesk would read other
                parts.
        """
        identifier = cls.parse(":".join(parts))
        if astuple(identifier) != parts:
            raise InvalidValue(
                f"source, type and the type of an identifier cannot contain a colon, as in "
                f"{display(str(identifier))}"
            )
        return identifier

    def __str__(self) -> str:
        return f"{self.source}:{self.type}:{self.key}:{self.value}"

    def build_profile(self) -> dict[str, Any]:
        """Return the smallest profile with this address, as the body of a request has it."""
        identifiers = [{"type": self.key, "value": self.value}]
        return {"source": self.source, "type": self.type, "identifiers": identifiers}


class UserProfileManager(Manager["UserProfile"]):
    """`UserProfile.objects`, which updates profiles by their identifiers."""

    @action("PATCH", _PATH, key="profile")
    def update_by_identifier(
        self,
        identifier: str,
        *,
        name: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        identifiers: Iterable[Mapping[str, Any]] | None = None,
    ) -> UserProfile:
        """Update a profile that was not fetched, and return it.

        ::

            UserProfile.objects.update_by_identifier(
                "coolbikes:rider:email:amy@example.com", attributes={"color": "red"}
            )

        Args:
            identifier: the address of the profile: `source:type:key:value`.
            name: the name.
            attributes: attributes to set; the others remain.
            identifiers: further identifiers; those of the profile remain.

        Raises:
            InvalidValue: the identifier is invalid, or there is nothing to update.
            NotFound: there is no such profile.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/profiles_api/profiles_api/#partial-update-profile-by-identifier
        """
        values = {
            "name": name,
            "attributes": None if attributes is None else plain(dict(attributes)),
            "identifiers": identifiers and require_mappings("identifiers", identifiers),
        }
        payload = {key: value for key, value in values.items() if value is not None}
        if not payload:
            raise InvalidValue("update_by_identifier() requires a value to update")
        return self._call(
            "update_by_identifier",
            {"profile": payload},
            then=lambda data: self._from_rows([data["profile"]])[0],
            identifier=str(Identifier.parse(identifier)),
        )


class UserProfile(StringIdModel):
    """The identity of a user in another application or system.

    ::

        profile = UserProfile.objects.create(
            source="coolbikes",
            type="rider",
            identifiers=[{"type": "email", "value": "amy@example.com"}],
            attributes={"color": "red"},
        )
        UserProfile.objects.get(identifier="coolbikes:rider:email:amy@example.com")
        user.profiles.all()

    `create()` replaces the profile that has the first identifier, if it exists. Zendesk finds the
    user by the identifiers, or creates an anonymous one. `save()` sets attributes and adds
    identifiers; Zendesk only removes them in `replace()`.
    """

    objects = UserProfileManager.as_manager()

    name: Field[str | None]
    source: CreateOnly[str]
    type: CreateOnly[str]
    #: Dictionaries with `type` and `value`. Zendesk lower-cases e-mail addresses.
    identifiers: Field[list[dict[str, Any]]]
    attributes: Field[dict[str, Any]]
    user: CreateOnlyRef[User]
    user_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    events: Many[UserEvent] = by("profile")

    #: The address of a profile: `source:type:key:value`.
    identifier: Lookup[str]

    class Meta:
        singular = "profile"
        plural = "profiles"
        verbose_name = "profile of a user"
        verbose_name_plural = "profiles of users"
        string_ids = "user"
        required = ("source", "type", "identifiers")
        api = (
            resource(_PATH, can=SHOW | UPDATE | DELETE, update_method="PATCH")
            + listing(
                "users/{user}/profiles",
                default_order=None,
                fits_in_memory=True,
                paging=(ONCE,),
            )
            + listing(
                _PATH,
                key="profile",
                filters={"identifier": "identifier"},
                required=("identifier",),
                default_order=None,
                fits_in_memory=True,
                paging=(ONE,),
            )
            + Api((_CREATE, _CREATE_FOR_USER))
        )

    @action("PUT", f"{_PATH}/{{id}}", key="profile")
    def replace(self) -> Self:
        """Replace the profile at Zendesk by this object, and return it.

        Identifiers and attributes that the object does not have are removed.

        Raises:
            InvalidValue: the profile was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/profiles_api/profiles_api/#update-profile-by-profile-id
        """
        values = self.to_dict()
        keys = ("name", "source", "type", "identifiers", "attributes")
        payload = {key: values[key] for key in keys if values.get(key) is not None}
        sent = list(self.changes())

        def update(data: Any) -> None:
            self._session().store(self, data["profile"], sent)

        body = {"profile": payload}
        self._call("replace", body, then=update, in_dry_run=None)
        return self

    def _relate(self, relation: Ref[Any], value: Any) -> None:
        super()._relate(relation, value)
        move_to_row(self, relation, value)

    def _get_save_endpoint(self, verb: Verb) -> Endpoint:
        """Return the endpoint; that of a creation contains the identifier and perhaps the user."""
        if verb is not Verb.CREATE:
            return super()._get_save_endpoint(verb)
        endpoint = _CREATE if self._row.get("user_id") is None else _CREATE_FOR_USER
        first = require_mappings("identifiers", self.identifiers or [{}])[0]
        parts = (self.source, self.type, first.get("type"), first.get("value"))
        identifier = Identifier.join(*(str(part or "") for part in parts))
        return evolve(endpoint, fixed_params=(("identifier", str(identifier)),))

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload.

        Raises:
            InvalidValue: an update would remove an attribute or an identifier.
        """
        removed: list[Any] = []
        if "attributes" in payload:
            removed += part_of(self._row, "attributes").keys() - payload["attributes"].keys()
        if "identifiers" in payload:
            present = objects_in(self._row, "identifiers")
            removed += [item for item in present if item not in payload["identifiers"]]
        if removed and self.pk is not None:
            raise InvalidValue(
                f"save() cannot remove {display(removed[0])} from {display(self)}; call replace()"
            )
        return payload


def move_to_row(record: Record, relation: Ref[Any], value: Any) -> None:
    """Store a relation of a new object in its row: the id is part of a path, and not of a body."""
    pk = relation.pk_of(value, unsaved=True)
    if record.pk is None and pk is not None:
        row = {**record._row, relation.id.wire: relation.id.serialize(pk)}
        record.update_from_row(row, sent=[relation.id.name])
        if isinstance(value, Record):
            record.__dict__[relation.name] = value
