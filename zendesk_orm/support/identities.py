"""Identities of users: the addresses and accounts that a person is known by.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_identities/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, Ref, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.support.users import User

Verification = Literal["none", "low", "sso", "embed", "full"]


class UserIdentity(Model):
    """An e-mail address, a phone number or an account elsewhere that belongs to a user.

    The first address of a user is the primary one; which one that is changes by an
    action of its own, `make_primary`.
    """

    url: ReadOnly[str]
    user: Ref[User]
    user_id: Id[int]
    type: CreateOnly[str]
    value: Field[str]
    verified: Field[bool]
    primary: CreateOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    undeliverable_count: ReadOnly[int | None]
    deliverable_state: ReadOnly[str | None]
    verification_method: Field[Verification | None]
    verified_at: ReadOnly[datetime | None]
    ownership: ReadOnly[str | None]
    brand_id: ReadOnly[int | None]
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
                "",
            )
        )
