"""Timeouts of a block of code, and the time that is left for one request with its retries."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from attrs import Attribute, asdict, evolve, field, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.blocks import Blocks
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.limits import is_duration
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display


if TYPE_CHECKING:
    from zendesk_orm.http.transport import Transport

#: The blocks of `account.timeouts()`.
BLOCKS: Blocks[Timeouts] = Blocks("zendesk_orm timeouts")
#: Seconds of the last attempt at least: a timeout of 0 would be an error of the socket.
_SHORTEST = 0.001


def _check(timeouts: Any, attribute: Attribute[Any], value: Any) -> None:
    if value is not None and not is_duration(value):
        raise InvalidValue(
            f"timeouts({attribute.name}=) must be a number of seconds above 0, or None, not "
            f"{display(value)}"
        )


@frozen
class Timeouts:
    """Timeouts in seconds; None leaves the one of the account.

    Attributes:
        connect: until a connection is made.
        read: until the next bytes arrive.
        total: until a request has succeeded or failed finally, with its retries and waits.
    """

    connect: float | None = field(default=None, validator=_check)
    read: float | None = field(default=None, validator=_check)
    total: float | None = field(default=None, validator=_check)


def find_timeouts(account: object) -> Timeouts | None:
    """Return the timeouts of the current blocks of an account together, or None without any."""
    blocks = BLOCKS.find(account)
    changes = {
        name: value
        for timeouts in blocks
        for name, value in asdict(timeouts).items()
        if value is not None
    }
    return Timeouts(**changes) if blocks else None


@frozen(eq=False)
class Timing:
    """The time of one request.

    Attributes:
        timeouts: the timeouts of the block, or None.
        clock: the clock of the account.
        moment: the time by `clock.monotonic()` at which the last attempt must have ended, or None.
    """

    timeouts: Timeouts | None
    clock: Clock
    moment: float | None

    def remaining(self) -> float | None:
        """Return the seconds that are left, or None without a limit."""
        if self.moment is None:
            return None
        return max(_SHORTEST, self.moment - self.clock.monotonic())

    def shorten(self, timeout: tuple[float, float]) -> tuple[float, float]:
        """Return the timeouts for connecting and reading of the next attempt.

        Args:
            timeout: those of the account.
        """
        connect, read = timeout
        if self.timeouts is not None:
            connect, read = self.timeouts.connect or connect, self.timeouts.read or read
        remaining = self.remaining()
        return (
            (connect, read)
            if remaining is None
            else (min(connect, remaining), min(read, remaining))
        )

    def limit(self, seconds: float | None) -> float | None:
        """Return the seconds for the response of the next attempt, at most those of the account."""
        remaining = self.remaining()
        return seconds if remaining is None else min(remaining, seconds or remaining)


def with_timing(request: Request, transport: Transport) -> Request:
    """Return a request whose time is limited by its account, or a block, and measured from now."""
    deadline, clock = transport.retry.deadline, transport.clock
    timeouts = find_timeouts(transport.quota)
    total = None if timeouts is None else timeouts.total
    limits = [seconds for seconds in (total, deadline) if seconds is not None]
    moment = clock.monotonic() + min(limits) if limits else None
    return evolve(request, timing=Timing(timeouts, clock, moment))


class TimeoutBlocks:
    """Blocks of code with other timeouts: a part of an account."""

    transport: Transport

    def timeouts(
        self,
        *,
        connect: float | None = None,
        read: float | None = None,
        total: float | None = None,
    ) -> AbstractContextManager[None]:
        """Use other timeouts in a block: `with account.timeouts(read=5, total=20):`.

        They apply to the requests of this thread or asyncio task, and of threads that the library
        starts for it. Inside another block, only the given ones change.

        Args:
            connect: seconds until a connection is made.
            read: seconds until the next bytes of a response arrive.
            total: seconds for a request with all its attempts and waits; the download of a file
                may continue longer.

        Raises:
            InvalidValue: a value is not a number of seconds above 0.
        """
        return BLOCKS.enter(self.transport.quota, Timeouts(connect, read, total))
