"""Actions of a model for many objects, such as marking tickets as spam."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from zendesk_orm.schema.accounts import require_many
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.operation import BulkOperation
from zendesk_orm.write.bulk.requests import (
    BuildRequest,
    BulkStrategy,
    Entry,
    ResolvedOptions,
    action_ids,
)
from zendesk_orm.write.bulk.results import BulkResult, Outcome
from zendesk_orm.write.bulk.strategies import DEFAULTS, require_id


def run_action(  # noqa: PLR0913 - the parts of a strategy
    session: Session,
    model: Any,
    name: str,
    objects: Iterable[Any],
    options: ResolvedOptions = DEFAULTS,
    *,
    action: str = "",
    build: BuildRequest | None = None,
    apply: Callable[[Session, Entry, Outcome], None] | None = None,
    prepare: Callable[[Any], Any] | None = None,
    **attributes: Any,
) -> BulkResult:
    """Run an action of a model for many objects.

    A dry run prints its requests; in a batch it raises, because a batch cannot delay it.

    Args:
        session: the session to send with.
        model: the model that declares the action.
        name: the action's name.
        objects: the objects.
        options: the options of the bulk method.
        action: the action of `post_bulk`; the name by default.
        build: returns the request for some objects; by default with their ids in the query.
        apply: updates an object afterwards.
        prepare: returns the payload of an object; its id by default.
        attributes: other attributes of the `BulkStrategy`.

    Raises:
        BulkError: some objects failed; the error contains the result.
        InvalidValue: a batch is open.
    """
    strategy = BulkStrategy(
        action or name,
        prepare or require_id,
        build or action_ids(model, name),
        apply or keep,
        call=name,
        **attributes,
    )

    def retry(objects: list[Any], uncertain: list[Any]) -> BulkResult:
        operation = BulkOperation(session, model, strategy, options.for_retry, retry=retry)
        return operation.run(objects)

    return BulkOperation(session, model, strategy, options, retry=retry).run(objects)


def saved_objects(session: Session, model: Any, values: Iterable[Any], method: str) -> list[Any]:
    """Return the objects with some ids, each once.

    Args:
        session: the session of the objects.
        model: the model of the objects.
        values: objects or ids.
        method: the method that was called, for messages.

    Raises:
        InvalidValue: an object was never saved, or a value is neither.
    """
    items = list(require_many(values, method))
    records: dict[Any, Any] = {}
    for value, pk in zip(items, session.ids_of(model, items, method), strict=True):
        records[pk] = value if isinstance(value, model) else session.refer(model, pk)
    return list(records.values())


def keep(session: Session, entry: Entry, outcome: Outcome) -> None:
    """Leave an object as it is after an action that does not change its row."""
