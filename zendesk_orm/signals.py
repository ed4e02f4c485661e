"""What the library announces, and `receiver()` to listen.

The names and arguments are Django's. A signal that nobody listens to costs
next to nothing.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from inspect import iscoroutinefunction
from typing import Any, Protocol, TypeVar

from attrs import define, frozen
from blinker import ANY, NamedSignal, Signal


F = TypeVar("F", bound=Callable[..., Any])

_logger = logging.getLogger(__name__)


class _InOrder(dict[Any, None]):
    """What blinker needs of a set, with its members in the order in which they came."""

    def add(self, item: Any) -> None:
        self[item] = None

    def discard(self, item: Any) -> None:
        self.pop(item, None)


class Announcement(NamedSignal):
    """A signal: it calls the receivers of all senders, then those of one, as they connected."""

    set_class: Any = _InOrder

    def connect(
        self,
        receiver: F,
        sender: Any = ANY,
        weak: bool = True,  # noqa: FBT001, FBT002 - blinker's signature
    ) -> F:
        """Call a receiver from now on; see blinker, and `receiver()` for one that stays.

        Raises:
            TypeError: it is a coroutine function, which nobody would await.
        """
        function = _function(receiver)
        if iscoroutinefunction(function):
            raise TypeError(f"{_name(function)} would have to be awaited, and receivers are called")
        return super().connect(receiver, sender, weak)

    def disconnect(self, receiver: Callable[..., Any], sender: Any = ANY) -> None:
        """Call a receiver no longer, whether it has a condition or not; see blinker."""
        for each in list(self.receivers.values()):
            if isinstance(each, _Conditional) and each.function == receiver:
                super().disconnect(each, sender)
        super().disconnect(receiver, sender)


class_prepared = Announcement("class_prepared", "A model class is complete. Arguments: sender.")
pre_init = Announcement("pre_init", "A model is being made. Arguments: sender, kwargs.")
post_init = Announcement("post_init", "A model was made. Arguments: sender, instance.")
pre_save = Announcement(
    "pre_save",
    "A save is about to be sent; raising stops it. "
    "Arguments: sender, instance, created, changes={field: (old, new)}, origin, using.",
)
post_save = Announcement(
    "post_save",
    "A save was answered. "
    "Arguments: sender, instance, created, changes={field: (old, new)}, origin, using.",
)
value_ignored = Announcement(
    "value_ignored",
    "Zendesk answered a save and left out what it was sent, or kept another value. "
    "Arguments: sender, instance, names (a list, by wire name), using.",
)
pre_delete = Announcement(
    "pre_delete",
    "A delete is about to be sent; raising stops it. Arguments: sender, instance, origin, using.",
)
post_delete = Announcement(
    "post_delete", "A delete was answered. Arguments: sender, instance, origin, using."
)
m2m_changed = Announcement(
    "m2m_changed",
    "Members of a field were, or are about to be, added or removed by themselves. Arguments: "
    "sender (the model), instance, action (`pre_add`, `post_add`, `pre_remove`, `post_remove`), "
    "field, model (the name of the members' model, or None), pk_set (a list), reverse, using.",
)
post_bulk = Announcement(
    "post_bulk",
    "A bulk operation has ended; it sends this once, and no signal for each row. "
    "Arguments: sender, action, result, using.",
)
job_progress = Announcement(
    "job_progress", "A job was looked at and is not done. Arguments: sender, job, using."
)
job_finished = Announcement(
    "job_finished", "A job has ended, well or not. Arguments: sender, job, using."
)
request_started = Announcement(
    "request_started", "A request goes out. Arguments: sender (the alias), request."
)
request_finished = Announcement(
    "request_finished",
    "A request has ended. Arguments: sender (the alias), request, status, seconds.",
)
rate_limited = Announcement(
    "rate_limited", "Zendesk answered 429. Arguments: sender (the alias), request, delay."
)
retrying = Announcement(
    "retrying", "A request is sent again. Arguments: sender (the alias), request, delay, reason."
)
cache_hit = Announcement(
    "cache_hit", "A kept row answered. Arguments: sender (the model), pk, using."
)
cache_miss = Announcement(
    "cache_miss", "No kept row answered. Arguments: sender (the model), pk, using."
)


#: The signals that send an instance, so that `when=` can ask about it.
_WITH_INSTANCE = frozenset(
    {post_init, pre_save, post_save, pre_delete, post_delete, m2m_changed, value_ignored}
)
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
    call = _Call(_function(listener), signal, arguments["instance"])
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
    raised = f"raised by the {signal.name} receiver {_name(_function(listener))}"
    if signal not in _DONE:
        return raised
    instance = arguments["instance"]
    pk = getattr(instance, "pk", None)
    return f"{type(instance).__name__} {pk} was {_DONE[signal]}; {raised}"


def _name(function: Callable[..., Any]) -> str:
    """Return where a function, or a callable object, is from."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"


class Test(Protocol):
    """What `when=` takes: a `Q`, or anything that binds to a model in the same way."""

    def bind(self, model: Any) -> Callable[[Any], bool]:
        """Return the function that tells whether an instance passes."""
        ...


def receiver(
    signal: Signal | Iterable[Signal],
    *,
    sender: Any = ANY,
    when: Test | None = None,
) -> Callable[[F], F]:
    """Connect the decorated function to one signal or several.

    Args:
        signal: the signal, or a list of them.
        sender: the model to listen to, or a list of models; all by default.
        when: a `Q` that the instance must match, checked without a request.

    Returns:
        The decorator, which gives the function back unchanged. The function
        is kept alive as long as the signal is, closures included.

    Raises:
        FieldError: `when` names a field that the sender does not have.
        TypeError: `when` is given without a sender to check it against, or for
            a signal that sends no instance.
    """
    wanted = [signal] if isinstance(signal, Signal) else list(signal)
    senders = list(sender) if isinstance(sender, (list, tuple, set)) else [sender]
    if when is not None and ANY in senders:
        raise TypeError("when= needs sender=: the model whose fields it names")
    if when is not None and not _WITH_INSTANCE.issuperset(wanted):
        raise TypeError("when= asks about an instance, and not every one of these signals has one")

    def connect(function: F) -> F:
        for each in senders:
            listener = function if when is None else _Conditional(function, when.bind(each))
            for one in wanted:
                one.connect(listener, sender=each, weak=False)
        return function

    return connect


@frozen(eq=False)
class _Conditional:
    """A receiver that is called about some instances only."""

    function: Callable[..., Any]
    passes: Callable[[Any], bool]

    def __call__(self, sender: Any, **arguments: Any) -> Any:
        if self.passes(arguments["instance"]):
            return self.function(sender, **arguments)
        return None


def _function(listener: Callable[..., Any]) -> Callable[..., Any]:
    """Return a receiver as it was given to us."""
    return listener.function if isinstance(listener, _Conditional) else listener
