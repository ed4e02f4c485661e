"""Passwords, which are sent but never stored or displayed.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.actions import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.secret import Secret
from zendesk_orm.http.values import plain
from zendesk_orm.model import Model
from zendesk_orm.schema.loading import load_str
from zendesk_orm.session.action_bodies import values_of


def secret(password: object, name: str = "password") -> Secret:
    """Wrap a password, so that it is sent but not displayed.

    Raises:
        InvalidValue: the password is empty or not a string; the message does not contain it.
    """
    if not isinstance(password, str) or not password:
        raise InvalidValue(f"{name} must be a string that is not empty")
    return Secret(plain(password))


class WithPassword(Model):
    """A user with a password, which can be set and changed."""

    if not TYPE_CHECKING:  # Type checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True

    @action("POST", "users/{id}/password")
    def set_password(self, password: str) -> None:
        """Set the password of the user, as an administrator can if the account allows it.

        The password is sent, but neither stored nor displayed.

        Args:
            password: the new password; see `password_requirements()`.

        Raises:
            InvalidValue: the password is empty.
            PermissionDenied: the account does not allow it.
            ValidationError: the password does not meet the requirements.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/#set-a-users-password
        """
        self._call("set_password", {"password": secret(password)})

    @action("PUT", "users/{id}/password")
    def change_password(self, previous: str, new: str) -> None:
        """Change the password of the authenticated user, which this user must be.

        Both passwords are sent, but neither stored nor displayed.

        Args:
            previous: the current password.
            new: the new password.

        Raises:
            InvalidValue: one of them is empty.
            PermissionDenied: the caller is another user, or the current password is wrong.
            ValidationError: the password does not meet the requirements.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/#change-your-password
        """
        body = {"previous_password": secret(previous, "previous"), "password": secret(new, "new")}
        self._call("change_password", body)

    @action("GET", "users/{id}/password/requirements")
    def password_requirements(self) -> list[str]:
        """Return the requirements for passwords of the user, as sentences.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/#list-password-requirements
        """
        return values_of(self._call("password_requirements"), "requirements", load_str)
