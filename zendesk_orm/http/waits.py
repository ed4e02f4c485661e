"""How long requests may wait for rate limits: `connect(max_wait=)`, and `account.rate_limit()`."""

from __future__ import annotations

from typing import Any

from attrs import Attribute, define, field

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.blocks import Blocks
from zendesk_orm.http.limits import is_duration
from zendesk_orm.messages import display


#: Seconds by which a wait may be longer, because clocks are rounded.
ROUNDING = 0.01
#: The blocks of `account.rate_limit()`.
BLOCKS: Blocks[WaitLimit] = Blocks("zendesk_orm wait limits")


def check_seconds(_: Any, attribute: Attribute[Any], value: Any) -> None:
    """Raise if a setting is neither None nor a number of seconds that is not negative.

    Raises:
        ConfigurationError: it is something else.
    """
    is_zero = type(value) in (int, float) and value == 0
    if value is not None and not is_zero and not is_duration(value):
        raise ConfigurationError(
            f"{attribute.name} must be a number of seconds, 0 or more, or None, not "
            f"{display(value)}"
        )


@define(eq=False)
class WaitLimit:
    """How long the requests of a block may wait, in all of its threads.

    Attributes:
        max_wait: seconds that a request may wait; None for the account's own limit.
        budget: seconds that all requests may wait together; None for no limit.
    """

    max_wait: float | None = field(default=None, validator=check_seconds)
    budget: float | None = field(default=None, validator=check_seconds)
    _spent: float = field(default=0.0, init=False)
    _until: float = field(default=0.0, init=False)
    _lock: fork.Lock = field(factory=fork.Lock, init=False)

    def __attrs_post_init__(self) -> None:
        """Check that the limits do not contradict each other.

        Raises:
            ConfigurationError: both are missing, or a wait may be longer than all waits.
        """
        if self.max_wait is None and self.budget is None:
            raise ConfigurationError("rate_limit() needs max_wait= or budget=, in seconds")
        if (self.max_wait or 0) > (float("inf") if self.budget is None else self.budget):
            raise ConfigurationError(
                f"max_wait={self.max_wait} is longer than budget={self.budget}, the limit of all "
                "waits of the block: leave max_wait out"
            )

    def allows(self, now: float, seconds: float) -> bool:
        """Return whether the budget contains a wait that begins now."""
        with self._lock:
            cost = self._spent + self._cost(now, seconds)
            return self.budget is None or cost <= self.budget + ROUNDING

    def spend(self, now: float, seconds: float) -> None:
        """Subtract a wait that begins now from the budget."""
        with self._lock:
            self._spent += self._cost(now, seconds)
            self._until = max(self._until, now + seconds)

    def _cost(self, now: float, seconds: float) -> float:
        """Return the seconds during which no other thread of the block waits already."""
        return max(now + seconds - max(now, self._until), 0.0)
