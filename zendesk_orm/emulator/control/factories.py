"""Factories: valid rows of every model that can be created."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from blinker import Signal
from requests import Session

from zendesk_orm import signals
from zendesk_orm.account import Account, connections
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.apps.packages import build_package
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.control.samples import SAMPLES, build_value
from zendesk_orm.emulator.crud.resources import initialize
from zendesk_orm.emulator.messages import BASE_URL, Request, Response
from zendesk_orm.emulator.messaging.access import default_key
from zendesk_orm.emulator.server.adapter import EmulatorAdapter
from zendesk_orm.emulator.server.application import Application
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.store import StoredRow
from zendesk_orm.emulator.webhooks.publishing import publish_changes
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.auth import anonymous
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS
from zendesk_orm.http.messaging import open_access
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.http.throttle import QuotaSettings, Throttle
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display
from zendesk_orm.schema import registry
from zendesk_orm.schema.arguments import require_model
from zendesk_orm.schema.fields import Id
from zendesk_orm.support import App, AssetType, User


#: The largest number of rows that are made at once.
MAX_ROWS = 1_000_000

_SIGNALS = [value for value in vars(signals).values() if isinstance(value, Signal)]
#: The prefix of the sequences of the numbers in names and addresses, by model.
_SEQUENCE = "made "
#: Models whose `create()` needs no declared endpoint: a comment is added to its ticket.
CREATABLE = frozenset(
    {
        "support.ApprovalRequest",
        "support.Comment",
        "support.Task",
        "support.TaskList",
        "support.TicketContentPin",
    }
)


class Factory:
    """Creates rows through the API of an emulator, as its owner.

    Args:
        context: the account.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._session = Session()
        self._session.mount("https://", EmulatorAdapter(_OpenApplication(context)))

    def make(self, model: Any, count: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Create rows of a model, and return them as the API does.

        Args:
            model: the model.
            count: the number of rows.
            values: values of fields; of a function, the value for a number from 1 on.

        Raises:
            ConfigurationError: rows of the model cannot be created, or the number is invalid.
            InvalidValue: a value is invalid; ValidationError.
        """
        require_model("make()", model)
        if type(count) is not int or count < 0:
            raise ConfigurationError(f"make() needs a number of rows, not {display(count)}")
        if count > MAX_ROWS:
            raise ConfigurationError(
                f"make() stores at most {MAX_ROWS:,} rows; generate() has any number of them"
            )
        if not model._meta.api.find(Verb.CREATE) and model._meta.label not in CREATABLE:
            raise ConfigurationError(
                f"rows of {model.__name__} cannot be created through Zendesk's API: load() inserts "
                "rows of any model"
            )
        rows = [_evaluate(values, number) for number in range(1, count + 1)]
        if rows:
            # Unknown names are reported before rows of other models are created.
            model(**rows[0])
        with self.connect() as alias:
            maker = Maker(self._context, alias)
            return [dict(maker.create(model, row)._row) for row in rows]

    @contextmanager
    def connect(self) -> Generator[str]:
        """Return a context manager for an account that sends no signals, and return its alias."""
        alias = f"emulator-{uuid.uuid4()}"
        clock = self._context.clock
        transport = Transport(
            BASE_URL,
            anonymous(),
            alias=alias,
            session=self._session,
            clock=clock,
            # The rows are made at once, whatever limits the account has.
            throttle=Throttle(
                QuotaSettings(endpoint_limits=NO_ENDPOINT_LIMITS), clock, RetryPolicy()
            ),
        )
        transport.messaging = open_access(default_key(), BASE_URL)
        # Nobody else can know the account, so that its requests are those of another client.
        connections.add(Account(alias, transport))
        with ExitStack() as stack:
            stack.callback(connections.remove, alias)
            for signal in _SIGNALS:
                stack.enter_context(signal.muted())
            yield alias


class _OpenApplication(Application):
    """The application without credentials, rate limit, faults, latency and log."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, 0)
        self._authenticate = _return_owner

    def handle(self, request: Request) -> Response:
        """Handle a request."""
        with self._context.store.lock:
            return self._respond(request)


def _return_owner(context: Context, request: Request) -> int:
    return context.owner_id


class Maker:
    """Creates the rows of a call, after those that they need."""

    def __init__(self, context: Context, alias: str) -> None:
        self._context = context
        self._alias = alias
        self._shared: dict[str, Any] = {}

    def create(self, model: Any, values: Mapping[str, Any]) -> Any:
        """Create a row of a model with some values, and return the object."""
        return model.objects.using(self._alias).create(**self.complete(model, values))

    def complete(self, model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values with those that a new row of a model needs, too."""
        meta = model._meta
        number = self._count(meta.label)
        body = {name: detach(value) for name, value in values.items()}
        samples = SAMPLES.get(meta.label, {})
        endpoint = meta.api.find(Verb.CREATE)
        places = endpoint.placeholders if endpoint else ()
        for name in dict.fromkeys((*samples, *places, *meta.required)):
            if _is_given(body, name):
                continue
            relation = meta.relations.get(name)
            if name in samples:
                body[name] = samples[name](self, number)
            elif relation:
                body[name] = self.any(relation.model._meta.label)
            else:
                body[name] = build_value(meta.get_field(name), number)
        if not body:
            field = find_writable_field(meta)
            body[field.name] = build_value(field, number)
        return body

    def new(self, label: str) -> Any:
        """Return a new object of a model."""
        product, _, name = label.partition(".")
        return self.create(registry.find(name, product), {})

    def any(self, label: str) -> Any:
        """Return an object of a model, always the same one."""
        if label not in self._shared:
            self._shared[label] = self.new(label)
        return self._shared[label]

    def customer(self) -> Any:
        """Return an end user, always the same one."""
        return self.any("support.User")

    def agent(self) -> Any:
        """Return a new agent."""
        return self.create(User, {"role": "agent"})

    def owner(self) -> Any:
        """Return the owner of the account."""
        return User.objects.using(self._alias).get(self._context.owner_id)

    def app(self) -> Any:
        """Return an app that was built from an empty package, always the same one."""
        if App._meta.label not in self._shared:
            apps = App.objects.using(self._alias)
            self._shared[App._meta.label] = apps.build(build_package("App"), name="App")
        return self._shared[App._meta.label]

    def find_root(self) -> str:
        """Return the id of the root of all asset types, which every account has at Zendesk."""
        label, pk = AssetType._meta.label, "01ROOT"
        with publish_changes(self._context):
            if self._context.store.get(label, pk) is None:
                doc = {
                    **build_row(AssetType._meta),
                    "id": pk,
                    "name": "Assets",
                    "is_standard": True,
                }
                initialize(self._context, AssetType._meta, doc)
                row = StoredRow(label, pk, doc)
                self._context.store.put([row], self._context.now())
        return pk

    def _count(self, label: str) -> int:
        """Return the next number for names and addresses of a model."""
        with publish_changes(self._context):
            return self._context.store.next_id(_SEQUENCE + label)


def _evaluate(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return the values of a row: functions are called with its number."""
    return {
        name: value(number) if callable(value) and not isinstance(value, type) else value
        for name, value in values.items()
    }


def detach(value: Any) -> Any:
    """Return objects of other accounts as objects with only an id, and other values unchanged."""
    if isinstance(value, (list, tuple)):
        return [detach(item) for item in value]
    if getattr(value, "using", None) is None or getattr(value, "pk", None) is None:
        return value
    return type(value)(id=value.pk)


def _is_given(body: Mapping[str, Any], name: str) -> bool:
    """Return True if a field, or the relation whose id it is, has a value."""
    stem = name.removesuffix("_id")
    return bool({name, stem, f"{stem}_id"} & body.keys())


def find_writable_field(meta: Any) -> Any:
    """Return the first text field that can be changed."""
    writable = [
        field
        for field in meta.get_fields()
        if field.editable and field.readable and not field.create_only and not isinstance(field, Id)
    ]
    for kind in ("str", "bool", "int"):
        for field in writable:
            if field.kind.name == kind and not field.kind.choices:
                return field
    return writable[0]
