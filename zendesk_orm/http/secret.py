"""`Secret`: text that is sent and never displayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn


if TYPE_CHECKING:
    from typing_extensions import Self


class Secret(str):
    """A string that is sent as it is; `repr`, `str` and formatting display dots instead.

    Logs, exceptions and the local variables of a traceback therefore do not contain it.
    Concatenation and encoding use the real value.

    >>> Secret("hunter2")
    '...'
    """

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        """Return a secret; of one that is a secret already, too."""
        # `str()` of a secret would be dots.
        return super().__new__(cls, str.__str__(value))

    def __repr__(self) -> str:
        return "'...'"

    def __str__(self) -> str:
        return "..."

    def __format__(self, spec: str) -> str:
        return format("...", spec)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("secrets are never pickled or copied")


class SecretBytes(bytes):
    """Bytes that are not displayed: the body of a confidential answer."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'...'"

    __str__ = __repr__


def reveal(secret: str) -> str:
    """Return the real value as a plain string, for a body or a file."""
    return str.__str__(secret)
