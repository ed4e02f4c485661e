"""The receivers of a remote change: their names, and the calls of single ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm import signals
from zendesk_orm.announcement import Announcement, dotted_name, unwrap
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.row import Row
from zendesk_orm.session.connection import Connection
from zendesk_orm.signals import call_receiver
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.feeds import custom_object_of
from zendesk_orm.sync.live_rows import live_rows_of
from zendesk_orm.sync.webhooks.event_fields import known_values
from zendesk_orm.sync.webhooks.messaging_events import read_event_row


@frozen(eq=False)
class Listener:
    """A receiver of remote changes, and the model that it is called with.

    Attributes:
        function: the receiver, which may have a condition.
        model: the model of the change, or a proxy of it that the receiver listens to.
    """

    function: Callable[..., Any]
    model: Any

    def without_condition(self) -> Listener:
        """Return the listener without the condition of its receiver."""
        return evolve(self, function=unwrap(self.function))


def _to_seconds(delays: Iterable[float]) -> tuple[float, ...]:
    """Return seconds as a tuple."""
    return tuple(require_many(delays, "delays="))


def _check_delays(policy: Any, attribute: Any, delays: Any) -> None:
    is_number = all(isinstance(d, (int, float)) and 0 <= d < math.inf for d in delays)
    if not delays or not is_number:
        raise InvalidValue(f"delays must be seconds, such as (1, 10, 60), not {display(delays)}")


def _check_positive(policy: Any, attribute: Any, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidValue(f"{attribute.name} must be a positive number, not {display(value)}")


@frozen
class ReceiverPolicy:
    """How often a receiver that fails is called for a remote change.

    >>> policy = ReceiverPolicy(attempts=3, delays=(10, 60))
    >>> policy.delay_after(2)
    60

    Attributes:
        attempts: the number of calls; after the last one, the change becomes a dead letter.
        delays: the seconds before the second call, the third one, and so on; the last number
            applies to all further calls.
        max_updates: how often a receiver may update one ticket in ten minutes; Zendesk accepts 30
            updates, those of other programs included.
    """

    attempts: int = field(default=5, validator=_check_positive)
    delays: tuple[float, ...] = field(
        default=(2.0, 15.0, 60.0, 300.0),
        converter=_to_seconds,
        validator=_check_delays,
    )
    max_updates: int = field(default=20, validator=_check_positive)

    def delay_after(self, attempts: int) -> float:
        """Return the seconds to wait after a number of failed calls."""
        return self.delays[min(attempts, len(self.delays)) - 1]


#: Characters of an exception that are stored.
_MAX_TEXT = 1000


def describe_error(error: BaseException) -> str:
    """Return the type and the message of an exception."""
    name = type(error).__name__
    try:
        return f"{name}: {error}"[:_MAX_TEXT]
    except Exception:  # noqa: BLE001 - the classes of receivers may have any __str__()
        return f"{name}: its message cannot be displayed"


def signal_of(change: RemoteChange) -> Announcement:
    """Return the signal of a change."""
    by_kind = {
        "created": signals.remote_created,
        "changed": signals.remote_changed,
        "deleted": signals.remote_deleted,
    }
    return by_kind[change.kind]


def require_receivers(receivers: Any) -> tuple[Callable[..., Any], ...]:
    """Return receivers as a tuple.

    Raises:
        InvalidValue: they are not a list, or one of them is not a function.
    """
    functions = tuple(require_many(receivers, "receivers="))
    for function in functions:
        if not callable(function):
            raise InvalidValue(f"a receiver must be a function, not {display(function)}")
    return functions


def find_listeners(change: RemoteChange) -> dict[str, Listener]:
    """Return the receivers of a change by name, in the order of their connection.

    The name is that of the function. Of several with the same name, the later ones have a number.
    Receivers of proxies are among them: a row belongs to all proxies of its model.
    """
    signal = signal_of(change)
    numbers: Counter[str] = Counter()
    listeners: dict[str, Listener] = {}
    if signal.is_muted:
        return listeners
    for listener in listeners_of(signal, change.model):
        name = dotted_name(unwrap(listener.function))
        numbers[name] += 1
        listeners[name if numbers[name] == 1 else f"{name}#{numbers[name]}"] = listener
    return listeners


def listeners_of(signal: Announcement, model: Any) -> Iterator[Listener]:
    """Yield the receivers of a signal for rows of a model, those of its proxies included."""
    if signal.receivers:
        for function, sender in signal.match_receivers(_find_proxies(model)):
            yield Listener(function, sender)


def _find_proxies(model: Any) -> list[Any]:
    """Return a model, the model whose rows it has, and all proxies of this one."""
    concrete = model._meta.concrete
    models, remaining = [model], [concrete]
    while remaining:
        item = remaining.pop()
        models.append(item)
        # The other subclasses are models with rows of their own.
        remaining += [sub for sub in item.__subclasses__() if sub._meta.concrete is concrete]
    key = custom_object_of(model)
    return [item for item in models if not key or custom_object_of(item) in ("", key)]


def call_with(
    account: Connection, listener: Listener, change: RemoteChange, *, past: bool = False
) -> None:
    """Call a receiver with a change, whose instance is loaded.

    Args:
        account: the account.
        listener: the receiver.
        change: the change.
        past: whether the instance has earlier values, which the session must not adopt.
    """
    change = _as_model(account, change, listener.model, past=past or change.kind == "deleted")
    values: dict[str, Any] = {
        "instance": change.instance,
        "origin": "remote",
        "using": account.alias,
        "change": change,
    }
    if change.kind != "deleted":
        values |= {"created": change.kind == "created", "changes": dict(change.changes)}
    call_receiver(listener.function, signal_of(change), change.model, values)


def _as_model(account: Connection, change: RemoteChange, model: Any, *, past: bool) -> RemoteChange:
    """Return a change with a model, and with an object of this class, which has the same row."""
    instance: Any = change.instance
    if isinstance(instance, model):
        return change
    session = account.current()
    if past:
        instance = model.from_row(instance._row, session)
    else:
        instance = session.materialize(model, [instance._row])[0]
    return evolve(change, model=model, instance=instance)


def load_instance(account: Connection, change: RemoteChange) -> Any:
    """Return the object after a change.

    If the row does not exist any more, the object has the values that the change contains.

    Raises:
        ApiError, TransportError.
    """
    if change.instance is not None:
        return change.instance
    session = account.current()
    row = read_event_row(change)
    if row is not None:
        if change.kind == "deleted":
            session.forget(change.model, change.model._meta.key(row))
        return change.model.from_row(row, session)
    if change.kind != "deleted":
        record = live_rows_of(account).load(session, change)
        return build_instance(account, change, deleted=True) if record is None else record
    session.forget(change.model, change.pk)
    return build_instance(account, change, deleted=True)


def build_instance(account: Connection, change: RemoteChange, *, deleted: bool) -> Any:
    """Return an object with the values that a change contains; it loads no others."""
    model, fields = change.model, change.model._meta.fields
    row: Row = {
        fields[name].wire: fields[name].kind.dump(new) if fields[name].kind.dump else new
        for name, (_, new) in change.changes.items()
        if name in fields and fields[name].readable
    }
    payload: Any = change.payload
    detail = payload.get("detail")
    if isinstance(detail, Mapping):
        # The row in the event of a webhook.
        row = {**known_values(model._meta, detail), **row}
    if isinstance(payload.get("id"), type(change.pk)) and payload.get("id") == change.pk:
        # A row of an export.
        row = {**payload, **row}
    if deleted and "status" in fields and model._meta.object_name == "Ticket":
        row["status"] = "deleted"
    return model.from_row({**row, "id": change.pk}, account.current())


@contextmanager
def connect_receivers(
    receivers: Iterable[Callable[..., Any]], models: list[Any]
) -> Generator[None]:
    """Connect receivers to the signals of models during a block.

    Receivers that are connected already stay connected afterwards.
    """
    kinds = signals.remote_created, signals.remote_changed, signals.remote_deleted
    places = [
        (signal, signal.connection(function, model, weak=False, uid=None, when=None))
        for function in receivers
        for model in models
        for signal in kinds
    ]
    try:
        for signal, connection in places:
            signal.add(connection)
        yield
    finally:
        for signal, connection in places:
            signal.remove(connection)
