"""`async for`, and the `a...` twin of every method that makes requests.

There is no second path: each runs its method in a thread, in the session of the
task that awaits it, as Django's do.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, TypeVar

from attrs import evolve

from zendesk_orm.query.aggregates import Aggregate
from zendesk_orm.queryset.summing import Summing
from zendesk_orm.queryset.writing import Writing
from zendesk_orm.session.counted import Counted
from zendesk_orm.session.threads import threaded
from zendesk_orm.write.outcomes import BulkResult
from zendesk_orm.write.progress import Told


R = TypeVar("R")


class Asynchronous(Summing[R], Writing[R]):
    """A query for tasks of asyncio."""

    async def __aiter__(self) -> AsyncIterator[R]:
        """Yield the rows, and keep them for a second pass."""
        position = 0
        while position < len(self._records) or await threaded(self._session, self._pull, position):
            yield self._records[position]
            position += 1

    async def aiterator(self, chunk_size: int | None = None) -> AsyncIterator[R]:
        """Yield the rows, a page at a time, and keep none; see `iterator()`."""
        rows = self if chunk_size is None else self.page_size(chunk_size)
        stream = rows._pages(evolve(rows._query, streamed=True))

        def following() -> list[R] | None:
            return next(stream, None)

        while (page := await threaded(self._session, following)) is not None:
            for row in page:
                yield row

    async def aget(self, *q: Any, **lookups: Any) -> R:
        """Return the one row that matches; see `get()`."""
        return await threaded(self._session, self.get, *q, **lookups)

    async def afirst(self) -> R | None:
        """Return the first row, or None; see `first()`."""
        return await threaded(self._session, self.first)

    async def alast(self) -> R | None:
        """Return the last row, or None; see `last()`."""
        return await threaded(self._session, self.last)

    async def alatest(self, *fields: str) -> R:
        """Return the row that comes last; see `latest()`."""
        return await threaded(self._session, self.latest, *fields)

    async def aearliest(self, *fields: str) -> R:
        """Return the row that comes first; see `earliest()`."""
        return await threaded(self._session, self.earliest, *fields)

    async def acount(self) -> Counted:
        """Return the number of rows; see `count()`."""
        return await threaded(self._session, self.count)

    async def aexists(self) -> bool:
        """Tell whether there is any row; see `exists()`."""
        return await threaded(self._session, self.exists)

    async def acontains(self, obj: R) -> bool:
        """Tell whether the object is among the rows; see `contains()`."""
        return await threaded(self._session, self.contains, obj)

    async def ain_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "id"
    ) -> dict[Any, R]:
        """Return rows by id, or by another field; see `in_bulk()`."""
        return await threaded(self._session, self.in_bulk, id_list, field_name=field_name)

    async def aaggregate(self, *aggregates: Aggregate, **named: Aggregate) -> dict[str, Any]:
        """Return one value for each aggregate; see `aggregate()`."""
        return await threaded(self._session, self.aggregate, *aggregates, **named)

    async def acreate(self, **values: Any) -> R:
        """Make an object, save it and return it; see `create()`."""
        return await threaded(self._session, self.create, **values)

    async def aget_or_create(
        self, defaults: Mapping[str, Any] | None = None, **given: Any
    ) -> tuple[R, bool]:
        """Return the object that matches, or make it; see `get_or_create()`."""
        return await threaded(self._session, self.get_or_create, defaults, **given)

    async def aupdate_or_create(
        self,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> tuple[R, bool]:
        """Change the object that matches, or make it; see `update_or_create()`."""
        return await threaded(
            self._session, self.update_or_create, defaults, create_defaults, **given
        )

    async def abulk_create(  # noqa: PLR0913 - those of bulk_create()
        self,
        objs: Iterable[R],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,  # noqa: FBT001, FBT002 - as in Django
        update_conflicts: bool = False,  # noqa: FBT001, FBT002 - as in Django
        update_fields: Iterable[str] | None = None,
        unique_fields: Iterable[str] | None = None,
        *,
        progress: Told | bool | None = None,
        wait: bool = True,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Create any number of objects; see `bulk_create()`."""
        return await threaded(
            self._session,
            self.bulk_create,
            objs,
            batch_size,
            ignore_conflicts,
            update_conflicts,
            update_fields,
            unique_fields,
            progress=progress,
            wait=wait,
            raise_on_failure=raise_on_failure,
            timeout=timeout,
        )

    async def abulk_update(
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
        """Send what changed on each object; see `bulk_update()`."""
        return await threaded(
            self._session,
            self.bulk_update,
            objs,
            fields,
            batch_size,
            progress=progress,
            wait=wait,
            raise_on_failure=raise_on_failure,
            timeout=timeout,
        )

    async def aupdate(
        self,
        *,
        wait: bool = True,
        progress: Told | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
        **values: Any,
    ) -> BulkResult:
        """Make the same change to every row; see `update()`."""
        return await threaded(
            self._session,
            self.update,
            wait=wait,
            progress=progress,
            raise_on_failure=raise_on_failure,
            timeout=timeout,
            **values,
        )

    async def adelete(
        self,
        *,
        wait: bool = True,
        progress: Told | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Delete every row; see `delete()`."""
        return await threaded(
            self._session,
            self.delete,
            wait=wait,
            progress=progress,
            raise_on_failure=raise_on_failure,
            timeout=timeout,
        )
