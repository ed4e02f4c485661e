"""Sources of records: they load missing rows and related objects, for a whole page at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import ref

from attrs import define, field

from zendesk_orm.errors import LazyLoadRefused, NoEndpoint
from zendesk_orm.messages import display
from zendesk_orm.plan.parameters import side_load_name
from zendesk_orm.plan.plan import MAX_IDS_PER_REQUEST, Plan
from zendesk_orm.schema import custom, prefetched, registry
from zendesk_orm.schema.custom_values import value_in
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row, lacks
from zendesk_orm.schema.source import BoundAlias
from zendesk_orm.session.n_plus_one import can_read_together
from zendesk_orm.session.responses import UNKNOWN, check_rows, objects_in


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session

#: Returns the records of rows.
Materialize = Callable[[Any, Sequence[Row]], list[Any]]
_REMEDY = "select_related() of the relation"


@define(eq=False)
class PageSource:
    """The source of the records of one page, and of the related objects that they refer to.

    A loop over tickets that reads `ticket.requester.name` would make a request for each ticket.
    The first request loads the requesters of all tickets of the page instead.

    Attributes:
        session: the session of the records.
        strict: whether reading an attribute of a record may make no request.
        records: the records of the page, held weakly.
    """

    session: Session
    strict: bool = False
    records: Sequence[ref[Record]] = field(default=(), init=False)
    is_connected = True

    @property
    def alias(self) -> str:
        """The account's name."""
        return self.session.alias

    @property
    def account_identity(self) -> Hashable:
        """The value that the account shares with its brands and with other aliases of its host."""
        return self.session.account_identity

    @property
    def on_behalf_of(self) -> str | None:
        """The end user whom its requests act as, or None for the account itself."""
        return self.session.on_behalf_of

    def siblings(self, record: Record) -> list[Any]:
        """Return the records of the page that have the same model and are still alive, in order."""
        return [other for other in self._living() if type(other) is type(record)]

    def refer(self, model: type[Any], pk: Any, values: Row | None = None) -> Any:
        """Return the record of an id, without a request; it loads together with its siblings."""
        return self.session.refer(model, pk, values, source=self)

    def load(self, record: Record, wire: str) -> None:
        """Fetch the row of a record, together with the rows that its siblings refer to.

        Args:
            record: the record.
            wire: the key whose value is needed.

        Raises:
            ObjectDoesNotExist: the model's own `DoesNotExist`.
            LazyLoadRefused: the query of the page was `strict_loading()`.
        """
        pointers = list(self._pointers_to(record))
        relations = {relation.name: relation for _, relation, pk in pointers if pk == record.pk}
        remedy = next((relation.remedy for relation in relations.values()), _REMEDY)
        if self.strict:
            raise LazyLoadRefused(
                f"{display(record)} was not loaded, and strict_loading() forbids a request for it; "
                f"use {remedy} to load it with the query"
            )
        self._load_siblings(record, wire)
        if lacks(record, wire):
            # Only by the same relation: a loop over assignees does not need the requesters.
            self._load_related(
                record, [pointer for pointer in pointers if pointer[1].name in relations]
            )
        if lacks(record, wire):
            self.session.n_plus_one.note(
                f"single {type(record)._meta.verbose_name_plural}",
                lambda: remedy if can_read_together(record) else "",
            )
            self.session.load(record, wire)

    def _living(self) -> list[Record]:
        """Return the records of the page that are still alive."""
        return [record for entry in self.records if (record := entry()) is not None]

    def _load_siblings(self, record: Record, wire: str) -> None:
        """Fetch the rows of up to a hundred records of the page that lack the value of a key."""
        siblings = [sibling for sibling in self.siblings(record) if lacks(sibling, wire)]
        if record in siblings:
            start = siblings.index(record)
            chosen = [*siblings[start:], *siblings[:start]][:MAX_IDS_PER_REQUEST]
            self.session.load_together(chosen, wire)

    def _load_related(self, record: Record, pointers: list[_Pointer]) -> None:
        """Fetch up to a hundred rows that records of the page refer to, and attach them."""
        ids = dict.fromkeys([record.pk, *(pk for _, _, pk in pointers if pk is not None)])
        if len(ids) < 2 and not any(pk is None for _, _, pk in pointers):
            return
        try:
            related = self.session.get_many(
                type(record), list(ids)[:MAX_IDS_PER_REQUEST], like=record
            )
        except NoEndpoint:
            # Zendesk returns such rows one by one only, so that each is read when it is needed.
            return
        by_id = {other.pk: other for other in related}
        for sibling, relation, pk in pointers:
            relation.attach(sibling, pk, by_id)

    def _pointers_to(self, record: Record) -> Iterator[_Pointer]:
        """Yield the relations of the page to the record's model that are still unread."""
        siblings = self._living()
        for relation in self._relations_to(siblings[0], record) if siblings else ():
            for sibling, pk in zip(siblings, relation.ids_of(siblings), strict=True):
                related = relation.get(sibling)
                if related is None or type(related._row) is PartialRow:
                    yield sibling, relation, pk

    def _relations_to(self, sibling: Record, record: Record) -> Iterator[_Relation | _Lookup]:
        """Yield the relations to the record's model, and the lookup fields of the account."""
        meta, model = sibling._meta, type(record)
        yield from (
            _Relation(relation) for relation in meta.relations.values() if relation.model is model
        )
        # A program that has read a lookup field has the fields cached; others do not need them.
        for definition in custom.known_definitions(sibling, self.session) or ():
            if definition.leads_to is None:
                continue
            name, values = definition.leads_to
            matches = all(record._row.get(key) == value for key, value in values.items())
            if matches and issubclass(model, registry.find(name, meta.app_label)):
                yield _Lookup(custom.holder(meta).wire, definition.wire, model)


class _Relation:
    """A declared relation of the records of a page."""

    __slots__ = ("_ref", "name", "remedy")

    def __init__(self, relation: Ref[Any]) -> None:
        self._ref = relation
        self.name = relation.name
        self.remedy = f"select_related({display(self.name)})"

    def ids_of(self, records: list[Record]) -> list[Any]:
        """Return the ids that records refer to."""
        return self._ref.ids(records)

    def get(self, record: Record) -> Record | None:
        """Return the related object of a record, if it was read."""
        related: Record | None = record.__dict__.get(self.name)
        return related

    def attach(self, record: Record, pk: Any, by_id: Mapping[Any, Any]) -> None:
        """Attach the related object to a record, if it is among those of `by_id`."""
        link([record], self._ref, by_id)


class _Lookup:
    """A lookup field of the account: the related object is stored as if it were prefetched."""

    __slots__ = ("_holder", "_model", "_wire", "name", "remedy")

    def __init__(self, holder: str, wire: Any, model: Any) -> None:
        self._holder = holder
        self._wire = wire
        self._model = model
        self.name = f"{holder}__{wire}"
        self.remedy = "prefetch_related() of the CustomField"

    def ids_of(self, records: list[Record]) -> list[Any]:
        """Return the ids that records refer to."""
        values = (value_in(record._row.get(self._holder), self._wire) for record in records)
        return [self._model._meta.to_id(pk) for pk in values]

    def get(self, record: Record) -> Record | None:
        """Return the related object of a record, if it was read."""
        return next(iter(prefetched.get_prefetched(record, self) or ()), None)

    def attach(self, record: Record, pk: Any, by_id: Mapping[Any, Any]) -> None:
        """Attach the related object to a record, if it is among those of `by_id`."""
        if pk in by_id:
            prefetched.keep(record, self, [by_id[pk]])


#: A record, a relation of it, and the id that it refers to.
_Pointer = tuple[Record, _Relation | _Lookup, Any]


def group(session: Session, records: Iterable[Record]) -> None:
    """Make records that were written together load together."""
    partial = [record for record in records if type(record._row) is PartialRow]
    source = PageSource(session)
    source.records = list(map(ref, partial))
    for record in partial:
        record.attach_to(source)


class DeferredSource:
    """The source of a record without a session: looks its account up when it is needed."""

    def __init__(self, connections: Any, alias: str) -> None:
        self._connections = connections
        if not isinstance(alias, BoundAlias) and alias in self._connections:
            alias = self._connections[alias].for_current_user().alias
        self.alias = BoundAlias(alias)

    @property
    def account_identity(self) -> Hashable:
        """The value that the account shares with its brands and other aliases of its host."""
        return self._connections[self.alias].identity if self.is_connected else self.alias

    @property
    def on_behalf_of(self) -> str | None:
        """The end user whom its requests act as, or None for the account itself."""
        if not self.is_connected:
            return None
        user: str | None = self._connections[self.alias].transport.on_behalf_of
        return user

    @property
    def is_connected(self) -> bool:
        """Whether the account is connected."""
        return self.alias in self._connections

    @property
    def session(self) -> Any:
        """The session of this thread or task."""
        return self._connections.session(self.alias)

    def load(self, record: Any, wire: str) -> None:
        """Fetch the row of a record."""
        self.session.load(record, wire)

    def refer(self, model: type[Any], pk: Any, values: dict[str, Any] | None = None) -> Any:
        """Return the record of an id."""
        return self.session.refer(model, pk, values)


# -- side-loads -----------------------------------------------------------------


def attach(
    records: list[Any], data: Mapping[str, Any], plan: Plan, materialize: Materialize, fetch: Any
) -> None:
    """Attach the objects of the selected relations to each record, held strongly.

    Args:
        records: the records of one page.
        data: the envelope of the page.
        plan: the plan, which has some relations side-loaded.
        materialize: returns the records of side-loaded rows.
        fetch: returns the records of a model and of ids, for relations without a side-load.
    """
    meta = plan.query.meta
    loaded: dict[str, dict[Any, Any]] = {}
    plurals = {name: side_load_name(plan.query, name) for name in plan.query.related}
    for name, plural in plurals.items():
        if plural in plan.includes and plural not in loaded:
            model = meta.relations[name].model
            rows = objects_in(data, plural)
            check_rows(UNKNOWN, rows, model._meta)
            loaded[plural] = _by_id(materialize(model, rows))
    for name, plural in plurals.items():
        relation = meta.relations[name]
        related = loaded.setdefault(plural, {})
        if name in plan.prefetched:
            missing = {*relation.ids(records)} - related.keys() - {None}
            related.update(_by_id(fetch(relation.model, list(missing))) if missing else {})
        link(records, relation, related)


def link(records: Sequence[Record], relation: Ref[Any], by_id: Mapping[Any, Any]) -> None:
    """Attach related objects to records, as far as they are known; unsaved edits stay."""
    name, column = relation.name, relation.id.name
    for record, pk in zip(records, relation.ids(records), strict=True):
        related = by_id.get(pk)
        if related is not None:
            values = record.__dict__
            if column not in values or not record.changes().get(column):
                values[name] = related


def extract_embedded(
    rows: Sequence[Row], plan: Plan
) -> tuple[Sequence[Row], Mapping[str, list[list[Row]]]]:
    """Return rows without the rows that are embedded in them, and those by relation."""
    if not plan.query.embedded:
        return rows, {}
    names = [
        name
        for name in plan.query.embedded_by(plan.endpoint.includes)
        if all(name in row for row in rows)
    ]
    if not names:
        return rows, {}
    bare = [{key: value for key, value in row.items() if key not in names} for row in rows]
    return bare, {name: [row[name] or [] for row in rows] for name in names}


def attach_embedded(
    records: Sequence[Any], embedded: Mapping[str, list[list[Row]]], materialize: Materialize
) -> None:
    """Attach the rows that were embedded in those of records, as if they were prefetched."""
    for name, lists in embedded.items():
        many: Any = getattr(type(records[0]), name) if records else None
        for record, rows in zip(records, lists, strict=True):
            wire = many.model._meta.relations[many.relation].id.wire
            children = [{**row, wire: record.pk} for row in rows]
            prefetched.keep(record, many, materialize(many.model, children))


def _by_id(records: Iterable[Any]) -> dict[Any, Any]:
    return {record._row.get("id"): record for record in records}
