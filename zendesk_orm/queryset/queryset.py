"""`QuerySet`, a lazy, chainable query, and `Manager`, the class of `Model.objects`."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import partial
from html import escape
from operator import length_hint
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeVar, cast, overload

from attrs import evolve

from zendesk_orm.account import connections
from zendesk_orm.errors import (
    FieldError,
    InvalidValue,
    NoEndpoint,
    ResultLimitExceeded,
    UnexpectedValue,
    ZendeskError,
)
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.clock import RequestLock, is_of_earlier_call
from zendesk_orm.http.values import plain, require_bool, to_text
from zendesk_orm.messages import display, shorten
from zendesk_orm.plan.plan import Plan, UnionPlan
from zendesk_orm.progress import ProgressCallback, resolve_progress
from zendesk_orm.query.aggregates import Aggregate, Avg, Count, Max, Min, Sum, build_reader, compute
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.counted import Counted
from zendesk_orm.query.custom import find_definitions, resolve_order
from zendesk_orm.query.keywords import EXPORT_LOOKUP
from zendesk_orm.query.operators import reject_operators
from zendesk_orm.query.predicate import (
    And,
    Condition,
    Predicate,
    Subquery,
    conjoin,
    disjoin,
    negate,
)
from zendesk_orm.query.projection import Style, build_projection, relations_of
from zendesk_orm.query.q import Q
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.asynchronous import asynchronous
from zendesk_orm.queryset.checkpoints import (
    CheckpointStore,
    ProcessedPages,
    StoredPlace,
    require_export,
)
from zendesk_orm.queryset.exporting import ExportMixin
from zendesk_orm.queryset.grouping import Groups, check_annotations
from zendesk_orm.queryset.iteration import (
    AsyncPagedIterator,
    AsyncRowIterator,
    PagedIterator,
    RowIterator,
    set_moment,
)
from zendesk_orm.queryset.prefetching import Prefetch, normalize_lookups, prefetch
from zendesk_orm.queryset.writing import WritingMixin
from zendesk_orm.schema.accounts import require_many, require_object, require_own
from zendesk_orm.schema.arguments import (
    require_count,
    require_model,
    require_name,
    require_text,
)
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.source import DEFAULT, source_of
from zendesk_orm.session.budget import limit_stream
from zendesk_orm.session.evaluation import observe, observe_pages, report_pages
from zendesk_orm.session.lists.bookmarks import Bookmark
from zendesk_orm.session.lists.interruptions import RecordPage, attempt, make_failed_records
from zendesk_orm.session.lists.positions import decode_token
from zendesk_orm.session.lookups import read_together
from zendesk_orm.session.parallel import fetch_in_parallel
from zendesk_orm.session.planning import ZENDESK, Planning, explain_unconnected
from zendesk_orm.session.resuming import digest_for, find_start, require_beginning
from zendesk_orm.session.session import Session
from zendesk_orm.session.single_flight import call_with_pages
from zendesk_orm.session.threads import run_in_thread
from zendesk_orm.signals import query_finished, query_started


R = TypeVar("R")
M = TypeVar("M")
#: The class of the query itself, and of the manager itself; jedi does not understand `Self` in a
#: generic class.
S = TypeVar("S", bound="QuerySet[Any]")
ManagerT = TypeVar("ManagerT", bound="Manager[Any]")

#: A term of search text that names a type.
_TYPE_TERM = re.compile(r"(^|\s)-?type:")
#: Types of values that can be added up; a custom field may hold any.
_NUMERIC_KINDS = frozenset({"int", "float", "Any"})
_DATE_PERIODS = ("year", "month", "week", "day")
_DATETIME_PERIODS = (*_DATE_PERIODS, "hour", "minute", "second")


class AbstractModelError(FieldError, AttributeError):
    """Error for the manager of an abstract model; an `AttributeError`, too, as in Django."""


class DefaultManagerDescriptor:
    """Descriptor for `Model.objects`: returns a new manager whenever the class attribute is read.

    Args:
        manager_class: the class of the manager, a subclass of `QuerySet`.
    """

    def __init__(self, manager_class: type[Any]) -> None:
        self._manager_class = manager_class
        self._name = "objects"

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def contribute_to_class(self, cls: type, name: str) -> None:
        """Assign the descriptor to an attribute of a class, as `cls.name = ...` does.

        Raises:
            InvalidValue: `cls` is not a model class, or `name` is not a name.
        """
        require_model("contribute_to_class(): cls", cls)
        require_text("contribute_to_class(): name", name)
        self.__set_name__(cls, name)
        setattr(cls, name, self)

    @overload
    def __get__(self, record: None, owner: type[R]) -> Manager[R]: ...
    @overload
    def __get__(self, record: object, owner: type[Any]) -> Self: ...
    def __get__(self, record: object | None, owner: type[Any]) -> Any:
        """Return a manager of the class.

        Raises:
            AttributeError: read from an instance, as in Django.
            FieldError: the class is abstract; also an AttributeError.
        """
        if record is not None:
            raise AttributeError(
                f"{self._name} is an attribute of {owner.__name__}, not of its instances"
            )
        return self._manager_class._for_model(owner)


class ManagerDescriptor(DefaultManagerDescriptor, Generic[M]):
    """Descriptor for a manager of another class than `Manager`, which type checkers see as `M`."""

    if TYPE_CHECKING:

        @overload  # type: ignore[override] # another class than Manager
        def __get__(self, record: None, owner: type[Any]) -> M: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride] # another class
            self, record: object | None, owner: type[Any]
        ) -> Any: ...


@reject_operators(
    arithmetic="combine rows by union() and difference(), or lists, as in [*one, *two]",
    comparisons="compare the rows, as in set(one) <= set(two)",
    logical="combine two QuerySets of a model, and conditions in filter()",
    inversion="exclude rows by conditions, as in exclude(status='new')",
)
class QuerySet(WritingMixin[R], ExportMixin):
    """Lazy, chainable query for the rows of a model.

    Building a query makes no request. Iterating fetches pages as they are needed and caches
    their objects, so that a second iteration is free. `repr()` never makes a request.

    >>> tickets = Ticket.objects.filter(status="new").order_by("-created_at")
    >>> tickets.count()
    35
    >>> [ticket.subject for ticket in tickets[:2]]
    ['Printer 2999 is on fire', 'Export of report 2992 fails']

    A subclass adds methods, and becomes the manager of a model with `as_manager()`:
    `class Ticket(Model): objects = TicketQuerySet.as_manager()`.
    """

    #: Whether this is a manager, `Model.objects` or a relation, rather than a query made from one.
    _is_manager = False
    #: The class name in `repr()`; the real one by default.
    _repr_name: ClassVar[str | None] = None
    #: The most requests that are sent at the same time to read the rows once.
    _parallel = 1

    def __init__(self, query: Query | None = None, using: str | None = None) -> None:
        if query is None:
            name = type(self).__name__
            raise FieldError(f"a manager is declared by its class: objects = {name}.as_manager()")
        self._query = query
        self._db = using
        self._prefetch_related_lookups: tuple[Prefetch, ...] = ()
        # Where the checkpoints of an export are stored.
        self._stored: StoredPlace | None = None
        self._processed: ProcessedPages | None = None
        self._result_cache: list[R] = []
        self._is_complete = False
        self._page_iterator: Iterator[RecordPage[R]] | None = None
        # The pages that were read by it, and the query that it reads.
        self._pages_read: list[RecordPage[R]] = []
        self._query_read: Query | None = None
        # The process that reads the pages.
        self._process = 0

    @classmethod
    def as_manager(cls: type[S]) -> ManagerDescriptor[S]:
        """Return the descriptor that makes this class the manager of a model."""
        return ManagerDescriptor(cls)

    @classmethod
    def _for_model(
        cls: type[S], model: Any, query: Query | None = None, using: str | None = None
    ) -> S:
        """Return a manager of a model.

        Args:
            model: the model.
            query: the rows of the manager; all rows by default.
            using: the alias of the account.

        Raises:
            FieldError: the model is abstract; also an AttributeError.
        """
        if model._meta.abstract:
            raise AbstractModelError(
                f"{model._meta.object_name} is abstract; only its subclasses have rows"
            )
        manager = cls(Query.of(model) if query is None else query, using)
        manager._is_manager = True
        manager._apply_get_queryset()
        return manager

    def _apply_get_queryset(self) -> None:
        """Narrow the rows of a manager; `Manager` calls an overridden `get_queryset()` here."""

    # -- attributes -----------------------------------------------------------

    @property
    def model(self) -> type[R]:
        """The model of the rows."""
        model: type[R] = self._query.model
        return model

    @property
    def query(self) -> Query:
        """The query as an immutable value."""
        return self._query

    @property
    def db(self) -> str:
        """The alias of the account that is queried."""
        return self._db or DEFAULT

    @property
    def ordered(self) -> bool:
        """Whether the rows have an order; `django.core.paginator` reads this."""
        return bool(self._query.order or self._query.id_order)

    @property
    def plan(self) -> Plan | UnionPlan:
        """The requests that fetch the rows.

        Makes a request if the query names custom fields whose definitions are not cached yet.

        Raises:
            NoEndpoint: no endpoint can answer the query; the message lists the reasons.
        """
        chosen: Plan | UnionPlan = self._planning.plan(self._resolved_query)
        return chosen

    @property
    def _planning(self) -> Planning:
        return self._session.planning if self.db in connections else ZENDESK

    @property
    def _session(self) -> Session:
        return connections.session(self.db)

    @property
    def _resolved_query(self) -> Query:
        """The query with the account's ids of custom fields; makes a request to look them up."""
        return self._beginning.resolve_custom_fields(self._get_definitions)

    @property
    def _beginning(self) -> Query:
        """The query that begins at the stored checkpoint, if there is one."""
        return self._query if self._stored is None else self._stored.begin(self._query)

    def _get_definitions(self, meta: Options, scope: Mapping[str, Any]) -> Definitions:
        return connections.session(self.db).definitions(meta, scope)

    # -- filtering -------------------------------------------------------------

    def all(self: S) -> S:
        """Return a copy of the query, without its cached rows; prefetched rows are kept."""
        queryset = self._chain(self._query)
        if self._is_manager and self._is_complete:
            queryset._set_result_cache(self._result_cache)
        return queryset

    def none(self: S) -> S:
        """Return a query without rows, which makes no request."""
        return self._chain(evolve(self._query, nothing=True))

    def filter(self: S, *q: Q, **lookups: Any) -> S:
        """Return the rows that match all lookups.

        Args:
            q: `Q` objects.
            lookups: `status="new"`, `created_at__gte=d`, `created_after=d`, `requester=ann`.

        Raises:
            FieldError: a field or a lookup does not exist.
            InvalidValue: a value is not valid for its field, or a datetime is naive.
        """
        self._require_no_slice("filter")
        return self._chain(self._query.filter(Q(*q, **lookups)))

    def exclude(self: S, *q: Q, **lookups: Any) -> S:
        """Return the rows that do not match all lookups, including rows without a value.

        Raises:
            FieldError: a field or a lookup does not exist.
            InvalidValue: a value is not valid for its field.
        """
        self._require_no_slice("filter")
        return self._chain(self._query.filter(Q(*q, **lookups), negated=True))

    def complex_filter(self: S, filter_obj: Q | dict[str, Any]) -> S:
        """Return the rows that match a `Q` object or a dictionary of lookups."""
        if isinstance(filter_obj, Mapping) and all(isinstance(key, str) for key in filter_obj):
            return self.filter(**filter_obj)
        return self.filter(filter_obj)  # type: ignore[arg-type] # filter() rejects other types

    def search(self: S, text: str) -> S:
        """Return the rows that contain all words, and all quoted phrases, of a text.

        A word matches whole words and beginnings of words. Combine the search with lookups:
        `Ticket.objects.search("printer on fire").filter(status="new").exclude(text="toner")`.

        Raises:
            InvalidValue: the text contains no word.
        """
        return self.filter(text=text)

    def changed_since(
        self: S,
        moment: datetime | timedelta | float | str | Checkpoint,
        *,
        support_type: str | None = None,
        exclude_deleted: bool | None = None,
    ) -> S:
        """Return the rows that changed since a moment, in the order of their changes.

        They are those of Zendesk's incremental export, which contains archived and deleted rows
        (`is_deleted`) but not the changes of the last minute. A row that changes while the rows are
        read is returned again. To continue later, in any process, pass the `checkpoint` of the
        rows or of their iterator, or use `resume_from()`.

        Args:
            moment: an aware datetime, seconds since 1970, a `timedelta` before now, a `Checkpoint`
                or its text.
            support_type: for tickets, `"all"` (the default), `"agent"` or `"ai_agent"`. Zendesk's
                own default leaves out the tickets of AI agents.
            exclude_deleted: True to leave out deleted rows.

        Raises:
            FieldError: Zendesk has no export of the model, or not with such a parameter.
            InvalidValue: the datetime is naive, or the value is no moment; when the rows are
                fetched: the moment is in the future, or the checkpoint is that of another export
                or account.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
        """
        lookups = {
            EXPORT_LOOKUP: moment,
            "support_type_scope": support_type,
            "exclude_deleted": exclude_deleted,
        }
        return self.filter(**require_export(self._query.meta, lookups))

    def resume_from(self: S, store: CheckpointStore, name: str) -> S:
        """Return the rows of an export that earlier iterations did not process.

        ::

            store = FileCheckpointStore("exports.json")
            changed = Ticket.objects.changed_since(0).resume_from(store, "tickets")
            for ticket in changed.iterator():
                copy(ticket)

        The iteration begins at the stored checkpoint, or at the moment of `changed_since()` if
        there is none. The checkpoint of a page is stored when the row after its last one is
        requested. A process that was killed therefore loses no row, and the next one repeats the
        rows of one page at most.

        Args:
            store: a `CheckpointStore`.
            name: the name of the checkpoint in the store.

        Raises:
            FieldError: the query is not that of an export.
            InvalidValue: `store` is not a store, or the name is empty.
        """
        queryset = self._chain(self._query)
        queryset._stored = StoredPlace.of(store, name, self._query)
        return queryset

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The place up to which the rows of an export were processed: `changed_since(checkpoint)`.

        It moves to the end of a page when a loop requests the row after its last one; at first, it
        is the place at which the export begins. None if the query is not that of one export.
        """
        processed = None if self._processed is None else self._processed.checkpoint
        if processed is None and self._query.is_export:
            return find_start(self._session, set_moment(self._beginning, self._session))
        return processed

    def raw(
        self: S,
        raw_query: str,
        params: Any = (),
        translations: Any = None,
        using: str | None = None,
    ) -> S:
        """Return the rows that match a text in Zendesk's search language.

        The text is sent unchanged, and its results are not checked again:
        `raw("status:open priority>normal")`.

        Args:
            raw_query: the search text.
            params, translations: exist for compatibility with Django, and must be empty.
            using: the alias of the account.

        Raises:
            InvalidValue: the text is empty or contains `type:`.
            FieldError: `params` or `translations` are not empty.

        Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
        """
        self._require_no_slice("filter")
        if params or translations:
            raise FieldError("raw() does not support params and translations; format the text")
        require_text("the text of raw(), in the language of search,", raw_query)
        if _TYPE_TERM.search(raw_query):
            raise InvalidValue(
                "raw() returns rows of its model: leave out type:, or use account.search(), which "
                "searches all types"
            )
        condition = Condition("text", "raw", to_text(raw_query).strip())
        queryset = self._chain(evolve(self._query, where=conjoin(self._query.where, condition)))
        return queryset if using is None else queryset.using(using)

    def distinct(self: S, *fields: str) -> S:
        """Return the first row of each combination of values of the fields.

        Without fields, duplicate results of `values()` and `values_list()` are removed; queries
        for objects never return a row twice.

        Raises:
            FieldError: a field does not exist.
        """
        self._require_no_slice("call distinct()")
        names = fields or (self._query.projection.names if self._query.projection else ())
        distinct = build_projection(self._query.meta, names, "tuple") if names else None
        return self._chain(evolve(self._query, distinct=distinct))

    # -- ordering --------------------------------------------------------------

    def order_by(self: S, *fields: str | None) -> S:
        """Return the rows in the order of the fields (`-` for descending), or in no order.

        Raises:
            FieldError: a field does not exist. An order that no endpoint supports raises
                `NoEndpoint` when the rows are fetched.
        """
        self._require_no_slice("order")
        return self._chain(self._query.order_by(_without_none(fields)))

    def reverse(self: S) -> S:
        """Return the rows in the opposite order.

        Raises:
            FieldError: the query has no order.
        """
        if self._query.id_order:
            self._require_no_slice("reverse")
            return self._chain(evolve(self._query, id_order=self._query.id_order[::-1]))
        if not self._query.order:
            raise FieldError("a query without an order cannot be reversed; call order_by() first")
        flipped = (n[1:] if n.startswith("-") else f"-{n}" for n in self._query.order)
        return self.order_by(*flipped)

    # -- form of the rows ------------------------------------------------------

    def values(self, *fields: str) -> QuerySet[dict[str, Any]]:
        """Return each row as a dictionary of some fields, or of all fields.

        Zendesk sends complete rows anyway. `requester__name` side-loads the requesters.

        Raises:
            FieldError: a field does not exist.
        """
        return self._with_shape(fields, "dict")

    def values_list(self, *fields: str, flat: bool = False, named: bool = False) -> QuerySet[Any]:
        """Return each row as a tuple of some fields, or of all fields.

        Args:
            fields: names of fields.
            flat: return the bare values of a single field.
            named: return named tuples.

        Raises:
            FieldError: a field does not exist; `flat` with several fields or with `named`.
        """
        require_bool("values_list(): flat", flat)
        require_bool("values_list(): named", named)
        if flat and named:
            raise FieldError("values_list() accepts either flat=True or named=True, not both")
        if flat and len(fields) != 1:
            raise FieldError("values_list(flat=True) must be called with one field")
        return self._with_shape(fields, "flat" if flat else "named" if named else "tuple")

    def _with_shape(self, fields: tuple[str, ...], style: Style) -> QuerySet[Any]:
        meta = self._query.meta
        row_shape = build_projection(meta, fields, style)
        query = evolve(self._query, projection=row_shape)
        return cast(
            "QuerySet[Any]", self._chain(query.select_related(relations_of(meta, row_shape.names)))
        )

    def _as_objects(self) -> QuerySet[Any]:
        """Return the same query for objects, if it is one for values."""
        if self._query.projection is None:
            return self
        return self._chain(evolve(self._query, projection=None))

    def defer(self: S, *fields: str | None) -> S:
        """Return the same query; a database reads these fields when they are first used.

        Zendesk sends complete rows. Files and tables have no columns for these fields: see
        `export()`.

        Raises:
            FieldError: a field does not exist.
        """
        names = _without_none(fields)
        for name in names:
            self._query.meta.get_field(name)
        return self._chain(evolve(self._query, columns=self._query.columns.defer(names)))

    def only(self: S, *fields: str) -> S:
        """Return the same query; a database reads other fields when they are first used.

        Zendesk sends complete rows. Files and tables have these columns only: see `export()`.

        Raises:
            FieldError: a field does not exist.
        """
        for name in fields:
            self._query.meta.get_field(name)
        return self._chain(evolve(self._query, columns=self._query.columns.only(fields)))

    # -- related objects ---------------------------------------------------------

    def select_related(self: S, *relations: str | None) -> S:
        """Return the rows together with the objects of some relations.

        The objects are side-loaded if the endpoint supports it; otherwise a request fetches
        up to a hundred of them.

        Args:
            relations: names of relations; a single None removes those of earlier calls.

        Raises:
            FieldError: a relation does not exist.
        """
        if None in relations:
            return self._chain(evolve(self._query, related=()))
        names = _without_none(relations)
        prefetched = [
            name for name in names if hasattr(getattr(self.model, name, None), "read_along")
        ]
        queryset: Any = self.prefetch_related(*prefetched) if prefetched else self
        selected = tuple(name for name in names if name not in prefetched)
        result: S = queryset._chain(queryset._query.select_related(selected))
        return result

    def prefetch_related(self: S, *lookups: str | Prefetch | None) -> S:
        """Return the rows together with the objects of relations to one or to many.

        A request fetches up to a hundred related rows; if Zendesk only has a list for each
        object (`comments`), each object takes one request.

        Args:
            lookups: relations (`requester`, `comments`, `organization__users`), or `Prefetch`
                objects; a single None removes those of earlier calls.

        Raises:
            FieldError: a relation does not exist.
        """
        names = [lookup for lookup in lookups if lookup is not None]
        combined = (*self._prefetch_related_lookups, *normalize_lookups(self._query.meta, names))
        prefetched = () if None in lookups else combined
        plain_lookups = (item.lookup for item in prefetched if item.queryset is None)
        embedded = tuple(name for name in plain_lookups if "__" not in name)
        queryset = self._chain(evolve(self._query, embedded=embedded))
        queryset._prefetch_related_lookups = prefetched
        return queryset

    def strict_loading(self: S) -> S:
        """Return the same rows; reading a relation that was not loaded raises `LazyLoadRefused`.

        It applies to the objects of this query until another query returns them.
        """
        return self._chain(evolve(self._query, strict=True))

    # -- requests ----------------------------------------------------------------

    def using(self: S, alias: str) -> S:
        """Return the same query for another account."""
        if alias is not None:
            require_text("using(), the alias of an account,", alias)
        queryset = type(self)(self._query, alias)
        queryset._stored = self._stored
        return queryset

    def fresh(self: S) -> S:
        """Return the rows from lists, which do not lag; lists of tickets omit archived ones."""
        return self._chain(evolve(self._query, fresh=True))

    def page_size(self: S, rows: int) -> S:
        """Return the same query with a number of rows per page, limited by Zendesk's maximum."""
        require_count("page_size()", rows)
        return self._chain(evolve(self._query, page_size=rows))

    def max_requests(self: S, number: int) -> S:
        """Return the same query, which raises `RequestBudgetExceeded` if it needs more requests.

        If the number of requests is known, the error is raised before the first one.
        """
        require_count("max_requests()", number, least=0)
        return self._chain(evolve(self._query, budget=number))

    def scan(self: S, limit: int | None = None) -> S:
        """Return the same query, which may read more rows than match.

        Conditions and orders that Zendesk does not support are then applied client-side. If an
        endpoint supports the query, nothing changes; `explain()` shows the rows that are read.

        Args:
            limit: the number of rows that may be read; more raise `ResultLimitExceeded`.
        """
        if limit is not None:
            require_count("scan()", limit)
        return self._chain(evolve(self._query, scan=True, scan_limit=limit))

    def explain(self, *, format: str | None = None) -> str:
        """Return the requests of the query, their cost, and why other endpoints were not used.

        A relative time, such as `created_after=timedelta(days=30)`, is shown as the time that
        would be sent now.

        Raises:
            FieldError: the format is not text.
        """
        if format not in (None, "text"):
            raise FieldError(
                f"explain() supports the format 'text', not {display(format)}; use .plan"
            )
        query = self._resolved_query
        if self.db in connections:
            text = self._planning.explain(self._session, query)
        else:
            text = explain_unconnected(query)
        lines = (
            f"then prefetches {lookup.lookup}, by requests that the cost does not include"
            for lookup in self._prefetch_related_lookups
        )
        return "\n".join((text, *lines))

    async def aexplain(self, *, format: str | None = None) -> str:
        """Return the result of `explain()`, without a thread: it seldom makes a request."""
        return self.explain(format=format)

    # -- set operations ------------------------------------------------------------

    def union(self: S, *others: QuerySet[R], all: bool = False) -> S:  # noqa: A002 - Django's name
        """Return the rows of any of the queries, each once.

        Raises:
            FieldError: a query is for another model or account; `all=True`.
        """
        if require_bool("union(): all", all):
            raise FieldError("union(all=True) is not supported: it returns duplicates; add lists")
        queries = [self._query, *self._require_combinable(others)]
        wheres = [self._predicate_of(query) for query in queries if not query.nothing]
        if not wheres:
            return self.none()
        return self._combine(And() if And() in wheres else disjoin(tuple(wheres)), queries)

    def intersection(self: S, *others: QuerySet[R]) -> S:
        """Return the rows that all queries have in common.

        Raises:
            FieldError: a query is for another model or account.
        """
        queries = [self._query, *self._require_combinable(others)]
        if any(query.nothing for query in queries):
            return self.none()
        where: Predicate = And()
        for query in queries:
            where = conjoin(where, self._predicate_of(query))
        return self._combine(where, queries)

    def difference(self: S, *others: QuerySet[R]) -> S:
        """Return the rows of this query that are not in the others.

        If no endpoint can exclude them, their ids are fetched first.

        Raises:
            FieldError: a query is for another model or account.
        """
        queries = [query for query in self._require_combinable(others) if not query.nothing]
        if self._query.nothing or any(self._predicate_of(query) == And() for query in queries):
            return self.none()
        where = self._predicate_of(self._query)
        for query in queries:
            narrowed = conjoin(where, negate(self._predicate_of(query)))
            if not self._planning.can_answer(self._combine(narrowed)._resolved_query):
                narrowed = conjoin(where, negate(_id_predicate(query)))
            where = narrowed
        return self._combine(where, [self._query, *queries])

    def __or__(self: S, other: QuerySet[R]) -> S:
        return self.union(other)

    def __and__(self: S, other: QuerySet[R]) -> S:
        return self.intersection(other)

    def __xor__(self: S, other: QuerySet[R]) -> S:
        self._require_combinable((other,))
        return self.difference(other).union(other.difference(self))

    def _combine(self: S, where: Predicate, queries: Iterable[Query] = ()) -> S:
        """Return the query for a predicate, with the owners of the objects in some queries."""
        owners = tuple(owner for query in queries for owner in query.owners)
        return self._chain(
            evolve(
                self._query,
                where=where,
                start=0,
                stop=None,
                distinct=None,
                nothing=False,
                owners=owners,
            )
        )

    def _require_combinable(self, others: Iterable[Any]) -> list[Query]:
        """Return the queries of some QuerySets.

        Raises:
            FieldError: a query is for another model, account or moment.
        """
        for other in others:
            if not isinstance(other, QuerySet):
                hint = "; conditions are combined in filter()" if isinstance(other, Q) else ""
                raise FieldError(
                    f"only a QuerySet of {self.model.__name__} can be combined with this one, "
                    f"not {display(other)}{hint}"
                )
            same = source_of(other.db).account_identity == source_of(self.db).account_identity
            if other.model is not self.model or not same:
                raise FieldError(
                    f"queries of {self.model.__name__} in {display(self.db)} and of "
                    f"{other.model.__name__} in {display(other.db)} cannot be combined: both must "
                    "have the same model and account"
                )
            if other._query.as_of != self._query.as_of:
                raise FieldError(
                    f"{self._query} and {other._query} are for different moments, and cannot be "
                    "combined; compare ids: filter(id__in=...)"
                )
        return [other._query for other in others]

    def _predicate_of(self, query: Query) -> Predicate:
        """Return the predicate that the rows of a query match; for a slice, one of their ids."""
        is_predicate = not query.windowed and query.distinct is None
        if is_predicate and query.fresh == self._query.fresh:
            return query.where
        return _id_predicate(query)

    # -- fetching ------------------------------------------------------------------

    def __iter__(self) -> Iterator[R]:
        """Yield the rows, and cache them; fetches a page when it is needed."""
        return iter(self._result_cache) if self._is_complete else _CachedRows(self)

    def iterator(
        self,
        chunk_size: int | None = None,
        *,
        parallel: int = 1,
        progress: ProgressCallback | bool | None = None,
    ) -> RowIterator[R]:
        """Yield the rows, a page at a time, without caching them.

        If a request fails, the next `next()` continues with the page that failed. To continue in
        another process, store `resume_token` of the iterator, or `resume` of the error, and pass
        it to `resume()`.

        With `parallel`, a list is read by page numbers, and an export or a search is divided by
        `created_at`, after two requests for its ends. Each row is returned once, in the same order.

        Args:
            chunk_size: the rows per page, limited by Zendesk's maximum, which is the default.
            parallel: the maximum number of requests that are sent at the same time.
            progress: a function that is called with a `Progress` after each page; True shows a
                bar. The total is None until the end if Zendesk does not report it.

        Raises:
            InvalidValue: `progress` is not a function, or `parallel` is not a number above 0.
                When the rows are fetched: with `parallel`, after `resume()`.
            NoEndpoint: with `parallel`, the result cannot be split.
            ResultLimitExceeded: with `parallel`, a list has more rows than its numbered pages.
        """
        require_count("iterator(parallel=)", parallel, least=1)
        rows = self._chain(self._query) if chunk_size is None else self.page_size(chunk_size)
        rows._parallel = parallel
        callback = resolve_progress(progress)

        def begin(query: Query) -> Iterator[RecordPage[R]]:
            pages = rows._iter_pages(query)
            if callback is None:
                return pages
            return report_pages(self._session, query, pages, callback)

        query = evolve(rows._query, streamed=True)
        return RowIterator(begin, query, lambda: self._session, self._stored)

    def aiterator(
        self,
        chunk_size: int | None = None,
        *,
        parallel: int = 1,
        progress: ProgressCallback | bool | None = None,
    ) -> AsyncRowIterator[R]:
        """Yield the rows, a page at a time, without caching them; see `iterator()`.

        `progress` is called in a thread.
        """
        rows = self.iterator(chunk_size, parallel=parallel, progress=progress)
        return AsyncRowIterator(rows, lambda: self._session)

    def __aiter__(self) -> AsyncIterator[R]:
        """Yield the rows, and cache them; fetches a page when it is needed."""
        return AsyncPagedIterator(_CachedRows(self), lambda: self._session)

    def resume(self: S, token: str | None) -> S:
        """Return the rows of an earlier iteration of the same query that it did not yield.

        ::

            try:
                for ticket in Ticket.objects.filter(status="open").resume(token):
                    archive(ticket)
            except RateLimited as error:
                again.apply_async(args=[error.resume], countdown=error.retry_after)

        A token holds the position in the result, without secrets. It is `resume` of the error that
        ended the iteration, or `resume_token` of `iterator()`; both are None if the rows cannot be
        resumed.

        Args:
            token: the token; None begins with the first row.

        Raises:
            InvalidValue: the text is not a token. When the rows are fetched: the token belongs to
                another query, model, account or user.
        """
        resumed = None if token is None else decode_token(token)
        return self._chain(evolve(self._query, resumed=resumed))

    def _iter_pages(self, query: Query) -> Iterator[RecordPage[R]]:
        """Yield the rows, in the form that was requested, a page at a time."""
        # An empty query makes no request, not even one for an access token.
        if query.empty:
            return
        session = self._session
        parallel = self._parallel if session.planning.reads_zendesk else 1
        if parallel > 1:
            query = require_beginning(session, query)
        convert: Callable[[Any], R] | None = None
        if query.projection is not None:
            query = yield from attempt(make_failed_records, session.resolve_custom_fields, query)
            convert = query.projection.function() if query.projection else None
        if parallel > 1:
            stream = fetch_in_parallel(session, query, parallel)
            pages = self._prefetch_pages(session, stream)
        elif convert is not None and (values := session.stream_values(query)) is not None:
            pages, convert = values, None
        else:
            pages = self._fetch_pages(session, query)
        if query_started.is_observed or query_finished.is_observed:
            pages = observe_pages(session, query, pages)
        if query.budget is not None:
            pages = limit_stream(query, pages)
        for page in pages:
            yield page if convert is None else page.replace([convert(record) for record in page])

    def _fetch_pages(self, session: Session, query: Query) -> Iterator[RecordPage[R]]:
        """Yield the pages of objects, with their prefetched relations."""
        yield from self._prefetch_pages(session, session.stream(query))

    def _prefetch_pages(
        self, session: Session, pages: Iterator[RecordPage[R]]
    ) -> Iterator[RecordPage[R]]:
        """Yield pages after adding the prefetched relations of their objects."""
        lookups = self._prefetch_related_lookups
        for page in pages:
            if lookups and page:
                yield from attempt(make_failed_records, prefetch, session, page, lookups)
            yield page

    def _fetch_until(self, position: int) -> bool:
        """Fetch pages until a row is at a position, and return whether there is one."""
        if position < len(self._result_cache):
            return True
        # Threads that share the query share one lock; setdefault() is atomic.
        with self.__dict__.setdefault("_lock", RequestLock()):
            if self._page_iterator is not None and self._process != os.getpid():
                # Threads of the parent process may be reading it.
                self._page_iterator, self._result_cache = None, []
            while not self._is_complete and position >= len(self._result_cache):
                self._fetch_page()
            return position < len(self._result_cache)

    def _begin_pages(self) -> Iterator[RecordPage[R]]:
        """Begin to read the query, and return its pages."""
        query = self._query
        if query.is_export:
            self._processed = ProcessedPages(self._stored)
            query = self._processed.begin(query)
        if query.has_deferred_values:
            # A resume token contains the time that relative times refer to.
            query = set_moment(query, self._session)
        pages = self._page_iterator = self._iter_pages(query)
        self._process, self._pages_read, self._query_read = os.getpid(), [], query
        return pages

    def _fetch_page(self) -> None:
        """Add the next page to the result cache; the lock must be held.

        Nothing is added if reading has to start again.
        """
        pages = self._page_iterator
        if pages is None:
            pages = self._begin_pages()
        elif self._pages_read and self._processed is not None:
            # The rows of the page before were processed, because the next one is requested.
            self._processed.add(self._pages_read[-1])
        try:
            page = next(pages, None)
            if page is not None:
                # Failed pages, which have no rows, are noted, too, for the token.
                self._pages_read.append(page)
                self._result_cache += page
        except BaseException as error:
            # Also after Ctrl+C: the next iteration starts again instead of ending early.
            rows, self._page_iterator, self._result_cache = self._result_cache, None, []
            if isinstance(error, ResultLimitExceeded):
                raise ResultLimitExceeded(error.message, tuple(rows)) from None
            if is_of_earlier_call(error):
                return
            raise
        if page is None:
            self._page_iterator, self._is_complete, self._pages_read = None, True, []
        elif page.error is not None:
            # The pages stay, and the next call requests the same page again.
            raise page.error

    def _get_resume_token(self, position: int) -> str | None:
        """Return the token for the rows after a number of rows, which all pages read have."""
        query, bookmark = self._query_read, Bookmark(self._query.resumed)
        if query is None or sum(map(len, self._pages_read)) != position:
            return None
        for page in self._pages_read:
            bookmark.begin_page(query, page)
        plain = evolve(query, resumed=None)
        return bookmark.token(plain, digest_for(self._session, plain), None)

    def _fetch_all(self) -> list[R]:
        """Fetch all rows, and return the cached list of them."""
        while not self._is_complete:
            self._fetch_until(len(self._result_cache))
        return self._result_cache

    def _set_result_cache(self, rows: list[R]) -> Self:
        """Use rows that are already loaded as the rows of the query."""
        self._result_cache, self._is_complete = rows, True
        return self

    def __len__(self) -> int:
        """Return the number of rows after fetching them all; `count()` fetches only the number."""
        return len(self._fetch_all())

    def __bool__(self) -> bool:
        return self._fetch_until(0)

    def __reversed__(self) -> Iterator[R]:
        """Yield the rows in the opposite order, beginning with the last one.

        They are requested in this order if an endpoint supports it; otherwise, all are read first.

        Raises:
            NoEndpoint: no endpoint can answer the query.
        """
        query = self._query
        is_plain = not (query.windowed or query.distinct or query.id_order or query.empty)
        if is_plain and not self._is_complete:
            # A warehouse has an order, but no plan that shows it.
            order = query.order or getattr(self.plan, "order", ())
            flipped = self.order_by(*(n[1:] if n.startswith("-") else f"-{n}" for n in order))
            if order and self._planning.is_cheap(flipped._resolved_query):
                return iter(flipped)
        return reversed(self._fetch_all())

    def __contains__(self, record: object) -> bool:
        return any(row == record for row in self)

    @overload
    def __getitem__(self, key: int) -> R: ...
    @overload
    def __getitem__(self: S, key: slice) -> S: ...
    def __getitem__(self, key: int | slice) -> Any:
        """Return one row, or a QuerySet of a slice; a slice with a step is a list, as in Django.

        A negative index counts from the end, by reversing the order.

        Raises:
            InvalidValue: a negative index without an order; a negative slice.
            IndexError: the row does not exist.
        """
        if isinstance(key, int):
            return self._get_at(key)
        if not isinstance(key, slice):
            raise FieldError(
                "an index must be a number or a slice, such as rows[0] or rows[:10], "
                f"not {display(key)}"
            )
        for bound in (key.start, key.stop, key.step):
            if bound is not None:
                require_count("a slice", bound, least=None)
        start, stop = key.start or 0, key.stop
        if start < 0 or (stop is not None and stop < 0):
            raise InvalidValue("a slice cannot be negative; reverse the order with order_by()")
        queryset = self._chain(self._query.slice(start, stop))
        if self._is_complete:
            queryset._set_result_cache(self._result_cache[start:stop])
        return queryset if key.step is None else list(queryset)[:: key.step]

    def _get_at(self, index: int) -> R:
        if self._is_complete or 0 <= index < len(self._result_cache):
            return self._result_cache[index]
        if index >= 0:
            rows = list(self[index : index + 1])
        elif self._query.windowed:
            return self._fetch_all()[index]
        elif self._query.order or self._query.id_order:
            rows = list(self.reverse()[-index - 1 : -index])
        else:
            raise InvalidValue("a negative index needs an order; call order_by() first")
        if not rows:
            raise IndexError(f"row {index} does not exist")
        return rows[0]

    # -- single rows -----------------------------------------------------------------

    def get(self, *q: Any, **lookups: Any) -> R:
        """Return the only row that matches: `get(1)`, `get(id=1)`, `get(external_id="x")`.

        Raises:
            DoesNotExist: the model's own; no row matches.
            MultipleObjectsReturned: the model's own; several rows match.
        """
        model: Any = self.model
        queryset = self._narrow(q, lookups)
        query = queryset._query
        is_bounded = query.ids is not None or query.windowed
        rows = (queryset if is_bounded else queryset[:2])._fetch_all()
        if len(rows) == 1:
            return rows[0]
        criteria = str(query).partition(": ")[2]
        if not rows:
            raise model.DoesNotExist(f"no {query.meta.verbose_name} matches {criteria}")
        plural = query.meta.verbose_name_plural
        raise model.MultipleObjectsReturned(f"several {plural} match {criteria}")

    def _narrow(self: S, q: tuple[Any, ...], lookups: dict[str, Any]) -> S:
        """Return the rows that match the arguments of `get()`."""
        if len(q) > 1 and not all(isinstance(condition, Q) for condition in q):
            raise InvalidValue(
                "get() takes one id or keywords; filter(id__in=[...]) returns several rows"
            )
        if q and not isinstance(q[0], (Q, Mapping)):
            q, lookups = q[1:], {"id": q[0], **lookups}
        return self.filter(*q, **lookups) if q or lookups else self.all()

    async def aget(self, *q: Any, **lookups: Any) -> R:
        """Run `get()` in a thread, without blocking the event loop.

        Rows that several tasks look up by id at the same time are requested together, up to a
        hundred at once, if Zendesk returns them by `show_many`.

        Raises:
            DoesNotExist: the model's own; no row matches.
            MultipleObjectsReturned: the model's own; several rows match.
        """
        session, pages = self._session, {}
        names = {*lookups, *("id" for value in q if not isinstance(value, (Q, Mapping)))}
        is_by_id = len(q) + len(lookups) == 1 and not names.isdisjoint(("id", "pk"))
        # A subclass may look up something else.
        if is_by_id and type(self).get is QuerySet.get:
            query = self._narrow(q, lookups)._query
            pages = await read_together(session, self._query, query)
        return await run_in_thread(session, call_with_pages, pages, self.get, *q, **lookups)

    def first(self) -> R | None:
        """Return the first row, or None; without an order, the row with the lowest id.

        Raises:
            NoEndpoint: the query has no order, and no endpoint orders by id or creation time.
        """
        return next(iter(self._in_order("")[:1]), None)

    def last(self) -> R | None:
        """Return the last row, or None; without an order, the row with the highest id.

        Raises:
            NoEndpoint: the query has no order, and no endpoint orders by id or creation time.
        """
        return next(iter(self._in_order("-")[:1]), None)

    def _in_order(self, sign: str) -> Self:
        """Return the rows in their order, or by age without one; `-` reverses it."""
        if self._query.order or self._query.id_order:
            return self.reverse() if sign else self.all()
        for name in ("id", "created_at"):
            if name in self._query.meta.fields:
                queryset = self.order_by(f"{sign}{name}")
                if self._planning.is_cheap(queryset[:1]._resolved_query):
                    return queryset
        if self._query.scan:
            return self.order_by(f"{sign}id")
        raise NoEndpoint(
            f"{self._query}: no endpoint orders these rows by id or creation time, so the "
            f"{'last' if sign else 'first'} one cannot be determined; call order_by(), or "
            "scan() to read all rows"
        )

    def latest(self, *fields: str) -> R:
        """Return the last row in the order of the fields, or of `Meta.get_latest_by`.

        Raises:
            DoesNotExist: the model's own; the query has no rows.
        """
        return self._get_extreme(fields, last=True)

    def earliest(self, *fields: str) -> R:
        """Return the first row in the order of the fields, or of `Meta.get_latest_by`.

        Raises:
            DoesNotExist: the model's own; the query has no rows.
        """
        return self._get_extreme(fields, last=False)

    def _get_extreme(self, fields: tuple[str, ...], *, last: bool) -> R:
        ordered = self.order_by(*(fields or self._query.meta.get_latest_by))
        rows = ordered.reverse() if last else ordered
        for record in rows[:1]:
            return record
        model: Any = self.model
        raise model.DoesNotExist(f"{self._query} has no rows")

    def contains(self, obj: R) -> bool:
        """Return True if an object is among the rows; fetches at most that row.

        Raises:
            InvalidValue: the object was never saved.
        """
        record: Any = require_object(self.model, obj, None, "contains")
        if record.pk is None:
            raise InvalidValue(f"{display(record)} was never saved, so no query contains it")
        require_own("contains", record, record._source, self._session)
        if self._is_complete or self._query.windowed:
            return record in self
        key = (
            record._meta.identifying_part(record._row)
            if record._meta.parent_keys
            else {"id": record.pk}
        )
        return self.filter(**self._query.meta.by_field_name(key)).exists()

    def exists(self) -> bool:
        """Return True if the query has rows; fetches at most one."""
        if self._result_cache or self._is_complete:
            return bool(self._result_cache)
        return bool(self[:1])

    def count(self) -> Counted:
        """Return the number of rows; fetches only the number if an endpoint supports it.

        The result is an int with `.refreshed_at` and `.fresh`: Zendesk counts more than 100,000
        rows once a day, and the search index lags.
        """
        if self._is_complete or self._query.empty:
            return Counted(len(self._result_cache))
        session, query = self._session, self._beginning
        return observe(session, query, "count", session.count, query)

    def in_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "id"
    ) -> dict[Any, R]:
        """Return the rows by id, or by another unique field; a request fetches up to a hundred.

        Args:
            id_list: the values; all rows by default. Values without a row are omitted.
            field_name: a field whose values are unique.

        Returns:
            The rows by value. If Zendesk ignores case, values are spelled as in `id_list`.

        Raises:
            FieldError: the field does not exist or is not unique; the query has `values()`.
        """
        if self._query.projection is not None:
            raise FieldError("in_bulk() returns objects; call it without values()")
        field = self._query.meta.get_field(field_name)
        attribute = column(field)
        queryset = self.all()
        spellings: dict[Any, list[Any]] = {}
        if id_list is not None:
            values = list(require_many(id_list, "in_bulk"))
            queryset = self.filter(**{f"{field.name}__in": values})
            for value in values if attribute.kind.key is not None else ():
                spellings.setdefault(attribute.key(value), []).append(plain(value))
        result: dict[Any, R] = {}
        keys: set[Any] = set()
        to_value = build_projection(self._query.meta, (field.name,), "flat").function()
        for record in queryset:
            value = to_value(record)
            if (key := attribute.key(value)) in keys:
                raise FieldError(
                    f"several rows have {field.name} {display(value)}; the field of in_bulk() "
                    "must be unique"
                )
            keys.add(key)
            result.update((spelling, record) for spelling in spellings.get(key, [value]))
        return result

    def resolve_expression(self: S, *args: Any, **kwargs: Any) -> S:
        """Return the query itself: as a value (`requester__in=`) it stands for its ids."""
        return self

    # -- aggregation -----------------------------------------------------------------

    def aggregate(self, /, *aggregates: Aggregate, **named_aggregates: Aggregate) -> dict[str, Any]:
        """Return one value for each aggregate: `aggregate(Count("id"), newest=Max("created_at"))`.

        An aggregate may have a condition: `Count("id", filter=Q(status="open"))`.

        Count fetches only the number, Min and Max fetch one row if an endpoint orders by the
        field. Other aggregates read all rows, once for all of them; if the model has many rows,
        `scan()` must allow it.

        Raises:
            FieldError: a field does not exist, or is not numeric.
            InvalidValue: an argument is not an aggregate.
            NoEndpoint: all rows must be read, and `scan()` was not called.
        """
        for aggregate in (*aggregates, *named_aggregates.values()):
            if not isinstance(aggregate, Aggregate):
                raise InvalidValue(
                    "aggregate() takes Count, Min, Max, Sum or Avg objects, not "
                    f"{display(aggregate)}"
                )
        by_alias = {aggregate.default_alias: aggregate for aggregate in aggregates}
        by_alias |= named_aggregates
        computed = self._aggregate_in_database(by_alias)
        if computed is not None:
            return computed
        by_alias = self._resolve_aggregates(by_alias)
        functions = {alias: self._get_aggregator(by_alias[alias]) for alias in by_alias}
        client_side = {alias: by_alias[alias] for alias in by_alias if functions[alias] is None}
        if client_side:
            self._require_readable()
        results = {alias: function() for alias, function in functions.items() if function}
        results |= self._aggregate_rows(client_side)
        return {alias: results[alias] for alias in by_alias}

    def _resolve_aggregates(
        self, aggregates: Mapping[str, Aggregate], *, in_database: bool = False
    ) -> dict[str, Aggregate]:
        """Return aggregates with the account's ids and keys of the custom fields that they name.

        Args:
            aggregates: the aggregates by name.
            in_database: whether a database computes them, which does not know declared fields.
        """
        meta = self._query.meta
        find = partial(find_definitions, meta, self._query.where, self._get_definitions)
        # Client-side, the values of declared fields are converted before they are compared.
        excluded_names = () if in_database else meta.declared
        return {
            alias: item
            if item.name in excluded_names
            else evolve(item, name=resolve_order(item.name, meta, find))
            for alias, item in aggregates.items()
        }

    def _read_declared(
        self, aggregates: Mapping[str, Aggregate], computed: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return results of a database, in which those of declared fields have their types."""
        results, meta = dict(computed), self._query.meta
        for alias, item in aggregates.items():
            field = meta.declared.get(item.name)
            if field is not None and isinstance(item, (Min, Max)):
                find = partial(find_definitions, meta, self._query.where, self._get_definitions)
                results[alias] = find().find(field.known_as).read(results[alias])
        return results

    def _aggregate_in_database(self, aggregates: Mapping[str, Aggregate]) -> dict[str, Any] | None:
        """Return the aggregates if they are computed where the rows are stored, or None."""
        planning = self._planning
        if planning.reads_zendesk or self._is_complete:
            return None
        for aggregate in aggregates.values():
            self._check_aggregate(aggregate)
        resolved = self._resolve_aggregates(aggregates, in_database=True)
        query = self._as_objects()._resolved_query
        session = self._session
        computed = observe(
            session, query, "aggregate", planning.aggregate, session, query, resolved
        )
        return None if computed is None else self._read_declared(aggregates, computed)

    def _check_aggregate(self, aggregate: Aggregate) -> None:
        """Raise `FieldError` if a field does not exist, or is not numeric."""
        name = aggregate.name
        if isinstance(aggregate.filter, Q):
            # A database also reads the related rows that the filter compares.
            in_database = not self._planning.reads_zendesk
            check = aggregate.filter.resolve if in_database else aggregate.filter.bind
            check(self.model)
        elif aggregate.filter is not None:
            raise InvalidValue(f"filter= takes a Q object, not {display(aggregate.filter)}")
        if isinstance(aggregate, Count) and name in ("*", "id", "pk"):
            return
        field: Any = self._query.meta.get_field(name)
        if isinstance(aggregate, (Sum, Avg)) and column(field).kind.name not in _NUMERIC_KINDS:
            raise FieldError(f"{name} is not numeric; only numeric fields can be added up")

    def _get_aggregator(self, aggregate: Aggregate) -> Callable[[], Any] | None:
        """Return the function that fetches an aggregate, or None if all rows must be read."""
        queryset: Any = self._as_objects()
        name = aggregate.name
        self._check_aggregate(aggregate)
        if aggregate.filter is not None:
            if self._is_complete or self._query.windowed or self._is_cheap_to_read:
                return None
            narrowed: Any = queryset.filter(aggregate.filter)
            finder: Callable[[], Any] | None = narrowed._get_aggregator(
                evolve(aggregate, filter=None)
            )
            return finder
        if isinstance(aggregate, Count) and name in ("*", "id", "pk"):
            return cast("Callable[[], Any]", queryset.count)
        field: Any = self._query.meta.get_field(name)
        if self._is_complete or self._query.windowed or self._is_cheap_to_read:
            return None
        if isinstance(aggregate, Count):
            with_value = queryset.exclude(**{f"{name}__isnull": True})
            can_count = not aggregate.distinct and self._planning.can_answer(
                with_value._resolved_query
            )
            return cast("Callable[[], Any]", with_value.count) if can_count else None
        if isinstance(aggregate, (Min, Max)):
            return self._get_extreme_finder(aggregate, field)
        return None

    def _get_extreme_finder(self, aggregate: Aggregate, field: Any) -> Callable[[], Any] | None:
        """Return the function that fetches a minimum or maximum, or None if no endpoint can."""
        sign = "-" if isinstance(aggregate, Max) else ""
        choices = column(field).kind.choices
        if choices:
            return self._get_choice_finder(aggregate.name, choices[::-1] if sign else choices)
        queryset: Any = self._as_objects().order_by(f"{sign}{aggregate.name}")
        if getattr(field, "nullable", False):
            queryset = queryset.exclude(**{f"{aggregate.name}__isnull": True})
        if not self._planning.is_cheap(queryset[:1]._resolved_query):
            return None

        def fetch_extreme() -> Any:
            return next(iter(queryset[:1].values_list(aggregate.name, flat=True)), None)

        return fetch_extreme

    def _get_choice_finder(self, name: str, choices: Sequence[Any]) -> Callable[[], Any] | None:
        """Return the function that finds the first choice that a row has; a request for each."""
        querysets: Any = {choice: self._as_objects().filter(**{name: choice}) for choice in choices}
        if not all(
            self._planning.is_cheap(rows[:1]._resolved_query) for rows in querysets.values()
        ):
            return None
        return lambda: next((choice for choice, rows in querysets.items() if rows.exists()), None)

    @property
    def _is_cheap_to_read(self) -> bool:
        """Whether reading all rows takes few requests."""
        return self._planning.is_cheap(self._resolved_query, complete=True)

    def _require_readable(self) -> None:
        """Raise if reading all rows takes many requests, and `scan()` was not called.

        Raises:
            NoEndpoint: the query would read all rows of a large model.
        """
        is_allowed = self._is_complete or self._query.stop is not None or self._query.scan
        if not (is_allowed or self._is_cheap_to_read):
            raise NoEndpoint(
                f"{self._query}: all rows must be read; allow it with .scan(), or aggregate in a "
                "database that mirrors the account"
            )

    def _aggregate_rows(self, aggregates: Mapping[str, Aggregate]) -> dict[str, Any]:
        """Return aggregates of all rows, which are read once."""
        if not aggregates:
            return {}
        read = build_reader(self.model, aggregates)
        rows = [read(record) for record in self._as_objects()]
        return {
            alias: compute(self.model, aggregate, (row[alias] for row in rows))
            for alias, aggregate in aggregates.items()
        }

    def annotate(self, /, *aggregates: Aggregate, **named_aggregates: Aggregate) -> Groups:
        """Return groups of the rows with equal `values()`, each with aggregates over its rows.

        `Ticket.objects.values("status").annotate(number=Count("id")).order_by("-number")`

        A warehouse computes them; otherwise all rows are read, which `scan()` has to allow if the
        model has many.

        Raises:
            FieldError: the query has no `values()` or is a slice; a field does not exist.
            InvalidValue: an argument is not an aggregate.
        """
        return Groups(self, check_annotations(self, aggregates, named_aggregates))

    def dates(self, field_name: str, kind: str, order: str = "ASC") -> list[date]:
        """Return the first day of each year, month, week or day that has rows, in UTC.

        Each takes a request for one row; the end of the rows takes another request.

        Args:
            field_name: a datetime field.
            kind: `year`, `month`, `week` or `day`.
            order: `ASC` or `DESC`.

        Raises:
            FieldError: the field is not a datetime field; an unknown kind or order.
        """
        if kind not in _DATE_PERIODS:
            raise FieldError(f"kind must be one of {', '.join(_DATE_PERIODS)}, not {display(kind)}")
        starts = self._get_period_starts(field_name, kind, order, timezone.utc)
        return [start.date() for start in starts]

    def datetimes(
        self, field_name: str, kind: str, order: str = "ASC", tzinfo: tzinfo = timezone.utc
    ) -> list[datetime]:
        """Return the start of each year, …, second that has rows.

        Each takes a request for one row; the end of the rows takes another request.

        Args:
            field_name: a datetime field.
            kind: `year`, `month`, `week`, `day`, `hour`, `minute` or `second`.
            order: `ASC` or `DESC`.
            tzinfo: the time zone in which days begin.

        Raises:
            FieldError: the field is not a datetime field; an unknown kind or order.
        """
        if kind not in _DATETIME_PERIODS:
            raise FieldError(
                f"kind must be one of {', '.join(_DATETIME_PERIODS)}, not {display(kind)}"
            )
        return self._get_period_starts(field_name, kind, order, tzinfo)

    def _get_period_starts(self, name: str, kind: str, order: str, zone: tzinfo) -> list[datetime]:
        field: Any = self._query.meta.get_field(name)
        if field.kind.name != "datetime":
            raise FieldError(f"{name} is not a datetime field")
        if order not in ("ASC", "DESC"):
            raise FieldError(f"order must be 'ASC' or 'DESC', not {display(order)}")
        if self._is_complete or self._planning.is_cheap(self._resolved_query, complete=True):
            to_moment = build_projection(self._query.meta, (name,), "flat").function()
            moments = [to_moment(record) for record in self._as_objects()]
            unique = {_truncate(_in_zone(moment, zone), kind) for moment in moments if moment}
            return sorted(unique, reverse=order == "DESC")
        starts: list[datetime] = []
        queryset = self._as_objects().order_by(name)
        while True:
            later = queryset
            if starts:
                following = _next_period(starts[-1], kind)
                # Nothing is later than the last period that Python can express.
                later = (
                    queryset.filter(**{f"{name}__gte": following}) if following else later.none()
                )
            moment = next(iter(later[:1].values_list(name, flat=True)), None)
            if moment is None:
                return starts if order == "ASC" else starts[::-1]
            starts.append(_truncate(_in_zone(moment, zone), kind))

    # -- methods of Django that Zendesk has no equivalent of ----------------------------

    def extra(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise an error: Zendesk has no SQL.

        Raises:
            FieldError: always; use `search()` and `filter()`.
        """
        raise FieldError("extra() is not supported: Zendesk has no SQL; use search() or filter()")

    def select_for_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise an error: Zendesk has no locks.

        Raises:
            FieldError: always.
        """
        raise FieldError(
            "select_for_update() is not supported: Zendesk has no locks; a save sends only changes"
        )

    def alias(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise an error: Zendesk computes no values per row.

        Raises:
            FieldError: always; compute them in a loop over the rows.
        """
        raise FieldError("alias() is not supported: Zendesk computes no values per row; use a loop")

    # -- asynchronous methods ------------------------------------------------------------

    # Methods that return objects are written in full: editors infer no types from `asynchronous()`.
    afirst = asynchronous(first)
    alast = asynchronous(last)
    alatest = asynchronous(latest)
    aearliest = asynchronous(earliest)
    ain_bulk = asynchronous(in_bulk)
    acount = asynchronous(count)
    aexists = asynchronous(exists)
    acontains = asynchronous(contains)
    aaggregate = asynchronous(aggregate)

    # -- internals -----------------------------------------------------------------------

    def _chain(self, query: Query) -> Self:
        """Return a copy of this QuerySet with another query, without cached rows."""
        clone = type(self)(query, self._db)
        clone._prefetch_related_lookups = self._prefetch_related_lookups
        clone._stored = self._stored
        return clone

    def _require_no_slice(self, action: str) -> None:
        if self._query.windowed:
            raise FieldError(f"cannot {action} after taking a slice; {action} first")

    def __repr__(self) -> str:
        """Return the query and the number of cached rows; makes no request."""
        if self._is_manager and self._query.where == And() and not self._query.windowed:
            return f"<Manager of {self._query.meta.object_name}>"
        is_cached = self._result_cache or self._is_complete
        cached = f", {len(self._result_cache)} read" if is_cached else ""
        name = self._repr_name or type(self).__name__
        return f"<{name} {shorten(str(self._query))}{cached}>"

    def _repr_html_(self) -> str:
        """Return the cached rows, or else the plan, for notebooks; makes no request."""
        if not self._result_cache:
            # Looking up ids and tags of custom fields may take a request.
            text = repr(self) if self._query.has_custom_names else self.explain()
            return f"<pre>{escape(text)}</pre>"
        items = "".join(f"<li>{escape(display(record))}</li>" for record in self._result_cache[:20])
        return f"<p>{escape(repr(self))}</p><ol>{items}</ol>"

    def __getstate__(self) -> dict[str, Any]:
        """Return the query and its rows, if all are cached; no session."""
        return {
            "query": self._query,
            "using": self._db,
            "prefetch": self._prefetch_related_lookups,
            "stored": self._stored,
            "is_manager": self._is_manager,
            "rows": self._result_cache if self._is_complete else [],
            "is_complete": self._is_complete,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        QuerySet.__init__(self, state["query"], state["using"])
        self._prefetch_related_lookups = state["prefetch"]
        self._stored = state["stored"]
        self._is_manager = state["is_manager"]
        self._result_cache, self._is_complete = state["rows"], state["is_complete"]


class Manager(QuerySet[R]):
    """All rows of a model; `Model.objects`, from which queries start.

    A manager is a QuerySet without conditions. A subclass adds methods, which its queries have,
    too:

    >>> class TicketManager(Manager):
    ...     def urgent(self):
    ...         return self.filter(priority="urgent")
    >>> class Incident(Ticket):
    ...     objects = TicketManager.as_manager()
    >>> Incident.objects.filter(status="new").urgent()
    <QuerySet Incident: status = 'new', priority = 'urgent'>
    """

    _repr_name = "QuerySet"

    # Attributes that Django's internals read.
    auto_created: ClassVar[bool] = False
    creation_counter: ClassVar[int] = 0
    use_in_migrations: ClassVar[bool] = False

    def get_queryset(self: ManagerT) -> ManagerT:
        """Return all rows of the manager; a subclass may return fewer."""
        return self.all()

    def _apply_get_queryset(self) -> None:
        if type(self).get_queryset is not Manager.get_queryset:
            queryset = self.get_queryset()
            self._query, self._db = queryset._query, queryset._db or self._db
            self._prefetch_related_lookups = queryset._prefetch_related_lookups

    def db_manager(self: ManagerT, using: str | None = None, hints: Any = None) -> ManagerT:
        """Return the manager for another account; `hints` exists for Django, and is ignored."""
        manager = self.using(using) if using else self.all()
        manager._is_manager = True
        return manager

    def contribute_to_class(self, cls: type, name: str) -> None:
        """Make this the manager of a class, as `cls.name = ...` does."""
        DefaultManagerDescriptor(type(self)).contribute_to_class(cls, name)

    def deconstruct(self) -> tuple[bool, str, None, tuple[()], dict[str, Any]]:
        """Return the path of the class, for Django's migrations."""
        cls = type(self)
        return False, f"{cls.__module__}.{cls.__qualname__}", None, (), {}

    def check(self, **kwargs: Any) -> list[Any]:
        """Return an empty list: Django's system checks find no errors."""
        return []

    @classmethod
    def from_queryset(
        cls, queryset_class: type[QuerySet[Any]], class_name: str | None = None
    ) -> type[Manager[Any]]:
        """Return a manager class that also has the methods of a QuerySet class.

        Raises:
            InvalidValue: it is not a subclass of `QuerySet`, or the name is not a text.
        """
        checked: Any = queryset_class
        if not (isinstance(checked, type) and issubclass(checked, QuerySet)):
            raise InvalidValue(
                f"from_queryset() takes a subclass of QuerySet, not {display(queryset_class)}"
            )
        name = f"{cls.__name__}From{queryset_class.__name__}" if class_name is None else class_name
        require_text("from_queryset(): class_name", name)
        return cast("type[Manager[Any]]", type(name, (cls, queryset_class), {}))


class ManagerAlias:
    """Descriptor for another name of `objects`, which Django's views and shortcuts use."""

    def __get__(self, record: object | None, owner: Any) -> Any:
        """Return the manager of the class."""
        return owner.objects


class RelatedModelManager(Generic[R]):
    """Descriptor for the manager of another model: `Ticket.deleted` returns deleted tickets.

    Args:
        model: the other model.
    """

    def __init__(self, model: type[R]) -> None:
        self._model = model

    def __get__(self, record: object | None, owner: type[Any]) -> Manager[R]:
        """Return a manager of the other model.

        Raises:
            AttributeError: read from an instance.
        """
        if record is not None:
            raise AttributeError(
                f"a manager is an attribute of {owner.__name__}, not of its instances"
            )
        model: Any = self._model
        manager: Manager[R] = model.objects
        return manager


def _without_none(names: tuple[str | None, ...]) -> tuple[str, ...]:
    """Return the names; None means no name, as in Django."""
    return tuple(require_name(name) for name in names if name is not None)


def _id_predicate(query: Query) -> Predicate:
    """Return the predicate of rows whose ids are among those of a query."""
    subquery: Any = Subquery(query.model, query.where, evolve(query, projection=None))
    return Condition("id", "in", subquery)


def _truncate(moment: datetime, kind: str) -> datetime:
    """Return the start of the year, …, second that contains a moment."""
    if kind == "week":
        moment, kind = moment - timedelta(days=moment.weekday()), "day"
    smallest = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
    precision = ("year", "month", "day", "hour", "minute", "second").index(kind)
    parts = {
        name: low for place, (name, low) in enumerate(smallest.items(), 1) if place > precision
    }
    return moment.replace(**parts, microsecond=0)  # type: ignore[arg-type] # all are whole numbers


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment in a time zone.

    Raises:
        UnexpectedValue: it is before the year 1 or after the year 9999 there.
    """
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise UnexpectedValue(f"{display(moment)} has no counterpart in {zone}") from None


def _next_period(start: datetime, kind: str) -> datetime | None:
    """Return the start of the period after the one that begins at a moment; None after the last."""
    try:
        return _add_period(start, kind)
    except (ValueError, OverflowError):
        return None


def _add_period(start: datetime, kind: str) -> datetime:
    if kind == "year":
        return start.replace(year=start.year + 1)
    if kind == "month":
        years, month = divmod(start.month, 12)
        return start.replace(year=start.year + years, month=month + 1)
    if kind in ("week", "day"):
        return start + timedelta(**{f"{kind}s": 1})
    # At a clock change an hour of local time occurs twice or never; UTC has no such hours.
    later = start.astimezone(timezone.utc) + timedelta(**{f"{kind}s": 1})
    return later.astimezone(start.tzinfo)


class _CachedRows(PagedIterator[R]):
    """Iterator over a QuerySet, which caches its rows.

    Args:
        queryset: the QuerySet.
    """

    def __init__(self, queryset: QuerySet[R]) -> None:
        self._queryset = queryset
        self._position = 0
        self._rest: Iterator[R] = iter(())

    def load(self) -> bool:
        """Read pages until there is a row, which `next()` returns without a request.

        Returns:
            False at the end.

        Raises:
            ZendeskError: a request failed.
        """
        if length_hint(self._rest):
            return True
        queryset = self._queryset
        try:
            has_row = queryset._fetch_until(self._position)
        except ZendeskError as error:
            error.resume = queryset._get_resume_token(self._position)
            raise
        if has_row:
            rows = queryset._result_cache[self._position :]
            # In one step, so that Ctrl+C loses no rows.
            self._position, self._rest = self._position + len(rows), iter(rows)
        return has_row
