"""`Announcement`: a signal, and the receivers that are connected to it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import partial
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction, signature
from typing import Any, Protocol, TypeVar
from weakref import WeakMethod, ref

from attrs import frozen
from blinker import ANY, NamedSignal

from zendesk_orm import fork
from zendesk_orm.errors import InvalidValue
from zendesk_orm.log import LogLine
from zendesk_orm.messages import display


F = TypeVar("F", bound=Callable[..., Any])

#: The senders of a signal, as in messages.
MODELS, JOBS, ALIASES = "a model class, such as Ticket", "the class Job", "an account's alias"


class ReceiverCondition(Protocol):
    """The type of `when=`: a `Q`, or anything that binds to a model in the same way."""

    def bind(self, model: Any) -> Callable[[Any], bool]:
        """Return the function that tests an instance."""
        ...


@frozen(eq=False)
class _Connection:
    """A receiver of a signal, for one sender.

    Attributes:
        identity: the receiver's `dispatch_uid`, or else its address.
        address: the address of the receiver.
        sender: the sender, or `ANY`.
        reference: a function that returns the receiver, or None once it was garbage-collected.
        when: the condition, or None.
        passes: the test of an instance that the condition stands for, or None.
    """

    identity: Any
    address: Any
    sender: Any
    reference: Callable[[], Any]
    when: Any = None
    passes: Callable[[Any], bool] | None = None

    def repeats(self, other: _Connection) -> bool:
        """Return True if another one has the same receiver and condition."""
        return bool(self.identity == other.identity and self.when == other.when)


class Announcement(NamedSignal):
    """A signal: it calls the receivers of all senders, then those of one, in connection order.

    >>> requests = []
    >>> @receiver(request_finished)
    ... def record(sender, request, status, **arguments):
    ...     requests.append((sender, request.method, status))
    >>> Group.objects.count()
    8
    >>> requests
    [('default', 'GET', 200)]
    >>> request_finished.disconnect(record)
    >>> request_finished.arguments
    ('request', 'base_url', 'status', 'seconds', 'reason')

    Attributes:
        arguments: the names of the arguments, without the sender.
        log: the log line that is written when the signal is sent, or None.
    """

    receivers: dict[Any, Any]

    def __init__(
        self,
        name: str,
        doc: str,
        arguments: str = "",
        senders: str = MODELS,
        log: LogLine | None = None,
    ) -> None:
        self.arguments = tuple(arguments.split())
        self.log = log
        super().__init__(name, f"{doc} Arguments: {', '.join(('sender', *self.arguments))}.")
        self._senders = senders
        self._adding = fork.Lock()

    def __repr__(self) -> str:
        number = len(self.receivers)
        return f"<{type(self).__name__} {self.name!r}, {number} receiver{'s' * (number != 1)}>"

    @property
    def is_observed(self) -> bool:
        """Whether it has receivers, or its log line is enabled."""
        log = self.log
        return bool(self.receivers) or (log is not None and log.logger.isEnabledFor(log.level))

    def connect(
        self,
        receiver: F,
        sender: Any = ANY,
        weak: bool = True,  # noqa: FBT001, FBT002 - Django's and blinker's signature
        dispatch_uid: Any = None,
        *,
        when: ReceiverCondition | None = None,
    ) -> F:
        """Call a receiver whenever the signal is sent; return the receiver.

        Connecting it again with the same sender and condition changes nothing.

        Args:
            receiver: a function that takes the sender and `**kwargs`.
            sender: the model to listen to, its proxies included, or its name: `"Ticket"` or
                `"help_center.Article"`; for signals of requests, an account's alias. All senders
                by default.
            weak: whether the receiver ends when nothing else refers to it, as in Django.
            dispatch_uid: identifies the receiver instead of the function: of several receivers
                with the same one and the same sender, only the first is connected.
            when: a `Q` that the instance must match, checked without a request.

        Raises:
            InvalidValue: the receiver cannot be called with the signal's arguments, or is
                asynchronous or a generator function; the sender cannot send this signal; or `when`
                is given without a sender, or for a signal without an instance.
            FieldError: `when` names a field that the sender does not have; no model has the name.
        """
        self.add(self.connection(receiver, sender, weak=weak, uid=dispatch_uid, when=when))
        return receiver

    def connection(
        self, receiver: Any, sender: Any, *, weak: bool, uid: Any, when: Any
    ) -> _Connection:
        """Return a connection that is checked, but not added yet."""
        sender = self.check_sender(sender, when)
        self._require_callable(receiver)
        passes = None if when is None else when.bind(sender)
        address = _address(receiver)
        identity = address if uid is None else ("uid", uid)
        reference = self._reference(receiver) if weak else lambda: receiver
        return _Connection(identity, address, sender, reference, when, passes)

    def add(self, new: _Connection) -> None:
        """Add a connection, unless there is an equal one."""
        with self._adding:
            for connection in list(self.receivers.values()):
                if connection.repeats(new) and connection.sender == new.sender:
                    return
            self.receivers[id(new)] = new

    @contextmanager
    def connected_to(self, receiver: Callable[..., Any], sender: Any = ANY) -> Generator[None]:
        """Call a receiver during a block; if it was connected before, it stays so after the block.

        Args:
            receiver, sender: see `connect()`.

        Raises:
            InvalidValue, FieldError: see `connect()`.
        """
        connection = self.connection(receiver, sender, weak=False, uid=None, when=None)
        try:
            self.add(connection)
            yield
        finally:
            self.remove(connection)

    def remove(self, connection: _Connection) -> None:
        """Remove a connection, unless an equal one was there before it."""
        self.receivers.pop(id(connection), None)

    def _reference(self, receiver: Any) -> Callable[[], Any]:
        """Return a weak reference to a receiver, which ends its connections with it."""
        address = _address(receiver)

        def release(_: Any) -> None:
            if not sys.is_finalizing():
                self._remove(lambda link: link.reference() is None or link.identity == address)

        return WeakMethod(receiver, release) if _is_method(receiver) else ref(receiver, release)

    def disconnect(
        self,
        receiver: Callable[..., Any] | None = None,
        sender: Any = ANY,
        dispatch_uid: Any = None,
    ) -> None:
        """Stop calling a receiver, and release it.

        Args:
            receiver: the function, whatever conditions it has; or None with `dispatch_uid`.
            sender: end this sender's connection only; all by default.
            dispatch_uid: the one that it was connected with.

        Raises:
            InvalidValue: neither a receiver nor a `dispatch_uid` is given, or the sender cannot
                send this signal.
        """
        sender = self.check_sender(sender)
        if receiver is None and dispatch_uid is None:
            raise InvalidValue("disconnect() needs the receiver, or its dispatch_uid=")
        address = None if receiver is None else _address(receiver)

        def ends(connection: _Connection) -> bool:
            if sender is not ANY and connection.sender != sender:
                return False
            if dispatch_uid is not None:
                return bool(connection.identity == ("uid", dispatch_uid))
            function = connection.reference()
            return function is not None and _address(function) == address

        self._remove(ends)

    def _remove(self, ends: Callable[[_Connection], bool]) -> None:
        for key, connection in list(self.receivers.items()):
            if ends(connection):
                self.receivers.pop(key, None)

    def receivers_for(self, sender: Any) -> Generator[Callable[..., Any]]:
        """Yield the receivers of a sender, each once for each of its conditions."""
        for function, _ in self.match_receivers([sender]):
            yield function

    def match_receivers(self, senders: Iterable[Any]) -> Generator[tuple[Callable[..., Any], Any]]:
        """Yield the receivers of several senders, each with the first sender that it listens to."""
        by_base: dict[Any, Any] = {}
        for sender in senders:
            by_base.setdefault(ANY, sender)
            for base in _senders_of(sender):
                by_base.setdefault(base, sender)
        connections = sorted(self.receivers.values(), key=lambda item: item.sender is not ANY)
        matches: list[_Connection] = []
        for connection in connections:
            # Others may have its `dispatch_uid`, which is that of one receiver for each sender.
            is_new = not any(
                connection.repeats(other) and connection.address == other.address
                for other in matches
            )
            if connection.sender in by_base and is_new:
                matches.append(connection)
        for match in matches:
            function = match.reference()
            if function is not None:
                if match.passes is not None:
                    function = Conditional(function, match.passes)
                yield function, by_base[match.sender]

    def check_sender(self, sender: Any, when: Any = None) -> Any:
        """Return a sender that can send the signal; None stands for all, as in Django.

        Raises:
            InvalidValue: it cannot, or a condition cannot be tested.
            FieldError: no model that was declared has this name.
        """
        if when is not None and not hasattr(when, "bind"):
            raise InvalidValue(
                f"when= must be a Q, as in when=Q(status='new'), not {display(when)}"
            )
        if when is not None and "instance" not in self.arguments:
            raise InvalidValue(f"when= tests an instance, which {self.name} does not send")
        if when is not None and (sender is None or sender is ANY):
            raise InvalidValue("when= needs sender=, the model whose fields it names")
        if sender is None or sender is ANY:
            return ANY
        if self._senders is MODELS and isinstance(sender, str):
            # Seam: models, which are declared above signals, are known by name below both.
            return importlib.import_module("zendesk_orm.schema.registry").find_by_label(sender)
        model = isinstance(sender, type) and hasattr(sender, "_meta")
        kinds = {MODELS: model, JOBS: isinstance(sender, type), ALIASES: isinstance(sender, str)}
        if kinds[self._senders]:
            return sender
        raise InvalidValue(
            f"{self.name}: sender= must be {self._senders}, not {display(sender)}; "
            "without sender=, the receiver is called for all"
        )

    def _require_callable(self, receiver: Any) -> None:
        """Raise if a receiver does not accept the arguments of the signal.

        Raises:
            InvalidValue: the message contains the expected signature.
        """
        if not callable(receiver):
            raise InvalidValue(
                f"{self.name}: a receiver must be a function, not {display(receiver)}"
            )
        reason = _find_unrun_body(receiver)
        if reason:
            raise InvalidValue(f"{dotted_name(receiver)} {reason}")
        keywords = dict.fromkeys((*self.arguments, "a_later_argument"))
        try:
            # The arguments of most builtins are unknown, and none accepts those of a signal.
            signature(receiver).bind(None, **keywords)
        except (TypeError, ValueError) as error:
            raise InvalidValue(
                f"{dotted_name(receiver)} cannot receive {self.name} ({error}): write "
                f"def {getattr(receiver, '__name__', 'receive')}(sender, **kwargs)"
            ) from None


def _senders_of(sender: Any) -> tuple[Any, ...]:
    """Return a sender, and the models that it is a proxy of, whose receivers are called, too."""
    meta = getattr(sender, "_meta", None)
    if meta is None or not isinstance(sender, type):
        return (sender,)
    bases = ((base, base.__dict__.get("_meta")) for base in sender.__mro__)
    return tuple(
        base
        for base, options in bases
        if options is not None and (options.concrete is meta.concrete or options.abstract)
    )


#: Why a receiver is rejected of which a call runs nothing.
ASYNCHRONOUS = (
    "is asynchronous, and would never be awaited: define it with def, and start a task in it"
)
GENERATOR = "is a generator function, of which a call runs nothing: write it without yield"


def _find_unrun_body(receiver: Any) -> str:
    """Return why calling a receiver would run nothing, or an empty text."""
    while isinstance(receiver, (partial, staticmethod)):
        receiver = receiver.func if isinstance(receiver, partial) else receiver.__func__
    # A callable object may have such a `__call__`.
    functions = (receiver, type(receiver).__call__)
    if any(iscoroutinefunction(f) or isasyncgenfunction(f) for f in functions):
        return ASYNCHRONOUS
    return GENERATOR if any(map(isgeneratorfunction, functions)) else ""


def _is_method(receiver: Any) -> bool:
    return hasattr(receiver, "__self__") and hasattr(receiver, "__func__")


def _address(receiver: Any) -> Any:
    """Return the identity of a receiver; each access to a bound method creates another object."""
    if _is_method(receiver):
        return id(receiver.__func__), id(receiver.__self__)
    return id(receiver)


def dotted_name(function: Callable[..., Any]) -> str:
    """Return the dotted name of a function, or of the class of a callable object."""
    definition = function if hasattr(function, "__qualname__") else type(function)
    return f"{definition.__module__ or 'builtins'}.{definition.__qualname__}"


@frozen(eq=False)
class Conditional:
    """A receiver that is called for matching instances only."""

    function: Callable[..., Any]
    passes: Callable[[Any], bool]

    def __call__(self, sender: Any, **arguments: Any) -> Any:
        """Call the receiver if the instance passes."""
        if self.passes(arguments["instance"]):
            return self.function(sender, **arguments)
        return None


def unwrap(listener: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function of a conditional receiver, and any other receiver unchanged."""
    return listener.function if isinstance(listener, Conditional) else listener
