"""Log lines of signals: logger `zendesk_orm`, with a child for each layer.

A signal declares its line, which is written whenever the signal is sent, before its receivers are
called. Lines contain no bodies, no queries of addresses and no secrets.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Factory, field, frozen


#: The sender and the arguments of a signal.
Values = Callable[[Any, Mapping[str, Any]], tuple[Any, ...]]
#: Returns the level of one line.
Level = Callable[[Mapping[str, Any]], int]

_ROOT = "zendesk_orm"
#: Waits of at least as many seconds are logged as warnings.
_LONG_WAIT = 10.0
_TOO_MANY_REQUESTS = 429
#: Characters of the type of an event that a line contains.
_MAX_NAME = 100

# Without it, Python prints warnings of libraries if the program does not configure logging.
logging.getLogger(_ROOT).addHandler(logging.NullHandler())


def child(layer: str) -> logging.Logger:
    """Return the logger of a layer: `zendesk_orm.http`."""
    return logging.getLogger(f"{_ROOT}.{layer}")


def _get_logger(line: LogLine) -> logging.Logger:
    return child(line.layer)


@frozen
class LogLine:
    """The line of a signal.

    Attributes:
        layer: the last part of the name of its logger: `http`.
        level: the level; the lowest one if it varies.
        text: the message, with a placeholder for each value.
        values: returns the values.
        choose_level: returns the level of one line; None if it does not vary.
        logger: the logger.
    """

    layer: str
    level: int
    text: str
    values: Values
    choose_level: Level | None = None
    logger: logging.Logger = field(
        init=False, eq=False, repr=False, default=Factory(_get_logger, takes_self=True)
    )

    def write(self, sender: Any, arguments: Mapping[str, Any]) -> None:
        """Write the line of one signal."""
        level = self.level if self.choose_level is None else self.choose_level(arguments)
        self.logger.log(level, self.text, *self.values(sender, arguments))


def _account(using: Any) -> str:
    """Return the alias of an account without the user whom it acts as."""
    return str(using).partition(" as ")[0]


def _describe_request(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    request, status = arguments["request"], arguments["status"]
    result = status or type(arguments["reason"]).__name__
    milliseconds = arguments["seconds"] * 1000
    attempt = request.attempt
    return sender, request.method, request.visible_path, result, milliseconds, attempt


def _describe_retry(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    request, reason = arguments["request"], arguments["reason"]
    status = getattr(reason, "status", 0)
    problem = f"{status} {type(reason).__name__}" if status else type(reason).__name__
    path, attempt = request.visible_path, arguments["attempt"]
    return sender, request.method, path, attempt, problem, arguments["delay"]


def _describe_wait(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    request = arguments["request"]
    path, endpoint = request.visible_path, arguments["endpoint"]
    return sender, request.method, path, arguments["delay"], endpoint


def _choose_retry_level(arguments: Mapping[str, Any]) -> int:
    """Return INFO for a short wait for a rate limit, which is normal, or WARNING."""
    limited = getattr(arguments["reason"], "status", 0) == _TOO_MANY_REQUESTS
    is_short = arguments["delay"] < _LONG_WAIT
    return logging.INFO if limited and is_short else logging.WARNING


def _describe_row(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    return _account(arguments["using"]), sender.__name__, arguments["pk"]


def _describe_query(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    evaluation = arguments["evaluation"]
    plan = evaluation.plan
    way = "an unknown plan"
    if plan is not None:
        number = evaluation.requests
        way = f"{plan.title}, {number} request{'s' * (number != 1)} planned"
    return _account(arguments["using"]), sender.__name__, evaluation.action, way


def _describe_rows(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    evaluation = arguments["evaluation"]
    account, name = _account(arguments["using"]), sender.__name__
    # Counts and aggregates read no rows.
    rows = f": {evaluation.rows} rows" if evaluation.action == "query" else ""
    return account, name, evaluation.action, rows, evaluation.seconds * 1000


def _describe_job(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    job = arguments["job"]
    progress = "" if job.total is None else f", {job.progress or 0} of {job.total}"
    return _account(arguments["using"]), job.id, job.status, progress


def _describe_bulk(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    result = arguments["result"]
    succeeded, failed, pending = map(len, (result.succeeded, result.failed, result.pending))
    account = _account(arguments["using"])
    return account, sender.__name__, arguments["action"], succeeded, failed, pending


def _describe_ignored(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ", ".join(arguments["names"])
    return _account(arguments["using"]), sender.__name__, arguments["instance"].pk, names


def _describe_webhook(sender: Any, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
    payload, delivery = arguments["payload"], arguments["delivery"]
    kind = payload.get("type") if isinstance(payload, dict) else None
    name = str(kind or delivery.content_type or "no body")[:_MAX_NAME]
    return _account(sender), delivery.webhook_id, delivery.invocation_id, name


REQUEST = LogLine("http", logging.DEBUG, "%s: %s %s: %s in %.0f ms, attempt %d", _describe_request)
RETRY = LogLine(
    "http",
    logging.INFO,
    "%s: %s %s: attempt %d failed (%s), and the next one begins in %.1f s",
    _describe_retry,
    _choose_retry_level,
)
WAIT = LogLine(
    "http",
    logging.INFO,
    "%s: %s %s: waits %.1f s, because the rate limit %s has no request left",
    _describe_wait,
)
HIT = LogLine("cache", logging.DEBUG, "%s: %s %s is cached", _describe_row)
MISS = LogLine("cache", logging.DEBUG, "%s: %s %s is not cached", _describe_row)
QUERY = LogLine("plan", logging.DEBUG, "%s: %s %s by %s", _describe_query)
ROWS = LogLine("session", logging.DEBUG, "%s: %s %s ended%s in %.0f ms", _describe_rows)
JOB = LogLine("write", logging.DEBUG, "%s: job %s is %s%s", _describe_job)
JOB_END = LogLine("write", logging.INFO, "%s: job %s is %s%s", _describe_job)
BULK = LogLine(
    "write",
    logging.INFO,
    "%s: %s bulk %s: %d succeeded, %d failed, %d pending",
    _describe_bulk,
)
IGNORED = LogLine("write", logging.INFO, "%s: %s %s: Zendesk ignored %s", _describe_ignored)
WEBHOOK = LogLine("sync", logging.DEBUG, "%s: webhook %s, invocation %s: %s", _describe_webhook)
