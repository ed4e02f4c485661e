"""What is asked: each method returns a new QuerySet and makes no request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from attrs import evolve

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.query.q import Q
from zendesk_orm.query.query import Query
from zendesk_orm.schema.record import DEFAULT


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.queryset.queryset import QuerySet

R = TypeVar("R")


class Narrowing(Generic[R]):
    """A query of an account, and how it becomes another one."""

    def __init__(self, query: Query, alias: str | None = None) -> None:
        self._query = query
        self._alias = alias

    @property
    def model(self) -> type[R]:
        """The model of the rows."""
        model: type[R] = self._query.model
        return model

    @property
    def query(self) -> Query:
        """What is asked, as a value."""
        return self._query

    def _with(self, query: Query) -> QuerySet[R]:
        return cast("QuerySet[R]", type(self)(query, self._alias))

    def all(self) -> QuerySet[R]:
        """Return the same rows, to be read anew."""
        return self._with(self._query)

    def none(self) -> QuerySet[R]:
        """Return no rows, without a request."""
        return self._with(evolve(self._query, nothing=True))

    def filter(self, *q: Q, **lookups: Any) -> QuerySet[R]:
        """Return the rows that match all lookups.

        Args:
            q: `Q` objects.
            lookups: `status="new"`, `created_at__gte=d`, `created_after=d`, `requester=ann`.

        Raises:
            FieldError: an unknown field or lookup.
            InvalidValue: a value that the field cannot have, or a naive datetime.
        """
        return self._filtered(Q(*q, **lookups), negated=False)

    def exclude(self, *q: Q, **lookups: Any) -> QuerySet[R]:
        """Return the rows that do not match all lookups; rows without a value stay.

        Raises:
            FieldError: an unknown field or lookup.
            InvalidValue: a value that the field cannot have.
        """
        return self._filtered(Q(*q, **lookups), negated=True)

    def _filtered(self, q: Q, *, negated: bool) -> QuerySet[R]:
        self._unsliced("filter")
        return self._with(self._query.filtered(q, negated=negated))

    def order_by(self, *fields: str) -> QuerySet[R]:
        """Return the rows in the order of the fields, `-` for descending; no field, no order.

        Raises:
            FieldError: an unknown field. That no endpoint orders by it is told when it is read.
        """
        self._unsliced("order")
        return self._with(self._query.ordered(fields))

    def reverse(self) -> QuerySet[R]:
        """Return the rows in the opposite order.

        Raises:
            FieldError: the rows are in no order.
        """
        if not self._query.order:
            raise FieldError("rows in no order have no reverse; call order_by() first")
        flipped = (n[1:] if n.startswith("-") else f"-{n}" for n in self._query.order)
        return self.order_by(*flipped)

    def select_related(self, *relations: str) -> QuerySet[R]:
        """Return the rows together with what these relations point to.

        It comes by side-loading where the endpoint can, and by one request for
        each hundred where it cannot.

        Raises:
            FieldError: no such relation.
        """
        return self._with(self._query.including(relations))

    def search(self, text: str) -> QuerySet[R]:
        """Return the rows that hold all words, and all phrases in double quotes, of a text.

        A word matches whole words and the beginnings of words. Combine it with lookups:
        `Ticket.objects.search("printer on fire").filter(status="new").exclude(text="toner")`.

        Raises:
            InvalidValue: there is no word in the text.
        """
        return self.filter(text=text)

    def complex_filter(self, filter_obj: Q | dict[str, Any]) -> QuerySet[R]:
        """Return the rows that match a `Q` or a dictionary of lookups."""
        return self.filter(filter_obj) if isinstance(filter_obj, Q) else self.filter(**filter_obj)

    def distinct(self, *fields: str) -> QuerySet[R]:
        """Return the same rows: each comes once anyway.

        Raises:
            FieldError: fields are named; keep the first of each by hand, over `iterator()`.
        """
        if fields:
            raise FieldError("distinct() takes no fields: rows are distinct by id, always")
        return self._with(self._query)

    @property
    def ordered(self) -> bool:
        """Whether an order was asked for; `django.core.paginator` looks here."""
        return bool(self._query.order)

    @property
    def db(self) -> str:
        """The account's name."""
        return self._alias or DEFAULT

    def fresh(self) -> QuerySet[R]:
        """Return rows without the index's lag; for tickets, archived ones are left out."""
        return self._with(evolve(self._query, fresh=True))

    def page_size(self, rows: int) -> QuerySet[R]:
        """Return the same rows, fetched so many to a page, at most what Zendesk allows."""
        if rows < 1:
            raise InvalidValue(f"page_size wants at least 1, not {rows}")
        return self._with(evolve(self._query, page_size=rows))

    def scan(self, limit: int | None = None) -> QuerySet[R]:
        """Return the same rows although Zendesk cannot find just these: more are read.

        The rest is compared and ordered here. It changes nothing where an endpoint
        answers; `explain()` tells what is read.

        Args:
            limit: how many rows may be read; beyond it `ResultLimitExceeded` is raised.
        """
        if limit is not None and limit < 1:
            raise InvalidValue(f"scan wants a limit of at least 1, not {limit}")
        return self._with(evolve(self._query, scan=True, scan_limit=limit))

    def max_requests(self, number: int) -> QuerySet[R]:
        """Return the same rows, refused before the first request if they would cost more."""
        return self._with(evolve(self._query, budget=number))

    def using(self, alias: str) -> Self:
        """Return the same query, asked of another account."""
        return type(self)(self._query, alias)

    def _unsliced(self, what: str) -> None:
        if self._query.windowed:
            raise FieldError(f"cannot {what} once a slice has been taken; {what} first")
