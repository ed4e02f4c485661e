"""`User.objects`: the authenticated user, autocompletion, and signing users out.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.http.annotations import Self, Unpack
from zendesk_orm.queryset.queryset import ManagerDescriptor
from zendesk_orm.session.action_bodies import object_of
from zendesk_orm.support.ticket_management.samples import SampledManager
from zendesk_orm.write.bulk.actions import run_action, saved_objects
from zendesk_orm.write.bulk.requests import BulkOptions, confirm_all, resolve_options
from zendesk_orm.write.bulk.results import BulkResult


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User

T = TypeVar("T", bound="User")
#: The class of the query itself; jedi understands no `Self` of a generic class.
S = TypeVar("S", bound="UserManager[Any]")


class UserManager(SampledManager[T]):
    """`User.objects`, with the authenticated user and autocompletion of names."""

    @action("GET", "users/me", key="user")
    def me(self) -> T:
        """Return the authenticated user; a user without an id if the caller is anonymous.

        Raises:
            AuthenticationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#show-self
        """
        row = object_of(self._call("me"), "user")
        return self.model.from_row(row) if row.get("id") is None else self._from_rows([row])[0]

    def autocomplete(self: S, name: str) -> S:
        """Return the users whose name has a word with this beginning; a query, as `filter()`.

        Users who only have identities of other services are omitted.

        Args:
            name: the beginning, of two or more letters.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#autocomplete-users
        """
        return self.filter(autocomplete=name)

    @action("POST", "users/request_create")
    def request_create(self, name: str, email: str, **values: Any) -> None:
        """Send the owner an e-mail that the account has reached its number of agents.

        No user is created.

        Args:
            name: the agent's name.
            email: the agent's address.
            values: further fields.

        Raises:
            FieldError, InvalidValue: a value is invalid; nothing was sent.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#request-user-create
        """
        user = self.model(name=name, email=email, **values)
        user.attach_to(self._session)
        self._call("request_create", {"user": user.to_payload()})

    @action("POST", "users/logout_many")
    def logout_many(
        self, users: Iterable[support.User | int], **options: Unpack[BulkOptions]
    ) -> BulkResult:
        """Sign users out of all sessions, 100 per request; Zendesk does so within minutes.

        Args:
            users: saved users, or their ids; duplicates are sent once.
            options: see `bulk_create()`.

        Returns:
            One outcome for each user.

        Raises:
            InvalidValue: a user was never saved; nothing was sent.
            BulkError: some users failed, after all were sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#logout-many-users
        """
        return run_action(
            self._session,
            self.model,
            "logout_many",
            saved_objects(self._session, self.model, users, "logout_many"),
            resolve_options(**options),
            action="logout",
            read_response=confirm_all,
        )


class UserObjects(ManagerDescriptor["UserManager[Any]"]):
    """The descriptor behind `User.objects`, which type checkers resolve for subclasses, too."""

    if TYPE_CHECKING:
        # It returns a manager class for subclasses, too.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> UserManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(self, record: object | None, owner: type[Any]) -> Any: ...
