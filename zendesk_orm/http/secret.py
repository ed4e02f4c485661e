"""`Secret`: text that is sent and never displayed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, TypeVar, cast

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.annotations import Self


#: The message of the error for secrets that would leave the process.
NEVER_PICKLED = "secrets are never pickled or copied: read them in the other process"

F = TypeVar("F", bound=Callable[..., Any])


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
        raise TypeError(NEVER_PICKLED)


class SecretBytes(bytes):
    """Bytes that are neither displayed nor pickled: the body of a confidential answer."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'...'"

    __str__ = __repr__

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(NEVER_PICKLED)


def reveal(secret: str) -> str:
    """Return the real value as a plain string, for a body or a file."""
    return str.__str__(secret)


def hide(value: Any) -> Any:
    """Return text as a secret, and any other value as it is."""
    if isinstance(value, bytes):
        return SecretBytes(value)
    return Secret(value) if isinstance(value, str) else value


def conceal_arguments(target: F) -> F:
    """Keep the arguments of a function or a class out of the tracebacks of its errors.

    Programs that report errors with the local variables of each frame would report secrets that
    were passed as plain strings. A `ConfigurationError` is raised again without the frames below.
    """
    if isinstance(target, type):
        concealed: Any = target
        concealed.__init__ = conceal_arguments(concealed.__init__)
        return cast("F", concealed)

    @wraps(target)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return target(*args, **kwargs)
        except ConfigurationError as error:
            failure = error.with_traceback(None)
        failure.__cause__ = failure.__context__ = None
        args, kwargs = (), {}
        raise failure

    return cast("F", call)
