"""What rules have in common: an order of their own, and changes to many of them at once.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.schema.accounts import require_objects, require_relations
from zendesk_orm.schema.fields import column
from zendesk_orm.session.session import Session
from zendesk_orm.write import actions, at_once
from zendesk_orm.write.at_once import Edit
from zendesk_orm.write.batches import MOST
from zendesk_orm.write.outcomes import BulkResult
from zendesk_orm.write.progress import Progress, Told


R = TypeVar("R")


class OrderedManager(Manager[R]):
    """A manager of rows that have an order of their own."""

    #: What the ids are called that say the order.
    _order_key: ClassVar[str] = "ids"

    def reorder(self, rows: Iterable[R | int | str]) -> None:
        """Give the rows a new order, in one request; objects that are held learn of it.

        Zendesk wants all of an account's triggers, SLA policies or queues, whose order is
        that of their firing; of fields, forms and workspaces, those that are named come first.

        Args:
            rows: objects, or their ids, in the new order.

        Raises:
            InvalidValue: there are none, one was never saved, or one is named twice.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#reorder-ticket-triggers
        """
        session, model = self._session, self._query.meta.model
        ids = ids_of(session, model, rows, "reorder")
        self._call("reorder", {self._order_key: ids})
        for pk in ids:
            known = session.identity.get(model, pk)
            if known is None:
                session.account.rows.forget(model, pk)
            else:
                actions.outdated(session, known)


class RuleManager(Manager[R]):
    """A manager of rules, which Zendesk changes by the many at once, without a job.

    It changes whether they are active and their position, and nothing else of them.
    """

    #: The fields that Zendesk changes by the many; it ignores all others.
    _together: ClassVar[tuple[str, ...]] = ("active", "position")

    def bulk_update(
        self,
        objs: Iterable[R],
        fields: Iterable[str] | None = None,
        batch_size: int | None = None,
        *,
        progress: Told | bool | None = None,
        wait: bool = True,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Send what changed on each object, a hundred to a request.

        Zendesk changes `active` and `position` of many rules at once (and of triggers their
        category), and ignores the rest, so that other changes are refused here.

        Args:
            objs: changed objects, from any iterable; unchanged ones cost nothing.
            fields: names of fields to send; all that changed by default.
            batch_size: objects in one request; a hundred by default, and at most.
            progress: is called with a `Progress` at the end.
            wait, timeout: there is no job to be waited for.
            raise_on_failure: False returns a result with failures instead of raising.

        Returns:
            One outcome for each object, in their order.

        Raises:
            InvalidValue: something else was changed, which only `save()` sends; or an object
                was never saved.
            BulkError: some failed, after all were sent; `.result` has one outcome for each.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#update-many-ticket-triggers
        """
        meta = self._query.meta
        names = None if fields is None else [column(meta.get_field(each)).name for each in fields]
        edits: list[Edit] = []
        model: Any = self.model
        for record in list(require_objects(model, objs, self._session, "bulk_update")):
            self._session.id_of(model, record, "bulk_update")
            changed = record.changes() if names is None else set(record.changes()) & set(names)
            self._allowed(changed, f"{record!r}: ")
            edits.append((record, record.to_payload(names)))
        return self._change(edits, batch_size, progress, raises=raise_on_failure)

    def update(
        self,
        *,
        wait: bool = True,
        progress: Told | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
        **values: Any,
    ) -> BulkResult:
        """Make the same change to every row of the query, a hundred to a request.

        `Trigger.objects.filter(category=old).update(active=False)`

        Rows that the query names by their ids alone are not read before, except in a batch or a
        dry run: an id that Zendesk does not know is a failure.

        Args:
            wait, progress, raise_on_failure, timeout: see `bulk_update()`.
            values: the new value of each field: `active`, `position`.

        Returns:
            One outcome for each row; `int(result)` is the number of rows changed.

        Raises:
            InvalidValue: Zendesk does not change that by the many.
            BulkError: some failed, after all were sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#update-many-ticket-triggers
        """
        meta = self._query.meta
        self._allowed([column(meta.get_field(name)).name for name in values], "")
        model: Any = self.model
        changed = model(**values)
        require_relations(changed, self._session)
        payload = changed.to_payload()
        edits = [(record, payload) for record in self._rows_to_update(values)]
        return self._change(edits, None, progress, raises=raise_on_failure)

    def _allowed(self, names: Iterable[str], where: str) -> None:
        """Refuse what Zendesk would ignore.

        Raises:
            InvalidValue: a name is none of those that are changed by the many.
        """
        other = [name for name in names if name not in self._together]
        if other:
            raise InvalidValue(
                f"{where}Zendesk changes {', '.join(self._together)} of many "
                f"{self._query.meta.verbose_name_plural} at once, and not {', '.join(other)}; "
                "save() each"
            )

    def _change(
        self,
        edits: Sequence[Edit],
        batch_size: int | None,
        progress: Told | bool | None,  # noqa: FBT001 - as it was given
        *,
        raises: bool,
    ) -> BulkResult:
        if batch_size is not None and batch_size < 1:
            raise InvalidValue(f"batch_size must be a number from 1 to 100, not {batch_size}")
        if self._session.outbox is not None:
            return self._one_by_one(edits)
        size = min(batch_size or MOST, MOST)
        result = at_once.update(
            self._session, self.model, edits, size=size, raises=raises, path=self._path_of
        )
        if callable(progress):
            progress(Progress(len(result), len(result.failed), len(edits), 0))
        return result

    def _path_of(self, rule: Any) -> Mapping[str, Any]:
        """Return the values of the placeholders in the path of a rule; for subclasses."""
        return {}

    def _one_by_one(self, edits: Sequence[Edit]) -> BulkResult:
        """Let each change wait in the batch around, or be shown by the dry run."""
        for record, payload in edits:
            fields = {each.wire: each.name for each in record._meta.fields.values()}
            for wire, value in payload.items():
                setattr(record, fields[wire], value)
            record.save(update_fields=[fields[wire] for wire in payload])
        return BulkResult(())


def ids_of(session: Session, model: Any, rows: Iterable[Any], what: str) -> list[Any]:
    """Return the ids of objects of a model, or ids as they are.

    Raises:
        InvalidValue: there are none, one was never saved or belongs to another account, or one
            is named twice.
    """
    ids: list[Any] = session.ids_of(model, rows, what)
    if not ids:
        raise InvalidValue(f"{what}() wants objects, or their ids, and got none")
    if len(set(ids)) < len(ids):
        twice = next(pk for pk in ids if ids.count(pk) > 1)
        raise InvalidValue(f"{what}() wants each once, and {twice!r} is there twice")
    return ids
