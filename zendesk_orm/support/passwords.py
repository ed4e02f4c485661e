"""What is sent of a password, and shown nowhere.

Source: https://developer.zendesk.com/api-reference/ticketing/users/user_passwords/
"""

from __future__ import annotations

from zendesk_orm.errors import InvalidValue


class Secret(str):
    """A text that goes out as it is, and that no log, exception or dry run shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'...'"

    def __str__(self) -> str:
        return "..."

    def __format__(self, spec: str) -> str:
        return format("...", spec)


def secret(password: object, name: str = "password") -> Secret:
    """Return a password as it is sent.

    Raises:
        InvalidValue: it is no text, or an empty one; the message does not show it.
    """
    if not isinstance(password, str) or not password:
        raise InvalidValue(f"{name} wants a text that is not empty")
    return Secret(password)
