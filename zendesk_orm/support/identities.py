"""Identities of users: the addresses and accounts that a person is known by.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref, WriteOnly
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.users import User

Verification = Literal["none", "low", "sso", "embed", "full"]


class UserIdentity(Model):
    """An e-mail address, a phone number or an account elsewhere that belongs to a user.

    `user.identities.create(type="email", value="ada@example.com")`. The first address of a user
    is the primary one, which is the user's `email`; `make_primary()` lets another be that.
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
        api = (
            resource("users/{user}/identities", takes="type", small=True)
            + action(
                "make_primary", "PUT", "users/{user}/identities/{id}/make_primary", "identities"
            )
            + action("verify", "PUT", "users/{user}/identities/{id}/verify", "identity")
            + action(
                "request_verification",
                "PUT",
                "users/{user}/identities/{id}/request_verification",
            )
        )

    def make_primary(self) -> Self:
        """Let this be the user's primary identity of its type; the others are brought up to date.

        Raises:
            ValidationError: it is not verified, which end users have to be.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/#make-identity-primary
        """
        data = self._call("make_primary")
        if data is not None:
            rows = [{**row, "user_id": self.user_id} for row in data["identities"]]
            self._session().take_in(type(self), rows)
            self._outdate_user()
        return self

    def verify(self) -> Self:
        """Take the identity for verified, without asking the user.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/#verify-identity
        """
        self._take("verify")
        self._outdate_user()
        return self

    def request_verification(self) -> None:
        """Send the user an e-mail with a link that verifies the address.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/#request-user-verification
        """
        self._call("request_verification")

    def _saved(self, data: dict[str, Any]) -> None:
        if data and self.primary:
            self._outdate_user()

    def _outdate_user(self) -> None:
        """Read the user anew, whose e-mail or verification follows from identities."""
        session = self._session()
        user = self._meta.relations["user"].model
        actions.outdated(session, session.refer(user, self.user_id))
