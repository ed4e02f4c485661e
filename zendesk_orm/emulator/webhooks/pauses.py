"""`Pauses`: when the requests of webhooks have to wait, after errors and on trial accounts.

Source: https://developer.zendesk.com/documentation/webhooks/creating-and-monitoring-webhooks/
"""

from __future__ import annotations

from collections import defaultdict, deque

from attrs import define, field

from zendesk_orm.emulator.switches import Switches


#: The seconds in which errors are counted, the share and the number of errors that pause a
#: webhook, and the number of requests (unconfirmed) below which the share does not count.
WINDOW, MAX_SHARE, MAX_ERRORS, MIN_REQUESTS = 300, 0.7, 1000, 10
#: The webhooks of a trial account, and their requests in a minute.
TRIAL_WEBHOOKS, TRIAL_REQUESTS, _MINUTE = 10, 60, 60


@define
class Pauses:
    """The latest requests of each webhook, and the pauses that follow from them.

    Args:
        switches: the behaviour of the account.
    """

    _switches: Switches
    _attempts: dict[str, deque[tuple[float, bool]]] = field(factory=lambda: defaultdict(deque))
    _until: dict[str, float] = field(factory=dict)
    _trial: deque[float] = field(factory=deque)

    def note(self, webhook: str, now: float, *, failed: bool) -> None:
        """Note the result of a request, and pause the webhook after too many errors."""
        attempts = self._attempts[webhook]
        attempts.append((now, failed))
        while attempts[0][0] <= now - WINDOW:
            attempts.popleft()
        errors = sum(has_failed for _, has_failed in attempts)
        is_share = len(attempts) >= MIN_REQUESTS and errors >= MAX_SHARE * len(attempts)
        if failed and (is_share or errors > MAX_ERRORS):
            self._until[webhook] = now + self._switches.webhook_pause_seconds

    def find_end(self, webhook: str, now: float) -> float | None:
        """Return the time until which a request has to wait; None if it is sent now."""
        until = self._until.get(webhook, 0.0)
        if until > now:
            return until
        if not self._switches.trial:
            return None
        while self._trial and self._trial[0] <= now - _MINUTE:
            self._trial.popleft()
        if len(self._trial) >= TRIAL_REQUESTS:
            return self._trial[0] + _MINUTE
        self._trial.append(now)
        return None
