"""What the library announces, and `receiver()` to listen.

The names and arguments are Django's. A signal that nobody listens to costs
next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from blinker import ANY, Namespace, Signal


F = TypeVar("F", bound=Callable[..., Any])

_signals = Namespace()

class_prepared = _signals.signal("class_prepared", "A model class is complete. Arguments: sender.")
pre_init = _signals.signal("pre_init", "A model is being made. Arguments: sender, kwargs.")
post_init = _signals.signal("post_init", "A model was made. Arguments: sender, instance.")
pre_save = _signals.signal(
    "pre_save",
    "A save is about to be sent; raising stops it. "
    "Arguments: sender, instance, created, changes={field: (old, new)}, origin, using.",
)
post_save = _signals.signal(
    "post_save",
    "A save was answered. "
    "Arguments: sender, instance, created, changes={field: (old, new)}, origin, using.",
)
value_ignored = _signals.signal(
    "value_ignored",
    "Zendesk answered a save and left out what it was sent, or kept another value. "
    "Arguments: sender, instance, names (a list, by wire name), using.",
)
pre_delete = _signals.signal(
    "pre_delete",
    "A delete is about to be sent; raising stops it. Arguments: sender, instance, origin, using.",
)
post_delete = _signals.signal(
    "post_delete", "A delete was answered. Arguments: sender, instance, origin, using."
)
post_bulk = _signals.signal(
    "post_bulk",
    "A bulk operation has ended; it sends this once, and no signal for each row. "
    "Arguments: sender, action, result, using.",
)
job_progress = _signals.signal(
    "job_progress", "A job was looked at and is not done. Arguments: sender, job, using."
)
job_finished = _signals.signal(
    "job_finished", "A job has ended, well or not. Arguments: sender, job, using."
)
request_started = _signals.signal(
    "request_started", "A request goes out. Arguments: sender (the alias), request."
)
request_finished = _signals.signal(
    "request_finished",
    "A request has ended. Arguments: sender (the alias), request, status, seconds.",
)
rate_limited = _signals.signal(
    "rate_limited", "Zendesk answered 429. Arguments: sender (the alias), request, delay."
)
retrying = _signals.signal(
    "retrying", "A request is sent again. Arguments: sender (the alias), request, delay, reason."
)
cache_hit = _signals.signal(
    "cache_hit", "A kept row answered. Arguments: sender (the model), pk, using."
)
cache_miss = _signals.signal(
    "cache_miss", "No kept row answered. Arguments: sender (the model), pk, using."
)


#: The signals that send an instance, so that `when=` can ask about it.
_WITH_INSTANCE = frozenset({post_init, pre_save, post_save, pre_delete, post_delete, value_ignored})


def announce(signal: Signal, sender: Any, **arguments: Any) -> None:
    """Send a signal, if anybody listens."""
    if signal.receivers:
        signal.send(sender, **arguments)


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
            listener = function if when is None else _guarded(function, when.bind(each))
            for one in wanted:
                one.connect(listener, sender=each, weak=False)
        return function

    return connect


def _guarded(function: Callable[..., Any], passes: Callable[[Any], bool]) -> Callable[..., Any]:
    def listener(sender: Any, **arguments: Any) -> Any:
        if passes(arguments["instance"]):
            return function(sender, **arguments)
        return None

    return listener
