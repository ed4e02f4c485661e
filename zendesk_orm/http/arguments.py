"""Checks of the arguments of `connect()`, made before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import Attribute

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.messages import display


#: The methods of a `requests.Session` that are used; `requests` takes long to import.
_SESSION_METHODS = ("merge_environment_settings", "prepare_request", "send")


def check_arguments(*, alias: Any, session: Any, retry: Any, clock: Any, read_ahead: Any) -> None:
    """Check the types of arguments that are first used by a request.

    Raises:
        ConfigurationError: an argument has another type, or a value that has no meaning.
    """
    if not isinstance(alias, str) or not alias:
        raise ConfigurationError(f"alias must be text that is not empty, not {display(alias)}")
    methods = [getattr(session, name, None) for name in _SESSION_METHODS]
    if session is not None and (isinstance(session, type) or not all(map(callable, methods))):
        raise ConfigurationError(f"session must be a requests.Session, not {display(session)}")
    if retry is not None and not isinstance(retry, RetryPolicy):
        raise ConfigurationError(f"retry must be a RetryPolicy, not {display(retry)}")
    if clock is not None and not isinstance(clock, Clock):
        raise ConfigurationError(f"clock must be a Clock, not {display(clock)}")
    if type(read_ahead) is not int or read_ahead < 0:
        raise ConfigurationError(
            f"read_ahead must be a whole number that is not negative, not {display(read_ahead)}"
        )


def instance_of(described: str, *types: Any) -> Callable[[Any, Attribute[Any], object], None]:
    """Return a validator for an attribute that has its default, or a value of some types.

    Without it, 0 and [] would be taken as not given. Messages contain only the type of a value,
    which may be a secret.

    Args:
        described: the expected value, for the message.
        types: the types.
    """

    def check(instance: Any, attribute: Attribute[Any], value: object) -> None:
        if not isinstance(value, (type(attribute.default), *types)):
            kind = type(value).__name__
            raise ConfigurationError(f"{attribute.name} must be {described}, not {kind}")

    return check
