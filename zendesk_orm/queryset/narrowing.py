"""What is asked: each method returns a new QuerySet and makes no request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from attrs import evolve

from zendesk_orm.account import connections
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.query.custom import settled
from zendesk_orm.query.predicate import Condition, Every, both
from zendesk_orm.query.q import Q
from zendesk_orm.query.query import Query
from zendesk_orm.query.shape import Style, relations_of, shape
from zendesk_orm.schema.arguments import require_count, require_name, require_text
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import DEFAULT


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.queryset.queryset import QuerySet

R = TypeVar("R")
#: The class of the query itself; jedi understands no `Self` of a generic class.
S = TypeVar("S", bound="Narrowing[Any]")

#: A term of search that names a type.
_TYPED = re.compile(r"(^|\s)-?type:")


class Narrowing(Generic[R]):
    """A query of an account, and how it becomes another one."""

    def __init__(self, query: Query | None = None, alias: str | None = None) -> None:
        if query is None:
            name = type(self).__name__
            raise FieldError(f"a manager is declared by its class: objects = {name}.as_manager()")
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

    @property
    def _settled(self) -> Query:
        """The query in the account's own words; a request at first, for custom fields."""
        return settled(self._query, self._definitions)

    def _definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        return connections.session(self.db).definitions(meta, scope)

    def _with(self, query: Query) -> Self:
        return type(self)(query, self._alias)

    # -- which rows ----------------------------------------------------------

    def all(self: S) -> S:
        """Return the same rows, to be read anew."""
        return self._with(self._query)

    def none(self: S) -> S:
        """Return no rows, without a request."""
        return self._with(evolve(self._query, nothing=True))

    def filter(self: S, *q: Q, **lookups: Any) -> S:
        """Return the rows that match all lookups.

        Args:
            q: `Q` objects.
            lookups: `status="new"`, `created_at__gte=d`, `created_after=d`, `requester=ann`.

        Raises:
            FieldError: an unknown field or lookup.
            InvalidValue: a value that the field cannot have, or a naive datetime.
        """
        return self._filtered(Q(*q, **lookups), negated=False)

    def exclude(self: S, *q: Q, **lookups: Any) -> S:
        """Return the rows that do not match all lookups; rows without a value stay.

        Raises:
            FieldError: an unknown field or lookup.
            InvalidValue: a value that the field cannot have.
        """
        return self._filtered(Q(*q, **lookups), negated=True)

    def _filtered(self, q: Q, *, negated: bool) -> Self:
        self._unsliced("filter")
        return self._with(self._query.filtered(q, negated=negated))

    def complex_filter(self: S, filter_obj: Q | dict[str, Any]) -> S:
        """Return the rows that match a `Q` or a dictionary of lookups."""
        if isinstance(filter_obj, Mapping) and all(isinstance(each, str) for each in filter_obj):
            return self.filter(**filter_obj)
        return self.filter(filter_obj)  # type: ignore[arg-type] # anything else is rejected there

    def search(self: S, text: str) -> S:
        """Return the rows that hold all words, and all phrases in double quotes, of a text.

        A word matches whole words and the beginnings of words. Combine it with lookups:
        `Ticket.objects.search("printer on fire").filter(status="new").exclude(text="toner")`.

        Raises:
            InvalidValue: there is no word in the text.
        """
        return self.filter(text=text)

    def raw(
        self: S,
        raw_query: str,
        params: Any = (),
        translations: Any = None,
        using: str | None = None,
    ) -> S:
        """Return the rows that Zendesk's search finds by a text in its own language.

        It is sent as it is, and nothing is compared again: `raw("status:open priority>normal")`.

        Args:
            raw_query: the text.
            params, translations: of Django's; there is nothing to put in, or to rename.
            using: the account's alias.

        Raises:
            InvalidValue: there is no text, or it names a type of its own.
            FieldError: `params` or `translations` are given.

        Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
        """
        self._unsliced("filter")
        if params or translations:
            raise FieldError("raw() takes a text as it is, without params or translations")
        require_text("the text of raw(), in the language of search,", raw_query)
        if _TYPED.search(raw_query):
            raise InvalidValue("raw() gives rows of its model; account.search() those of any type")
        told = Condition("text", "raw", raw_query.strip())
        made = self._with(evolve(self._query, where=both(self._query.where, told)))
        return made if using is None else made.using(using)

    def distinct(self: S, *fields: str) -> S:
        """Return the first row of each value, or of each combination, of the fields.

        Without fields the rows are the same, as each comes once anyway; those of
        `values()` and `values_list()` come once each.

        Raises:
            FieldError: no such field.
        """
        self._unsliced("take distinct rows")
        names = fields or (self._query.shape.names if self._query.shape else ())
        return self._with(
            evolve(self._query, distinct=shape(self._query.meta, names, "tuple") if names else None)
        )

    # -- in which order ------------------------------------------------------

    def order_by(self: S, *fields: str | None) -> S:
        """Return the rows in the order of the fields, `-` for descending; no field, no order.

        Raises:
            FieldError: an unknown field. That no endpoint orders by it is told when it is read.
        """
        self._unsliced("order")
        return self._with(self._query.ordered(_named(fields)))

    def reverse(self: S) -> S:
        """Return the rows in the opposite order.

        Raises:
            FieldError: the rows are in no order.
        """
        if self._query.id_order:
            self._unsliced("reverse")
            return self._with(evolve(self._query, id_order=self._query.id_order[::-1]))
        if not self._query.order:
            raise FieldError("rows in no order have no reverse; call order_by() first")
        flipped = (n[1:] if n.startswith("-") else f"-{n}" for n in self._query.order)
        return self.order_by(*flipped)

    @property
    def ordered(self) -> bool:
        """Whether an order was asked for; `django.core.paginator` looks here."""
        return bool(self._query.order or self._query.id_order)

    # -- as what -------------------------------------------------------------

    def values(self, *fields: str) -> QuerySet[dict[str, Any]]:
        """Return each row as a dictionary of some fields, or of all.

        Zendesk sends whole rows all the same. `requester__name` brings requesters along.

        Raises:
            FieldError: no such field.
        """
        return self._shaped(fields, "dict")

    def values_list(self, *fields: str, flat: bool = False, named: bool = False) -> QuerySet[Any]:
        """Return each row as a tuple of some fields, or of all.

        Args:
            fields: names of fields.
            flat: give the bare values of the one field.
            named: give named tuples.

        Raises:
            FieldError: no such field; `flat` with several, or together with `named`.
        """
        if flat and named:
            raise FieldError("values_list() gives flat values or named tuples, not both")
        if flat and len(fields) != 1:
            raise FieldError("values_list(flat=True) wants one field")
        return self._shaped(fields, "flat" if flat else "named" if named else "tuple")

    def _shaped(self, fields: tuple[str, ...], style: Style) -> QuerySet[Any]:
        meta = self._query.meta
        made = shape(meta, fields, style)
        query = evolve(self._query, shape=made).including(relations_of(meta, made.names))
        return cast("QuerySet[Any]", self._with(query))

    def defer(self: S, *fields: str | None) -> S:
        """Return the same rows: Zendesk sends whole rows, and a field costs nothing until read.

        Raises:
            FieldError: no such field.
        """
        for name in _named(fields):
            self._query.meta.get_field(name)
        return self._with(self._query)

    def only(self: S, *fields: str) -> S:
        """Return the same rows: Zendesk sends whole rows, and a field costs nothing until read.

        Raises:
            FieldError: no such field.
        """
        return self.defer(*fields)

    def select_related(self: S, *relations: str | None) -> S:
        """Return the rows together with what these relations point to.

        It comes by side-loading where the endpoint can, and by one request for
        each hundred where it cannot.

        Args:
            relations: names of relations; a single None takes back those named before.

        Raises:
            FieldError: no such relation.
        """
        if None in relations:
            return self._with(evolve(self._query, related=()))
        names, rows = _named(relations), cast("Any", self)
        along = [name for name in names if hasattr(getattr(self.model, name, None), "read_along")]
        if along:
            rows = rows.prefetch_related(*along)
        found: S = rows._with(
            rows._query.including(tuple(each for each in names if each not in along))
        )
        return found

    def strict_loading(self: S) -> S:
        """Return the same rows; touching what was not loaded with them raises `LazyLoadRefused`.

        It holds for objects that come from this query, until another one gives them.
        """
        return self._with(evolve(self._query, strict=True))

    # -- how -----------------------------------------------------------------

    @property
    def db(self) -> str:
        """The account's name."""
        return self._alias or DEFAULT

    def using(self: S, alias: str) -> S:
        """Return the same query, asked of another account."""
        if alias is not None:
            require_text("using(), the alias of an account,", alias)
        return type(self)(self._query, alias)

    def fresh(self: S) -> S:
        """Return rows without the index's lag; for tickets, archived ones are left out."""
        return self._with(evolve(self._query, fresh=True))

    def page_size(self: S, rows: int) -> S:
        """Return the same rows, fetched so many to a page, at most what Zendesk allows."""
        require_count("page_size()", rows)
        return self._with(evolve(self._query, page_size=rows))

    def max_requests(self: S, number: int) -> S:
        """Return the same rows, refused before the first request if they would cost more."""
        require_count("max_requests()", number, least=0)
        return self._with(evolve(self._query, budget=number))

    def scan(self: S, limit: int | None = None) -> S:
        """Return the same rows although Zendesk cannot find just these: more are read.

        The rest is compared and ordered here. It changes nothing where an endpoint
        answers; `explain()` tells what is read.

        Args:
            limit: how many rows may be read; beyond it `ResultLimitExceeded` is raised.
        """
        if limit is not None:
            require_count("scan()", limit)
        return self._with(evolve(self._query, scan=True, scan_limit=limit))

    def _unsliced(self, what: str) -> None:
        if self._query.windowed:
            raise FieldError(f"cannot {what} once a slice has been taken; {what} first")

    def _bare(self) -> QuerySet[Any]:
        """Return the same rows as objects."""
        if self._query.shape is None:
            return cast("QuerySet[Any]", self)
        return cast("QuerySet[Any]", self._with(evolve(self._query, shape=None)))

    def _everything(self) -> bool:
        return self._query.where == Every() and not self._query.windowed


def _named(names: tuple[str | None, ...]) -> tuple[str, ...]:
    """Return the names that are given; None stands for none, as in Django."""
    return tuple(require_name(name) for name in names if name is not None)
