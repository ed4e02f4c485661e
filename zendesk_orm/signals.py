"""What the library announces, and `receiver()` to listen.

The names and arguments are Django's. A signal that nobody listens to costs
next to nothing.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, TypeVar

from attrs import define
from blinker import ANY

from zendesk_orm.announcement import ALIASES, JOBS, Announcement, Condition, called, given
from zendesk_orm.errors import InvalidValue


F = TypeVar("F", bound=Callable[..., Any])

_logger = logging.getLogger(__name__)

#: Collections of signals or senders.
_SEVERAL = (list, tuple, set, frozenset)


class_prepared = Announcement("class_prepared", "A model class is complete.")
pre_init = Announcement("pre_init", "A model is being made.", "kwargs")
post_init = Announcement("post_init", "A model was made.", "instance")
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
    "Zendesk answered a save and left out what it was sent, or kept another value. "
    "`names` is a list of wire names.",
    "instance names using",
)
pre_delete = Announcement(
    "pre_delete", "A delete is about to be sent; raising stops it.", "instance origin using"
)
post_delete = Announcement("post_delete", "A delete was answered.", "instance origin using")
m2m_changed = Announcement(
    "m2m_changed",
    "Members of a field were, or are about to be, added or removed by themselves. `action` is "
    "`pre_add`, `post_add`, `pre_remove` or `post_remove`; `model` the name of the members' model, "
    "or None; `pk_set` a list.",
    "instance action field model pk_set reverse using",
)
post_bulk = Announcement(
    "post_bulk",
    "A bulk operation has ended; it sends this once, and no signal for each row.",
    "action result using",
)
job_progress = Announcement(
    "job_progress", "A job was looked at and is not done.", "job using", JOBS
)
job_finished = Announcement("job_finished", "A job has ended, well or not.", "job using", JOBS)
request_started = Announcement("request_started", "A request goes out.", "request", ALIASES)
request_finished = Announcement(
    "request_finished", "A request has ended.", "request status seconds", ALIASES
)
rate_limited = Announcement("rate_limited", "Zendesk answered 429.", "request delay", ALIASES)
retrying = Announcement("retrying", "A request is sent again.", "request delay reason", ALIASES)
cache_hit = Announcement("cache_hit", "A kept row answered.", "pk using")
cache_miss = Announcement("cache_miss", "No kept row answered.", "pk using")


#: Before something is done: a receiver that raises stops it.
_BEFORE = frozenset({pre_init, pre_save, pre_delete, request_started})
#: In the midst of what has to come to its end, whatever a receiver raises.
_IN_PASSING = frozenset({request_finished, rate_limited, retrying, cache_hit, cache_miss})
#: What has been done to the instance.
_DONE = {post_save: "saved", value_ignored: "saved", post_delete: "deleted"}


def announce(signal: Announcement, sender: Any, **arguments: Any) -> None:
    """Send a signal, if anybody listens.

    Before something is done, a receiver that raises stops it. Afterwards every receiver is
    called, and the first exception is raised then. In the midst of a request none is: as
    all that cannot be raised, they are logged.
    """
    if not signal.receivers or signal.is_muted:
        return
    # `m2m_changed` is one signal before and after; its action tells which.
    stops = signal in _BEFORE or str(arguments.get("action", "")).startswith("pre_")
    failures: list[tuple[Exception, str]] = []
    for each in list(signal.receivers_for(sender)):
        try:
            _call(each, signal, sender, arguments)
        except Exception as error:  # noqa: PERF203 - the others are called all the same
            if stops:
                raise
            failures.append((error, _culprit(each, signal, arguments)))
    raised = 0 if signal in _IN_PASSING else 1
    for failure, told in failures[raised:]:
        report(failure, told)
    for failure, told in failures[:raised]:
        note(failure, told)
        raise failure


def report(error: Exception, told: str) -> None:
    """Log an exception that cannot be raised.

    Args:
        error: the exception.
        told: a sentence about it.
    """
    # What is being handled besides may show an address, and whoever raised it will tell.
    outer, inner = sys.exc_info()[1], error.__context__
    each: BaseException = error
    while inner is not None and inner is not outer:
        each, inner = inner, inner.__context__
    each.__context__ = None
    _logger.error(told, exc_info=error)


def note(error: BaseException, told: str) -> None:
    """Let an exception say one thing more; those of Python 3.10 cannot."""
    add_note: Any = getattr(error, "add_note", None)
    if add_note is not None:
        add_note(told)


@define(eq=False)
class _Call:
    """A call of a receiver about an instance, which is running until it has ended.

    A task that it starts knows of it, and may live longer.
    """

    function: Callable[..., Any]
    signal: Announcement
    instance: Any
    running: bool = True

    def about(self, other: _Call) -> bool:
        """Tell whether another call is of the same receiver, and of the same row."""
        return (
            self.running
            and self.signal is other.signal
            and self.function == other.function
            and bool(self.instance == other.instance)
        )


#: The calls in which this thread or task is.
_calls: ContextVar[tuple[_Call, ...]] = ContextVar("_calls", default=())


def _call(
    listener: Callable[..., Any], signal: Announcement, sender: Any, arguments: dict[str, Any]
) -> None:
    """Call a receiver, unless it is what it does to the instance itself that it would hear of."""
    if "instance" not in arguments:
        listener(sender, **arguments)
        return
    call = _Call(given(listener), signal, arguments["instance"])
    outer = _calls.get()
    if any(each.about(call) for each in outer):
        return
    token = _calls.set((*outer, call))
    try:
        listener(sender, **arguments)
    finally:
        call.running = False
        _calls.reset(token)


def _culprit(listener: Callable[..., Any], signal: Announcement, arguments: dict[str, Any]) -> str:
    """Return what had been done when a receiver raised, and which receiver."""
    raised = f"raised by the {signal.name} receiver {called(given(listener))}"
    if signal not in _DONE:
        return raised
    instance = arguments["instance"]
    pk = getattr(instance, "pk", None)
    return f"{type(instance).__name__} {pk} was {_DONE[signal]}; {raised}"


def receiver(
    signal: Announcement | Iterable[Announcement],
    *,
    sender: Any = ANY,
    when: Condition | None = None,
    dispatch_uid: Any = None,
) -> Callable[[F], F]:
    """Connect the decorated function to one signal or several.

    Args:
        signal: the signal, or a list of them.
        sender: the model to listen to, or a list of models; all by default.
        when: a `Q` that the instance must match, checked without a request.
        dispatch_uid: see `Announcement.connect()`.

    Returns:
        The decorator, which gives the function back unchanged. The function
        is kept alive as long as the signal is, closures included.

    Raises:
        FieldError: `when` names a field that the sender does not have.
        InvalidValue: see `Announcement.connect()`.
    """
    signals: list[Any] = list(signal) if isinstance(signal, _SEVERAL) else [signal]
    senders = list(sender) if isinstance(sender, _SEVERAL) else [sender]
    for each in signals:
        if not isinstance(each, Announcement):
            raise InvalidValue(
                f"receiver() must be given a signal, as in @receiver(post_save, sender=Ticket), "
                f"not {each!r:.60}"
            )
        for one in senders:
            each.checked(one, when)

    def connect(function: F) -> F:
        options: dict[str, Any] = {"weak": False, "uid": dispatch_uid, "when": when}
        made = [
            (one, one.connection(function, each, **options)) for each in senders for one in signals
        ]
        for one, connection in made:
            one.add(connection)
        return function

    return connect
