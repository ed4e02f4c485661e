"""Fetches the related objects of a whole page at once.

Objects of relations to one are fetched in requests of up to a hundred ids. For relations to
many, one search finds the rows of up to fifty objects, if the search index knows the relation;
otherwise each object takes a request for its list. Relations that are lists of ids are fetched
by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.account import connections
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display, suggestion
from zendesk_orm.plan.selection import MAX_VALUES_PER_SEARCH
from zendesk_orm.query.predicate import Condition, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.schema import prefetched
from zendesk_orm.schema.accounts import require_many, require_objects, require_own
from zendesk_orm.schema.arguments import require_name, require_text
from zendesk_orm.schema.members import Members
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow
from zendesk_orm.schema.source import DEFAULT, BoundAlias, source_of
from zendesk_orm.session.connection import split_alias
from zendesk_orm.session.session import Session
from zendesk_orm.session.sources import link


@frozen
class Prefetch:
    """A relation to prefetch, with a query for its rows.

    >>> urgent = Prefetch("requested_tickets", Ticket.objects.filter(priority="urgent"), "urgent")
    >>> users = User.objects.filter(role="end-user").prefetch_related(urgent)
    >>> [len(user.urgent) for user in users[:2]]
    [3, 3]

    Attributes:
        lookup: the relation: `comments`, `organization__users`.
        queryset: the query for the related rows; all of them by default.
        to_attr: the attribute that receives the list, instead of the relation.
    """

    lookup: str
    queryset: Any = None
    to_attr: str | None = None


def normalize_lookups(meta: Any, lookups: Iterable[str | Prefetch]) -> tuple[Prefetch, ...]:
    """Return lookups as validated `Prefetch` objects.

    Args:
        meta: the options of the model.
        lookups: names of relations, or `Prefetch` objects.

    Raises:
        FieldError: a relation does not exist, or cannot be prefetched with the query.
    """
    normalized = tuple(
        lookup if isinstance(lookup, Prefetch) else Prefetch(require_name(lookup))
        for lookup in lookups
    )
    for lookup in normalized:
        _check(lookup, meta)
    return normalized


def _check(lookup: Prefetch, meta: Any) -> None:
    """Check the relations of a lookup, and its query.

    Raises:
        FieldError: a relation does not exist, or cannot be prefetched with the query.
    """
    model, is_to_one = meta.model, False
    names = require_name(lookup.lookup).split("__")
    if lookup.to_attr is not None and not str.isidentifier(require_text("to_attr", lookup.to_attr)):
        raise FieldError(f"to_attr must be the name of an attribute, not {display(lookup.to_attr)}")
    for name in names:
        if name == names[-1] and lookup.to_attr and hasattr(model, lookup.to_attr):
            raise FieldError(
                f"to_attr={display(lookup.to_attr)} would replace an attribute of {model.__name__}"
            )
        if lookup.to_attr and hasattr(getattr(model, name, None), "read_along"):
            raise FieldError(f"{name} is stored in each object, so to_attr is not supported")
        if name in model._meta.declared:
            # A custom lookup field: only the account knows the model that it refers to.
            model, is_to_one = None, True
            break
        is_to_one = name in model._meta.relations
        model = _get_related_model(model, name)
    if lookup.queryset is not None:
        _check_queryset(lookup, model, is_to_one=is_to_one)


def _check_queryset(lookup: Prefetch, model: Any, *, is_to_one: bool) -> None:
    """Check the query of a lookup.

    Raises:
        FieldError: the relation cannot be prefetched with the query.
    """
    name, queryset = lookup.lookup, lookup.queryset
    if not hasattr(queryset, "query"):
        raise FieldError(f"{name}: the queryset must be a QuerySet, not {display(queryset)}")
    if model is not None and queryset.model is not model:
        raise FieldError(f"{name}: the queryset must be for {model.__name__}")
    if is_to_one:
        raise FieldError(f"{name} refers to one row; only relations to many can have a queryset")
    if queryset.query.projection is not None:
        raise FieldError(f"{name}: the queryset must return objects; remove values()")
    if queryset.query.windowed:
        raise FieldError(f"{name}: the queryset must not be sliced; a slice applies to all rows")


def prefetch(session: Session, records: Sequence[Any], lookups: Iterable[Prefetch]) -> None:
    """Fetch the related objects of all records, and attach them to the records."""
    for lookup in lookups:
        _prefetch_one(session, records, lookup)


def prefetch_related_objects(records: Sequence[Any], *lookups: str | Prefetch) -> None:
    """Fetch the related objects of objects that are loaded already; see `Prefetch`.

    >>> tickets = list(Ticket.objects.filter(status="new")[:10])
    >>> prefetch_related_objects(tickets, "requester")

    Args:
        records: objects of one model and one account.
        lookups: names of relations, or `Prefetch` objects.

    Raises:
        FieldError: a relation does not exist.
        InvalidValue: the objects are of several models or accounts.
    """
    records = list(require_many(records, "prefetch_related_objects"))
    if records:
        first = records[0]
        if not hasattr(first, "_meta") or isinstance(first, type):
            raise InvalidValue(f"prefetch_related_objects() needs objects, not {display(first)}")
        session = connections.session(first.using or DEFAULT)
        require_objects(type(first), records, session, "prefetch_related_objects")
        prefetch(session, records, normalize_lookups(first._meta, lookups))


def _prefetch_one(session: Session, records: Sequence[Any], lookup: Prefetch) -> None:
    if not records:
        return
    name, _, remainder = lookup.lookup.partition("__")
    step = Prefetch(name) if remainder else evolve(lookup, lookup=name)
    model = type(records[0])
    if name in model._meta.relations:
        related = list(_prefetch_to_one(session, records, model._meta.relations[name], step))
    elif name in model._meta.declared:
        field = model._meta.declared[name]
        related = list(_prefetch_custom_lookup(session, records, field, step))
    elif hasattr(getattr(model, name), "read_along"):
        # Not a relation, but an attribute that can be fetched for several objects.
        related = getattr(model, name).read_along(session, records)
    else:
        related = list(_prefetch_to_many(session, records, getattr(model, name), step))
    if remainder and related:
        # Relations behind a custom lookup field can only be checked now.
        next_lookup = evolve(lookup, lookup=remainder)
        _check(next_lookup, related[0]._meta)
        _prefetch_one(session, related, next_lookup)


def _get_related_model(model: Any, name: str) -> Any:
    """Return the model of a relation.

    Raises:
        FieldError: the relation does not exist.
    """
    relation = model._meta.relations.get(name)
    if relation is not None:
        return relation.model
    descriptor: Any = getattr(model, name, None)
    if not hasattr(descriptor, "target"):
        members = (item for base in model.__mro__ for item in vars(base).items())
        names = {item for item, value in members if hasattr(value, "target")}
        raise FieldError(
            f"{model.__name__} has no relation {display(name)} to prefetch"
            + suggestion(name, names.union(model._meta.relations))
        )
    return descriptor.model


def _prefetch_to_one(
    session: Session, records: Sequence[Any], relation: Any, lookup: Prefetch
) -> Iterator[Any]:
    ids = relation.ids(records)
    related = _get_or_fetch(session, relation.model, ids)
    if lookup.to_attr:
        for record, pk in zip(records, ids, strict=True):
            record.__dict__[lookup.to_attr] = related.get(pk)
    else:
        link(records, relation, related)
    yield from related.values()


def _prefetch_custom_lookup(
    session: Session, records: Sequence[Any], field: Any, lookup: Prefetch
) -> Iterator[Any]:
    """Fetch the objects that a custom lookup field refers to.

    Raises:
        FieldError: the field is not a lookup field, or its objects have no model.
    """
    values = [getattr(record, field.name) for record in records]
    references = [value for value in values if value is not None]
    if not all(isinstance(value, Record) for value in references):
        raise FieldError(f"{field.name} does not refer to objects; remove it from the prefetch")
    ids = [None if value is None else value.pk for value in values]
    related: dict[Any, Any] = {}
    if references:
        related = _get_or_fetch(session, type(references[0]), ids, like=references[0])
    for record, pk in zip(records, ids, strict=True):
        if lookup.to_attr:
            record.__dict__[lookup.to_attr] = related.get(pk)
        elif pk in related:
            # A strong reference, so that reading the field finds the same object.
            prefetched.keep(record, field, [related[pk]])
    yield from related.values()


def _get_or_fetch(
    session: Session, model: type[Any], ids: Iterable[Any], like: Any = None
) -> dict[Any, Any]:
    """Return objects by id: complete ones from the session, the others fetched together."""
    related: dict[Any, Any] = {}
    missing = []
    for pk in dict.fromkeys(ids):
        cached = None if pk is None else session.identity.get(model, pk)
        if cached is not None and type(cached._row) is not PartialRow:
            related[pk] = cached
        elif pk is not None:
            missing.append(pk)
    return related | {record.pk: record for record in session.get_many(model, missing, like)}


def _prefetch_to_many(
    session: Session, records: Sequence[Any], relation: Any, lookup: Prefetch
) -> Iterator[Any]:
    parents = [record for record in records if record.pk is not None]
    cached = [prefetched.get_prefetched(parent, relation) for parent in parents]
    if lookup.queryset is None and all(rows is not None for rows in cached):
        # An earlier lookup fetched them, and this one continues from there.
        yield from (row for rows in cached for row in rows or ())
        return
    base = Query.of(relation.model)
    if lookup.queryset is not None:
        base = lookup.queryset.query
        _require_same_identity(lookup, session)
    pairs = list(_gather(session, parents, relation, base))
    children = list({id(child): child for _, child in pairs}.values())
    if lookup.queryset is not None:
        prefetch(session, children, lookup.queryset._prefetch_related_lookups)
    by_parent: dict[Any, list[Any]] = {parent.pk: [] for parent in parents}
    for pk, child in pairs:
        by_parent[pk].append(child)
    for parent in parents:
        if lookup.to_attr:
            parent.__dict__[lookup.to_attr] = by_parent[parent.pk]
        else:
            prefetched.keep(parent, relation, by_parent[parent.pk])
    yield from children


def _require_same_identity(lookup: Prefetch, session: Session) -> None:
    """Check the account and the user of the query of a lookup.

    Raises:
        InvalidValue: the query is for another account or user than the objects.
    """
    alias = lookup.queryset._db
    if not alias:
        return
    source = source_of(alias)
    require_own(lookup.lookup, lookup.queryset, source, session)
    names_user = isinstance(alias, BoundAlias) or split_alias(alias)[0] is not None
    if names_user and source.on_behalf_of != session.on_behalf_of:
        raise InvalidValue(
            f"{lookup.lookup}: using({display(str(alias))}) is for another user than the "
            "objects, which are prefetched as their own user; remove using()"
        )


def _gather(
    session: Session, parents: Sequence[Any], relation: Any, base: Query
) -> Iterator[tuple[Any, Any]]:
    if isinstance(relation, Members):
        ids = {parent.pk: getattr(parent, relation.ids) for parent in parents}
        return fetch_by_ids(session, ids, base)
    pairs: Iterator[tuple[Any, Any]] = relation.gather(session, parents, base)
    return pairs


def fetch_referring(
    session: Session, ids: Iterable[Any], base: Query, relation: str
) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of an id and a row that refers to it.

    Args:
        session: the session that fetches the rows.
        ids: the ids of the objects that the rows may refer to.
        base: the query for the rows, without the condition of the relation.
        relation: the relation of the rows, a lookup, or a field of ids.
    """
    for chunk, query in _split(session, base, relation, list(ids)):
        for page in session.fetch(query):
            for row in page:
                if len(chunk) == 1:
                    yield chunk[0], row
                else:
                    # Not an unsaved edit of a row that is alive: Zendesk found it by its value.
                    yield base.meta.relations[relation].id.read(row._row), row


def fetch_by_ids(
    session: Session, ids: Mapping[Any, Sequence[Any]], base: Query, *, in_id_order: bool = True
) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of a key and a row whose id is listed under the key.

    Args:
        session: the session that fetches the rows.
        ids: lists of ids by key.
        base: the query for the rows; its order is used, if it has one.
        in_id_order: whether rows are otherwise in the order of the lists.
    """
    unique = tuple(dict.fromkeys(pk for listed in ids.values() for pk in listed))
    query = evolve(base, where=conjoin(base.where, Condition("id", "in", unique)))
    pages = session.fetch(session.resolve_custom_fields(query))
    rows = {row.pk: row for page in pages for row in page}
    position = {pk: number for number, pk in enumerate(rows)}
    for key, listed in ids.items():
        existing = [pk for pk in dict.fromkeys(listed) if pk in rows]
        if base.order or not in_id_order:
            existing.sort(key=position.__getitem__)
        for pk in existing:
            yield key, rows[pk]


def _split(
    session: Session, base: Query, relation: str, ids: list[Any]
) -> Iterator[tuple[tuple[Any, ...], Query]]:
    """Yield chunks of ids with the query for their rows, as few as endpoints support."""
    base = session.resolve_custom_fields(base)
    size = MAX_VALUES_PER_SEARCH if relation in base.meta.relations else 1
    for start in range(0, len(ids), size):
        chunk = tuple(ids[start : start + size])
        query = _narrow(base, relation, chunk)
        if session.planning.can_answer(query):
            yield chunk, query
        else:
            yield from (((pk,), _narrow(base, relation, (pk,))) for pk in chunk)


def _narrow(base: Query, relation: str, ids: tuple[Any, ...]) -> Query:
    """Return a query narrowed to the rows that refer to one of some ids."""
    is_single = len(ids) == 1
    condition = Condition(relation, "exact" if is_single else "in", ids[0] if is_single else ids)
    return evolve(base, where=conjoin(base.where, condition))
