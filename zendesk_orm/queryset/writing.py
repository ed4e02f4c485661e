"""Changes to rows: one by one, or all rows of a query through jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from zendesk_orm.errors import FieldError
from zendesk_orm.queryset.reading import Reading
from zendesk_orm.write import bulk
from zendesk_orm.write.outcomes import BulkResult


R = TypeVar("R")


class Writing(Reading[R]):
    """A query whose rows can be changed."""

    def create(self, **values: Any) -> R:
        """Make an object of the values, save it and return it.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s.
        """
        fixed = {} if self._query.windowed else {**self._query.meta.filter, **self._given()}
        record: Any = self.model(**{**fixed, **values})
        record.attach_to(self._session)
        record.save()
        made: R = record
        return made

    def bulk_create(self, objects: Iterable[R]) -> BulkResult:
        """Create any number of objects, a hundred to a job, and wait; each gets its id.

        Raises:
            BulkError: some failed, after all have run; `.result` has one outcome for each.
        """
        return bulk.create(self._session, self.model, objects)

    def bulk_update(self, objects: Iterable[R], fields: Iterable[str] | None = None) -> BulkResult:
        """Send what changed on each object, a hundred to a job, and wait.

        Args:
            objects: changed objects; unchanged ones cost nothing.
            fields: names of fields to send; all that changed by default.

        Raises:
            BulkError: some failed, after all have run; `.result` has one outcome for each.
        """
        return bulk.update(self._session, self.model, objects, fields)

    def update(self, **values: Any) -> BulkResult:
        """Make the same change to every row of the query, a hundred to a job, and wait.

        Returns:
            One outcome for each row; `int(result)` is the number of rows changed.

        Raises:
            BulkError: some failed, after all have run.
        """
        # Bad values are refused before the rows are read.
        self.model(**values)
        return bulk.update_alike(self._session, self.model, self._bare()._all(), values)

    def delete(self) -> BulkResult:
        """Delete every row of the query, a hundred to a job, and wait.

        Raises:
            BulkError: some failed, after all have run.
            FieldError: nothing was asked, not even `.all()`: as in Django, deleting every
                row has to be said in so many words.
        """
        if self._root:
            raise FieldError("a manager does not delete; say .all().delete(), or filter() first")
        return bulk.delete(self._session, self.model, self._bare()._all())

    def _given(self) -> dict[str, Any]:
        """Return what the query says of every row that is made through it: its relations."""
        relations = self._query.meta.relations
        return {name: value for name, value in self._query.fixed.items() if name in relations}
