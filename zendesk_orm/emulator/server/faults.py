"""Failures of requests: their declaration as a value, and the choice of the requests that fail."""

from __future__ import annotations

import hashlib
import json
import math
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from attrs import Attribute, define, field, fields, frozen, validators

from zendesk_orm import fork
from zendesk_orm.emulator.messages import Request
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display, suggestion


_ROUTE = re.compile(r"((\*|[A-Za-z]+) +)?(\*|/\S*)")
#: The start of the paths of the sign-in, which fail only if a fault names them.
_SIGN_IN = "/oauth/"
#: Names of headers, and values: printable characters of Latin-1.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~\w-]+", re.ASCII)
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
#: Headers that the server sets for each response.
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class ConnectionDropped(Exception):
    """The connection breaks before a response arrives, or within its body."""


def _convert_number(text: Any) -> Any:
    """Return a number for its text, and any other value unchanged."""
    if not isinstance(text, str):
        return text
    for convert in (int, float):
        with suppress(ValueError):
            return convert(text)
    return text


def _convert_flag(text: Any) -> Any:
    """Return a boolean for its text, and any other value unchanged."""
    return _WORDS.get(text.lower(), text) if isinstance(text, str) else text


def _convert_headers(text: Any) -> Any:
    """Return the headers in a JSON text, and any other value unchanged."""
    if not isinstance(text, str):
        return text
    with suppress(RecursionError, ValueError):
        return json.loads(text)
    return text


def _check_number(minimum: float, maximum: float, type_: Any = (int, float)) -> Any:
    """Return a validator for a number between two others."""

    def check(fault: Any, attribute: Attribute[Any], value: Any) -> None:
        valid = isinstance(value, type_) and not isinstance(value, bool)
        if not valid or not minimum <= value <= maximum or not math.isfinite(value):
            raise ConfigurationError(
                f"{attribute.name} of a fault must be a number from {minimum} to {maximum}, not "
                f"{display(value)}"
            )

    return check


def _check_headers(fault: Any, attribute: Attribute[Any], value: Any) -> None:
    texts = [*value, *value.values()] if isinstance(value, Mapping) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise ConfigurationError(
            'headers of a fault must be texts by name, {"Retry-After": "5"}, not '
            f"{display(value)}"
        )
    for name, text in value.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(text):
            raise ConfigurationError(
                f"the header {display(name)} of a fault must be valid in HTTP, not {display(text)}"
            )
        if name.lower() in _FRAMING:
            raise ConfigurationError(
                f"the header {display(name)} describes the connection, which a fault breaks with "
                "truncate or disconnect"
            )


def _check_flag(fault: Any, attribute: Attribute[Any], value: Any) -> None:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{attribute.name} of a fault must be True or False")


def _check_route(fault: Any, attribute: Attribute[Any], value: Any) -> None:
    if not isinstance(value, str) or not _ROUTE.fullmatch(value):
        raise ConfigurationError(
            "the route of a fault must be a method and a path, as in 'GET /api/v2/tickets*', not "
            f"{display(value)}"
        )


@frozen
class Fault:
    """A failure of the requests to a route.

    ::

        emulator.faults.add(Fault("GET /api/v2/tickets*", status=503, chance=0.05))

    Attributes:
        route: method and path of the requests: `GET /api/v2/tickets*`. `*` stands for any method,
            and within a path for any text; the method may be missing. Query strings and `.json`
            at the end are not compared. Requests of the sign-in fail only if the path starts
            with `/oauth/`.
        status: the status of the response; None handles the request and returns its response,
            with the other changes.
        headers: headers of the response, without those that describe the connection.
        body: the body of the response: text as it is, any other value as JSON.
        latency: seconds by which the response is late.
        disconnect: whether the connection breaks before the response.
        truncate: whether the connection breaks in the middle of the response's body.
        applied: whether the request is handled although it fails, so that its changes remain.
        chance: the share of the requests that fail, which is chosen at random.
        seed: the seed of the random choice: the same requests fail each time.
        skip: the number of matching requests that succeed first.
        times: the number of requests that fail; None for no limit.

    Raises:
        ConfigurationError: a value is invalid, or the fault has no effect.
    """

    route: str = field(default="*", validator=_check_route)
    status: int | None = field(
        default=None,
        converter=_convert_number,
        validator=validators.optional(_check_number(200, 599, int)),
    )
    headers: Mapping[str, str] = field(
        factory=dict, converter=_convert_headers, hash=False, validator=_check_headers
    )
    body: Any = field(default=None, hash=False)
    latency: float = field(
        default=0.0, converter=_convert_number, validator=_check_number(0, 86_400)
    )
    disconnect: bool = field(default=False, converter=_convert_flag, validator=_check_flag)
    truncate: bool = field(default=False, converter=_convert_flag, validator=_check_flag)
    applied: bool = field(default=False, converter=_convert_flag, validator=_check_flag)
    chance: float = field(default=1.0, converter=_convert_number, validator=_check_number(0, 1))
    seed: int = field(default=0, converter=_convert_number, validator=_check_number(0, 2**63, int))
    skip: int = field(default=0, converter=_convert_number, validator=_check_number(0, 2**31, int))
    times: int | None = field(
        default=None,
        converter=_convert_number,
        validator=validators.optional(_check_number(1, 2**31, int)),
    )

    def __attrs_post_init__(self) -> None:
        effects = (self.status, self.headers, self.latency, self.disconnect, self.truncate)
        if not any(effects) and self.body is None:
            raise ConfigurationError(
                "a fault needs an effect: status, body, headers, latency, disconnect or truncate"
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the fault that a text describes: `GET /api/v2/tickets* status=503 chance=0.05`.

        Headers are JSON: `* status=429 headers='{"Retry-After": "5"}'`.

        Raises:
            ConfigurationError: the text is invalid.
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise ConfigurationError(f"the fault {display(text)} is invalid: {error}") from None
        pairs = [word.split("=", 1) for word in words if "=" in word]
        options = dict(pairs)
        if len(options) < len(pairs):
            raise ConfigurationError(f"the fault {display(text)} has a value twice")
        route = " ".join(word for word in words if "=" not in word)
        return cls.from_options({**({"route": route} if route else {}), **options})

    @classmethod
    def from_options(cls, options: Any) -> Self:
        """Return the fault with values by name, as in JSON.

        Raises:
            ConfigurationError: a name or a value is invalid.
        """
        if not isinstance(options, Mapping):
            raise ConfigurationError(f"a fault must be an object, not {display(options)}")
        names = [attribute.name for attribute in fields(cls)]
        for name in options:
            if name not in names:
                raise ConfigurationError(
                    f"a fault has no value {display(name)}" + suggestion(str(name), names)
                )
        return cls(**options)

    def matches(self, request: Request) -> bool:
        """Return True if the fault applies to a request, unless it is skipped by chance."""
        method, path = self._split_route()
        if request.is_sign_in and not path.startswith(_SIGN_IN):
            return False
        if method not in ("*", request.method):
            return False
        pattern = ".*".join(map(re.escape, path.removesuffix(".json").split("*")))
        return re.fullmatch(pattern, request.url_path, re.DOTALL) is not None

    @property
    def is_handled(self) -> bool:
        """Whether the request is handled, so that its changes remain."""
        return self.applied or (self.status is None and not self.disconnect)

    def _split_route(self) -> tuple[str, str]:
        """Return method and path."""
        method, _, path = self.route.rpartition(" ")
        return method.strip().upper() or "*", path


@define(eq=False)
class _ActiveFault:
    """A fault, with the numbers of requests that matched it and that failed."""

    fault: Fault
    matched: int = 0
    failed: int = 0

    def applies(self, request: Request) -> bool:
        """Return True if a request has to fail, and count it."""
        if not self.fault.matches(request):
            return False
        self.matched += 1
        if self.matched <= self.fault.skip:
            return False
        if self.fault.chance < 1 and _draw(self.fault.seed, self.matched) >= self.fault.chance:
            return False
        self.failed += 1
        return True

    @property
    def is_spent(self) -> bool:
        """Whether no further request fails."""
        return self.fault.times is not None and self.failed >= self.fault.times


def _draw(seed: int, number: int) -> float:
    """Return a number from 0 to 1, always the same one for a seed and a number."""
    digest = hashlib.sha256(f"{seed} {number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


class Faults:
    """The faults of an emulator. The first that matches a request is used.

    Args:
        faults: the first faults.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._active: list[_ActiveFault] = []
        self._lock = fork.Lock()
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Append a fault.

        Raises:
            ConfigurationError: the value is not a fault.
        """
        if not isinstance(fault, Fault):
            raise ConfigurationError(f"{display(fault)} must be a zendesk_orm.emulator.Fault")
        with self._lock:
            self._active.append(_ActiveFault(fault))

    def remove(self, fault: Fault) -> None:
        """Remove a fault and its equals; a fault that has ended is ignored."""
        with self._lock:
            self._active = [active for active in self._active if active.fault != fault]

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._active.clear()

    def take(self, request: Request) -> Fault | None:
        """Return the fault of a request and count it, or return None."""
        with self._lock:
            for active in self._active:
                if active.applies(request):
                    if active.is_spent:
                        self._active.remove(active)
                    return active.fault
        return None

    def __iter__(self) -> Iterator[Fault]:
        return iter([active.fault for active in self._active])

    def __len__(self) -> int:
        return len(self._active)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {list(self)}>"
