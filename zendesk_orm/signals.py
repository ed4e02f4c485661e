"""Signals of the library, and `receiver()`, which connects functions to them.

Names and arguments are those of Django. A signal without receivers costs next to nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from inspect import isasyncgen, isawaitable, iscoroutine, isgenerator
from typing import Any, TypeVar

from attrs import define
from blinker import ANY

from zendesk_orm import log
from zendesk_orm.announcement import (
    ALIASES,
    ASYNCHRONOUS,
    GENERATOR,
    JOBS,
    Announcement,
    ReceiverCondition,
    dotted_name,
    unwrap,
)
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display


F = TypeVar("F", bound=Callable[..., Any])

_logger = log.child("signals")

#: Collections of signals or senders.
_SEVERAL = (list, tuple, set, frozenset)


class_prepared = Announcement("class_prepared", "A model class is complete.")
pre_init = Announcement("pre_init", "An object is about to be created in memory.", "kwargs")
post_init = Announcement("post_init", "An object was created in memory.", "instance")
pre_save = Announcement(
    "pre_save",
    "A save is about to be sent; raising stops it. `changes` is {field: (old, new)}.",
    "instance created changes origin using",
)
post_save = Announcement(
    "post_save",
    "A save was answered. `changes` is {field: (old, new)}.",
    "instance created changes origin using",
)
value_ignored = Announcement(
    "value_ignored",
    "The response to a save lacks a value that was sent, or contains another one. "
    "`names` is a list of wire names.",
    "instance names using",
    log=log.IGNORED,
)
pre_delete = Announcement(
    "pre_delete", "A delete is about to be sent; raising stops it.", "instance origin using"
)
post_delete = Announcement("post_delete", "A delete was answered.", "instance origin using")
remote_created = Announcement(
    "remote_created",
    "Others created an object. `change` is the `RemoteChange`; `changes` is {}.",
    "instance created changes origin using change",
)
remote_changed = Announcement(
    "remote_changed",
    "Others changed an object. `changes` is {field: (old, new)}.",
    "instance created changes origin using change",
)
remote_deleted = Announcement(
    "remote_deleted", "Others deleted an object.", "instance origin using change"
)
webhook_received = Announcement(
    "webhook_received",
    "A webhook's request was verified; `payload` is its decoded body, and `delivery` the "
    "`WebhookDelivery`.",
    "payload delivery using",
    ALIASES,
    log.WEBHOOK,
)
m2m_changed = Announcement(
    "m2m_changed",
    "Members of a field were, or are about to be, added or removed. `action` is "
    "`pre_add`, `post_add`, `pre_remove` or `post_remove`; `model` the name of the members' model, "
    "or None; `pk_set` a list.",
    "instance action field model pk_set reverse using",
)
post_bulk = Announcement(
    "post_bulk",
    "A bulk operation has ended; it sends this once, and no signal for each row.",
    "action result using",
    log=log.BULK,
)
job_progress = Announcement(
    "job_progress", "A job was polled and is not finished.", "job using", JOBS, log.JOB
)
job_finished = Announcement(
    "job_finished", "A job has ended, successfully or not.", "job using", JOBS, log.JOB_END
)
request_started = Announcement(
    "request_started", "A request is about to be sent.", "request base_url", ALIASES
)
request_finished = Announcement(
    "request_finished",
    "A request has ended; `status` is 0 and `reason` an exception without a response.",
    "request base_url status seconds reason",
    ALIASES,
    log.REQUEST,
)
rate_limited = Announcement(
    "rate_limited",
    "A wait for a rate limit is about to begin; `reason` is the 429, or None before a request.",
    "request delay endpoint reason",
    ALIASES,
)
retrying = Announcement(
    "retrying",
    "A request is about to be sent again, after a wait; `attempt` failed, 1 being the first.",
    "request delay reason attempt",
    ALIASES,
    log.RETRY,
)
query_started = Announcement(
    "query_started",
    "A query is about to be read, counted or aggregated.",
    "evaluation using",
    log=log.QUERY,
)
query_finished = Announcement(
    "query_finished",
    "A query was read to its end, or is not read any further.",
    "evaluation using",
    log=log.ROWS,
)
cache_hit = Announcement("cache_hit", "A row was read from the cache.", "pk using", log=log.HIT)
cache_miss = Announcement("cache_miss", "A row was not in the cache.", "pk using", log=log.MISS)


#: Signals sent before an operation: an exception of a receiver stops it.
_BEFORE = frozenset({pre_init, pre_save, pre_delete, request_started, query_started})
#: Signals sent while a request is in flight: exceptions of receivers are logged, not raised.
_IN_PASSING = frozenset(
    {request_finished, rate_limited, retrying, query_finished, cache_hit, cache_miss}
)
#: Signals sent after an operation, and the operation.
_DONE = {post_save: "saved", value_ignored: "saved", post_delete: "deleted"}
#: The signals of changes by others, and those of the same changes by this process.
_LOCAL = {remote_created: post_save, remote_changed: post_save, remote_deleted: post_delete}


def announce(signal: Announcement, sender: Any, **arguments: Any) -> None:
    """Send a signal to its receivers, and write its log line.

    Before an operation, an exception of a receiver stops it. After an operation, all receivers are
    called, and then the first exception is raised. While a request is in flight, exceptions are not
    raised. Those that are not raised are logged.
    """
    if signal.is_muted:
        return
    log_line = signal.log
    if log_line is not None and log_line.logger.isEnabledFor(log_line.level):
        log_line.write(sender, arguments)
    if not signal.receivers:
        return
    # `m2m_changed` is sent before and after; its action distinguishes both.
    stops = signal in _BEFORE or str(arguments.get("action", "")).startswith("pre_")
    failures: list[tuple[Exception, str]] = []
    for function in list(signal.receivers_for(sender)):
        try:
            call_receiver(function, signal, sender, arguments)
        except Exception as error:  # noqa: PERF203 - the others are called all the same
            if stops:
                raise
            failures.append((error, _culprit(function, signal, arguments)))
    raised = 0 if signal in _IN_PASSING else 1
    for failure, message in failures[raised:]:
        report(failure, message)
    for failure, message in failures[:raised]:
        add_note(failure, message)
        raise failure


def report(error: Exception, message: str) -> None:
    """Log an exception that cannot be raised.

    Args:
        error: the exception.
        message: the message of the log entry.
    """
    # The exception that is being handled may contain a URL, and is raised by its own code.
    outer, inner = sys.exc_info()[1], error.__context__
    innermost: BaseException = error
    while inner is not None and inner is not outer:
        innermost, inner = inner, inner.__context__
    innermost.__context__ = None
    _logger.error(message, exc_info=error)


def add_note(error: BaseException, message: str) -> None:
    """Add a note to an exception; Python 3.10 does not support notes."""
    if sys.version_info >= (3, 11):
        error.add_note(message)


@define(eq=False)
class _Call:
    """A call of a receiver with an instance.

    A task that the receiver starts inherits the call, and may outlive it: `running` is then False.
    """

    function: Callable[..., Any]
    signal: Announcement
    instance: Any
    running: bool = True

    def about(self, other: _Call) -> bool:
        """Return True if another call has the same receiver and the same row."""
        return (
            self.running
            and _LOCAL.get(self.signal, self.signal) is _LOCAL.get(other.signal, other.signal)
            and self.function == other.function
            and bool(self.instance == other.instance)
        )


#: The running calls of this thread or task.
_calls: ContextVar[tuple[_Call, ...]] = ContextVar("_calls", default=())


def call_receiver(
    listener: Callable[..., Any], signal: Announcement, sender: Any, arguments: dict[str, Any]
) -> None:
    """Call a receiver, unless it caused the signal itself by changing the same instance."""
    if "instance" not in arguments:
        _require_run(listener, listener(sender, **arguments))
        return
    call = _Call(unwrap(listener), signal, arguments["instance"])
    outer = _calls.get()
    if any(running.about(call) for running in outer):
        return
    token = _calls.set((*outer, call))
    try:
        _require_run(listener, listener(sender, **arguments))
    finally:
        call.running = False
        _calls.reset(token)


def _require_run(listener: Callable[..., Any], result: Any) -> None:
    """Raise if a call of a receiver ran nothing, which connecting it cannot detect in a wrapper.

    Raises:
        InvalidValue: the result is a coroutine or a generator, which nobody runs.
    """
    if isgenerator(result):
        reason = GENERATOR
    elif isasyncgen(result) or (isawaitable(result) and not hasattr(result, "add_done_callback")):
        # Tasks and other futures run by themselves.
        reason = ASYNCHRONOUS
    else:
        return
    if iscoroutine(result):
        # Otherwise, Python warns that it was never awaited.
        result.close()
    raise InvalidValue(f"{dotted_name(unwrap(listener))} {reason}")


def _culprit(listener: Callable[..., Any], signal: Announcement, arguments: dict[str, Any]) -> str:
    """Return a message about the operation and the receiver that raised."""
    raised = f"raised by the {signal.name} receiver {dotted_name(unwrap(listener))}"
    if signal not in _DONE:
        return raised
    instance = arguments["instance"]
    pk = getattr(instance, "pk", None)
    return f"{type(instance).__name__} {pk} was {_DONE[signal]}; {raised}"


def receiver(
    signal: Announcement | Iterable[Announcement],
    *,
    sender: Any = ANY,
    when: ReceiverCondition | None = None,
    dispatch_uid: Any = None,
) -> Callable[[F], F]:
    """Connect the decorated function to one signal or several.

    >>> @receiver(post_save, sender=Ticket, when=Q(priority="urgent"))
    ... def page_someone(sender, instance, changes, **kwargs):
    ...     print("urgent:", instance.subject)
    >>> ticket = Ticket.objects.get(2990)
    >>> ticket.priority = "urgent"
    >>> _ = ticket.save()
    urgent: Export of report 2990 fails

    Args:
        signal: the signal, or a list of them.
        sender: the model to listen to, or a list of models; all by default.
        when: a `Q` that the instance must match, checked without a request.
        dispatch_uid: see `Announcement.connect()`.

    Returns:
        The decorator, which returns the function unchanged. The signal holds a strong reference to
        the function.

    Raises:
        FieldError: `when` names a field that the sender does not have.
        InvalidValue: a list is empty; see `Announcement.connect()`.
    """
    signals: list[Any] = list(signal) if isinstance(signal, _SEVERAL) else [signal]
    senders = list(sender) if isinstance(sender, _SEVERAL) else [sender]
    if not signals or not senders:
        raise InvalidValue(
            "receiver(): an empty list of signals or senders would connect the receiver to nothing"
        )
    for item in signals:
        if not isinstance(item, Announcement):
            raise InvalidValue(
                f"receiver() must be given a signal, as in @receiver(post_save, sender=Ticket), "
                f"not {display(item)}"
            )
        for one in senders:
            item.check_sender(one, when)

    def connect(function: F) -> F:
        options: dict[str, Any] = {"weak": False, "uid": dispatch_uid, "when": when}
        connections = [
            (item, item.connection(function, one, **options)) for one in senders for item in signals
        ]
        for item, connection in connections:
            item.add(connection)
        return function

    return connect
