"""`User.objects`: users looked up, asked for, and signed out.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from zendesk_orm.manager import Manager
from zendesk_orm.queryset.objects import Own


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.users import User

#: Users that one call signs out.
MOST = 100

T = TypeVar("T", bound="User")
#: The class of the query itself; jedi understands no `Self` of a generic class.
S = TypeVar("S", bound="UserManager[Any]")


class UserManager(Manager[T]):
    """`User.objects`, which knows who is asking, and completes names."""

    def me(self) -> T:
        """Return the user whose credentials are used; nobody, without an id, if there are none.

        Raises:
            AuthenticationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#show-self
        """
        row = self._call("me")["user"]
        if isinstance(row, dict) and row.get("id") is None:
            return self.model.from_row(row)
        return self._made([row])[0]

    def autocomplete(self: S, name: str) -> S:
        """Return the users with a name of which a word begins so; a query, as `filter()`.

        Users who are known by an account elsewhere alone are left out.

        Args:
            name: the beginning; two letters and more.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#autocomplete-users
        """
        return self.filter(autocomplete=name)

    def request_create(self, name: str, email: str, **values: Any) -> None:
        """Remind the owner, by e-mail, that the account has no room for a further agent.

        No user is made by it.

        Args:
            name: what the agent is called.
            email: the agent's address.
            values: further fields.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#request-user-create
        """
        user = self.model(name=name, email=email, **values)
        user.attach_to(self._session)
        self._call("request_create", {"user": user.to_payload()})

    def logout_many(self, users: Iterable[User | int]) -> None:
        """Sign users out everywhere, a hundred a request; Zendesk does it within minutes.

        Args:
            users: saved users, or their ids; each is sent once.

        Raises:
            InvalidValue: one was never saved; nothing was sent.
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#logout-many-users
        """
        ids = list(dict.fromkeys(self._session.ids_of(self.model, users, "logout_many")))
        for start in range(0, len(ids), MOST):
            self._call("logout_many", ids=ids[start : start + MOST])


class UserObjects(Own["UserManager[Any]"]):
    """The descriptor behind `User.objects`; type checkers know it of subclasses, too."""

    if TYPE_CHECKING:
        # It gives another class than every model's own.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> UserManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride] # the same reason
            self, record: object | None, owner: type[Any]
        ) -> Any: ...
