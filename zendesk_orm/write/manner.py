"""How a bulk operation is run: size of its requests, progress, waiting, failures."""

from __future__ import annotations

from attrs import evolve, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.write.batches import MOST
from zendesk_orm.write.progress import Bar, Told


@frozen
class Manner:
    """How a bulk operation is run, whatever it does.

    Attributes:
        batch_size: objects in one request; a hundred by default, and at most.
        progress: is called with a `Progress` after each request.
        wait: whether its jobs are waited for.
        raises: whether failures are raised.
        timeout: seconds after which a job is no longer waited for; that of the account by
            default.
    """

    batch_size: int | None = None
    progress: Told | None = None
    wait: bool = True
    raises: bool = True
    timeout: float | None = None

    @property
    def again(self) -> Manner:
        """The same for a second attempt, which is always waited for."""
        return evolve(self, wait=True)

    @property
    def size(self) -> int:
        """Objects in one request.

        Raises:
            InvalidValue: `batch_size` is not positive.
        """
        if self.batch_size is not None and self.batch_size < 1:
            raise InvalidValue(f"batch_size must be a number from 1 to 100, not {self.batch_size}")
        return MOST if self.batch_size is None else min(self.batch_size, MOST)


def manner(
    batch_size: int | None,
    progress: Told | bool | None,  # noqa: FBT001 - as it was given
    wait: bool,  # noqa: FBT001 - as it was given
    raises: bool,  # noqa: FBT001 - as it was given
    timeout: float | None,
) -> Manner:
    """Return the manner that the arguments of a bulk method describe.

    Raises:
        InvalidValue: `timeout` is not positive.
    """
    callback = Bar() if progress is True else progress or None
    if timeout is not None and timeout <= 0:
        raise InvalidValue(f"timeout must be a number of seconds above 0, not {timeout!r}")
    return Manner(batch_size, callback, wait, raises, timeout)
