"""Identities of users: e-mail addresses, phone numbers and external accounts.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref, WriteOnly
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.session.action_bodies import objects_of


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.users.users import User

#: The filter of lists. Zendesk describes it as a list even if it has one value.
TYPES = {"type": "type[]", "type__in": "type[]"}

Verification = Literal["none", "low", "sso", "embed", "full"]


class UserIdentity(Model):
    """An e-mail address, a phone number or an external account of a user.

    `user.identities.create(type="email", value="ada@example.com")`. The first address of a user
    is the primary one, which is the user's `email`; `make_primary()` selects another.
    """

    url: ReadOnly[str]
    user: Ref[User]
    user_id: Id[int]
    type: CreateOnly[str]
    value: Field[CaseInsensitiveStr]
    verified: Field[bool]
    primary: CreateOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    undeliverable_count: ReadOnly[int | None]
    deliverable_state: ReadOnly[str | None]
    verification_method: Field[Verification | None]
    verified_at: ReadOnly[datetime | None]
    ownership: ReadOnly[str | None]
    brand: ReadOnlyRef[Brand | None]
    brand_id: Id[int | None]
    skip_verify_email: WriteOnly[bool | None]

    class Meta:
        parent = "user"
        singular = "identity"
        api = resource("users/{user}/identities", filters=TYPES, fits_in_memory=True)

    @action("PUT", "users/{user}/identities/{id}/make_primary", key="identities")
    def make_primary(self) -> Self:
        """Make this the user's primary identity of its type; the others are updated.

        Raises:
            ValidationError: the identity of an end user is not verified.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/#make-identity-primary
        """

        def update(data: Any) -> None:
            rows = [{**row, "user_id": self.user_id} for row in objects_of(data, "identities")]
            self._session().materialize(type(self), rows)
            self._expire_user()

        self._call("make_primary", then=update, in_dry_run=None)
        return self

    @action("PUT", "users/{user}/identities/{id}/verify", key="identity")
    def verify(self) -> Self:
        """Mark the identity as verified, without sending the user an e-mail.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/#verify-identity
        """
        self._call_and_update("verify")
        self._expire_user()
        return self

    @action("PUT", "users/{user}/identities/{id}/request_verification")
    def request_verification(self) -> None:
        """Send the user an e-mail with a link that verifies the address.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/#request-user-verification
        """
        self._call("request_verification")

    def _after_save(self, data: dict[str, Any]) -> None:
        if data and self.primary:
            self._expire_user()

    def _expire_user(self) -> None:
        """Discard the row of the user, whose e-mail and verification depend on identities."""
        session = self._session()
        user = self._meta.relations["user"].model
        session.expire(session.refer(user, self.user_id))
