"""Celery: tasks that are repeated when a rate limit is over, instead of waiting in the worker.

::

    from zendesk_orm.contrib.celery import ZendeskTask

    @app.task(base=ZendeskTask, bind=True)
    def tag_solved(self):
        for ticket in Ticket.objects.filter(status="solved"):
            ...

Install `zendesk_orm[celery]`.

Source: https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from typing import Any, NoReturn

from zendesk_orm.account import connections
from zendesk_orm.errors import RateLimited
from zendesk_orm.extras import require_extra
from zendesk_orm.http import environment
from zendesk_orm.schema.source import DEFAULT


with require_extra("celery"):
    from celery import Task


#: Seconds until the next attempt if the error does not contain them, and at least.
_UNKNOWN_SECONDS, _MIN_SECONDS = 60.0, 1.0
#: The share of the wait that is added at random, so that tasks do not begin all at once.
_JITTER = 0.1
_RANDOM = random.SystemRandom()
#: The headers of a task: the `resume` token of the last attempt, and the number of attempts.
_RESUME, _LIMITED = "zendesk_resume", "zendesk_rate_limits"


class ZendeskTask(Task):
    """A task whose requests never wait for a rate limit: it is repeated when the limit is over.

    `RateLimited` ends the attempt, and the broker delivers the task again after `retry_after`
    seconds: the worker does other tasks meanwhile. It counts as a retry of Celery, but is not
    limited by `max_retries`. Accounts have to be connected before the task begins, or by
    environment variables.

    A task that is called directly, or runs eagerly in tests, raises the error.

    Attributes:
        max_rate_limits: how often a task is repeated because of rate limits; then the error is
            raised. None for no limit.
    """

    abstract = True
    max_rate_limits: int | None = None
    #: Celery's own rule must not replace `retry_after` by another time.
    dont_autoretry_for = (RateLimited,)

    @property
    def resume(self) -> str | None:
        """The `resume` token of the error that ended the last attempt, or None."""
        token: str | None = self._headers().get(_RESUME)
        return token

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task.

        Raises:
            Retry: a rate limit was reached; Celery delivers the task again.
            RateLimited: it was repeated `max_rate_limits` times, or was not called by a worker.
        """
        try:
            with ExitStack() as stack:
                for account in _accounts():
                    stack.enter_context(account.rate_limit(max_wait=0))
                return super().__call__(*args, **kwargs)
        except RateLimited as error:
            number = self._headers().get(_LIMITED, 0)
            is_last = self.max_rate_limits is not None and number >= self.max_rate_limits
            if self.request.called_directly or self.request.is_eager or is_last:
                raise
            self._repeat(error, number + 1)

    def _headers(self) -> dict[str, Any]:
        return self.request.headers or {}

    def _repeat(self, error: RateLimited, number: int) -> NoReturn:
        """Let the broker deliver the task again when the limit is over.

        Raises:
            Retry: always; the worker ends the attempt.
        """
        seconds = _UNKNOWN_SECONDS if error.retry_after is None else error.retry_after
        seconds = max(seconds, _MIN_SECONDS)
        countdown = seconds * _RANDOM.uniform(1.0, 1.0 + _JITTER)
        headers = {**self._headers(), _RESUME: getattr(error, "resume", None), _LIMITED: number}
        try:
            raise self.retry(
                exc=error,
                countdown=countdown,
                max_retries=self.request.retries + 1,
                headers=headers,
            )
        finally:
            # Celery would apply it to later retries, which have other reasons.
            self.__dict__.pop("override_max_retries", None)


def _accounts() -> list[Any]:
    """Return the accounts of this process, with that of the environment variables."""
    if DEFAULT not in connections and environment.is_configured():
        return [*connections.values(), connections[DEFAULT]]
    return list(connections.values())
