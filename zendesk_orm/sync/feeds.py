"""Pages of incremental exports, from which `watch()` reads the changes of a model.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.schema import custom
from zendesk_orm.schema.row import Row
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.lists.interruptions import raise_failures


#: Seconds that exports lag behind: they contain no changes of the last minute.
DELAY = 60.0


@frozen(eq=False)
class FeedPage:
    """A page of an export.

    Attributes:
        rows: its rows.
        checkpoint: the place after it, or None if it is unknown.
    """

    rows: list[Row]
    checkpoint: Checkpoint | None


def custom_object_of(model: Any) -> str:
    """Return the key of the custom object whose records a model has; "" for other models."""
    meta = model._meta
    key = custom.scope_key(meta) if meta.custom else ""
    value: str = meta.filter.get(key, "") if key else ""
    return value


@frozen(eq=False)
class Feed:
    """An incremental export.

    Attributes:
        model: the model of its rows.
        lookups: further lookups.
    """

    model: Any
    lookups: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, model: Any, **lookups: str) -> Feed:
        """Return the export of a model.

        Raises:
            InvalidValue: Zendesk has no export of the model.
        """
        meta = model._meta
        exports = [e for e in meta.api.endpoints if e.verb is Verb.INCREMENTAL]
        if any("{" not in endpoint.path for endpoint in exports):
            # A proxy has the rows of its model.
            return cls(meta.concrete, tuple(lookups.items()))
        if exports and not custom_object_of(model):
            raise InvalidValue(
                f"{meta.object_name} cannot be watched: Zendesk exports the records of one custom "
                "object; pass a model with filter = {'custom_object_key': 'car'} in class Meta"
            )
        if not exports:
            raise InvalidValue(
                f"{model._meta.object_name} cannot be watched: Zendesk has no incremental export "
                "of it; use a webhook, or compare its rows"
            )
        return cls(model, tuple(lookups.items()))

    @property
    def name(self) -> str:
        """The name of the export in those of checkpoints: `User`, `CustomObjectRecord.car`."""
        key = custom_object_of(self.model)
        name: str = self.model._meta.concrete.__name__
        return f"{name}.{key}" if key else name

    def read(self, account: Connection, start: Checkpoint | float) -> Iterator[FeedPage]:
        """Yield the pages since a checkpoint, or a time in seconds since the epoch.

        Raises:
            InvalidValue: the checkpoint belongs to another export or account.
            ApiError, TransportError.
        """
        exported = self.model.objects.using(account.alias).changed_since(start)
        query = exported.filter(**dict(self.lookups))._query
        for page in raise_failures(account.current().stream(query)):
            yield FeedPage([record._row for record in page], page.checkpoint)
