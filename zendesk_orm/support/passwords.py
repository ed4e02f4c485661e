"""Passwords: sent, and shown nowhere.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.secret import Secret
from zendesk_orm.http.values import plain
from zendesk_orm.model import Model


def secret(password: object, name: str = "password") -> Secret:
    """Return a password as it is sent.

    Raises:
        InvalidValue: it is no text, or an empty one; the message does not show it.
    """
    if not isinstance(password, str) or not password:
        raise InvalidValue(f"{name} wants a text that is not empty")
    return Secret(plain(password))


class WithPassword(Model):
    """What can be done with the password of a person."""

    if not TYPE_CHECKING:  # Checkers want each `Meta` to be a kind of the one above.

        class Meta:
            abstract = True

    def set_password(self, password: str) -> None:
        """Give the user another password, as an administrator can where the account allows it.

        It is sent, and neither kept nor shown.

        Args:
            password: the new one; `password_requirements()` tells what it has to be like.

        Raises:
            InvalidValue: it is empty.
            PermissionDenied: the account does not allow it.
            ValidationError: it is not what it has to be like.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/#set-a-users-password
        """
        self._call("set_password", {"password": secret(password)})

    def change_password(self, previous: str, new: str) -> None:
        """Give oneself another password: the user is the one whose credentials are used.

        Both are sent, and neither kept nor shown.

        Args:
            previous: the password until now.
            new: the one from now on.

        Raises:
            InvalidValue: one of them is empty.
            PermissionDenied: it is somebody else's, or the previous one is another.
            ValidationError: it is not what it has to be like.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/#change-your-password
        """
        body = {"previous_password": secret(previous, "previous"), "password": secret(new, "new")}
        self._call("change_password", body)

    def password_requirements(self) -> list[str]:
        """Return what a password of the user has to be like, in sentences.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/#list-password-requirements
        """
        found: list[str] = self._call("password_requirements")["requirements"]
        return found
