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
        exports = [e for e in model._meta.api.endpoints if e.verb is Verb.INCREMENTAL]
        if not any("{" not in endpoint.path for endpoint in exports):
            raise InvalidValue(
                f"{model._meta.object_name} cannot be watched: Zendesk has no incremental export "
                "of it; use a webhook, or compare its rows"
            )
        return cls(model, tuple(lookups.items()))

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
