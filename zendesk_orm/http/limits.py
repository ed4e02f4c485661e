"""How long a response may take, and how large it may be."""

from __future__ import annotations

import math
from typing import Any

from attrs import field, frozen

from zendesk_orm.errors import ConfigurationError


#: Bytes of a body after decoding. The largest pages have a thousand rows, and need a tenth of it.
MAX_RESPONSE_BYTES = 128 * 1024 * 1024
#: Seconds from sending a request until its response is complete.
RESPONSE_TIMEOUT = 300.0


def _check_bytes(limits: Any, attribute: Any, value: Any) -> None:
    if value is not None and (type(value) is not int or value < 1):
        raise ConfigurationError(
            f"max_response_bytes must be a number of bytes above 0, or None, not {value!r}"
        )


def _check_seconds(limits: Any, attribute: Any, value: Any) -> None:
    if value is not None and not _is_positive(value):
        raise ConfigurationError(
            f"response_timeout must be a number of seconds above 0, or None, not {value!r}"
        )


def _pair(value: Any) -> Any:
    """Return two timeouts; one number stands for both.

    Raises:
        ConfigurationError: the value is something else.
    """
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(map(_is_positive, pair)):
        raise ConfigurationError(
            "timeout must be two numbers of seconds above 0, for connecting and for each read, "
            f"not {value!r}"
        )
    return pair


def _is_positive(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value > 0


@frozen
class Limits:
    """The limits of one response. Files that are downloaded have only the first.

    Attributes:
        timeout: seconds to wait for a connection, and for each read.
        response_timeout: seconds for the whole response; None for no limit.
        max_response_bytes: bytes of the body after decoding; None for no limit.
    """

    timeout: tuple[float, float] = field(default=(10.0, 60.0), converter=_pair)
    response_timeout: float | None = field(default=RESPONSE_TIMEOUT, validator=_check_seconds)
    max_response_bytes: int | None = field(default=MAX_RESPONSE_BYTES, validator=_check_bytes)


DEFAULT_LIMITS = Limits()
