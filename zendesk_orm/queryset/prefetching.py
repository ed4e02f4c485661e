"""What rows point to and what points to them, read for a whole page at once.

To one row: those of a page, a request for each hundred. To many: one search for
fifty parents where search knows the relation, else a list for each parent; where
rows name the others by id, a request for each hundred again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.account import connections
from zendesk_orm.errors import FieldError, InvalidValue, NoEndpoint
from zendesk_orm.plan.planner import VALUES_A_SEARCH, plan
from zendesk_orm.query.predicate import Condition, both
from zendesk_orm.query.query import Query
from zendesk_orm.schema import prefetched
from zendesk_orm.schema.accounts import require_objects, require_own
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.members import Members
from zendesk_orm.schema.record import DEFAULT, Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.schema.source import BoundAlias, source_of
from zendesk_orm.session.account import split_alias
from zendesk_orm.session.session import Session
from zendesk_orm.session.sideloads import link


@frozen
class Prefetch:
    """A relation to read along, and how.

    Attributes:
        lookup: the relation: `comments`, `organization__users`.
        queryset: what to read of it; all by default.
        to_attr: the attribute that gets the list, instead of the relation.
    """

    lookup: str
    queryset: Any = None
    to_attr: str | None = None


def prefetches(meta: Any, lookups: Iterable[str | Prefetch]) -> tuple[Prefetch, ...]:
    """Return the lookups as values, each checked.

    Raises:
        FieldError: no such relation.
    """
    found = tuple(
        each if isinstance(each, Prefetch) else Prefetch(require_name(each)) for each in lookups
    )
    for each in found:
        model, one = meta.model, False
        for name in each.lookup.split("__"):
            if each.to_attr and hasattr(getattr(model, name, None), "read_along"):
                raise FieldError(f"{name} is kept by each object, so to_attr cannot name another")
            if name in model._meta.declared:
                # A lookup of the account's, of which only the account knows where it leads.
                model, one = None, True
                break
            one = name in model._meta.relations
            model = _target(model, name)
        if each.queryset is not None:
            _check(each, model, one=one)
    return found


def _check(each: Prefetch, model: Any, *, one: bool) -> None:
    """Refuse a queryset that cannot be read along.

    Raises:
        FieldError: the message tells why.
    """
    if model is not None and each.queryset.model is not model:
        raise FieldError(f"{each.lookup}: wants a query of {model.__name__}")
    if one:
        raise FieldError(f"{each.lookup} leads to one row; a queryset is for relations to many")
    if each.queryset.query.shape is not None:
        raise FieldError(f"{each.lookup}: wants a query of objects, not of values()")
    if each.queryset.query.windowed:
        raise FieldError(f"{each.lookup}: a slice would be of the rows of all, not of each")


def prefetch(session: Session, records: Sequence[Any], lookups: Iterable[Prefetch]) -> None:
    """Read what the lookups name of all the records, and give each record its own."""
    for each in lookups:
        _prefetch(session, records, each)


def prefetch_related_objects(records: Sequence[Any], *lookups: str | Prefetch) -> None:
    """Read what lookups name of objects at hand, and give each its own; see `Prefetch`.

    Args:
        records: objects of one model, all of one account.
        lookups: relations, or objects of `Prefetch`.

    Raises:
        FieldError: no such relation.
        InvalidValue: the objects are of several models or accounts.
    """
    if records:
        first = records[0]
        session = connections.session(first.using or DEFAULT)
        require_objects(type(first), list(records), session, "prefetch_related_objects")
        prefetch(session, records, prefetches(first._meta, lookups))


def _prefetch(session: Session, records: Sequence[Any], each: Prefetch) -> None:
    if not records:
        return
    name, _, rest = each.lookup.partition("__")
    last = evolve(each, lookup=name) if not rest else Prefetch(name)
    model = type(records[0])
    if name in model._meta.relations:
        found = list(_to_one(session, records, model._meta.relations[name], last))
    elif name in model._meta.declared:
        found = list(_to_lookup(session, records, model._meta.declared[name], last))
    elif hasattr(getattr(model, name), "read_along"):
        # What is no relation, and has a way of its own to be read for many.
        found = getattr(model, name).read_along(session, records)
    else:
        found = list(_to_many(session, records, getattr(model, name), last))
    if rest and found:
        # Behind a lookup of the account's, nobody could look before.
        (further,) = prefetches(found[0]._meta, [evolve(each, lookup=rest)])
        _prefetch(session, found, further)


def _target(model: Any, name: str) -> Any:
    """Return the model that a relation leads to.

    Raises:
        FieldError: there is no such relation.
    """
    relation = model._meta.relations.get(name)
    if relation is not None:
        return relation.model
    descriptor: Any = getattr(model, name, None)
    if not hasattr(descriptor, "target"):
        raise FieldError(f"{model.__name__} has no relation {name!r} to prefetch")
    return descriptor.model


def _to_one(
    session: Session, records: Sequence[Any], relation: Any, each: Prefetch
) -> Iterator[Any]:
    ids = relation.ids(records)
    known = _whole(session, relation.model, ids)
    if each.to_attr:
        for record, pk in zip(records, ids, strict=True):
            record.__dict__[each.to_attr] = known.get(pk)
    else:
        link(records, relation, known)
    yield from known.values()


def _to_lookup(
    session: Session, records: Sequence[Any], field: Any, each: Prefetch
) -> Iterator[Any]:
    """Read what a lookup of the account's leads to.

    Raises:
        FieldError: it is another kind of field, or one that is read as an id.
    """
    found = [getattr(record, field.name) for record in records]
    pointed = [one for one in found if one is not None]
    if not all(isinstance(one, Record) for one in pointed):
        raise FieldError(f"{field.name} leads to no object, so that there is nothing to prefetch")
    ids = [None if one is None else one.pk for one in found]
    known = _whole(session, type(pointed[0]), ids, like=pointed[0]) if pointed else {}
    for record, pk in zip(records, ids, strict=True):
        if each.to_attr:
            record.__dict__[each.to_attr] = known.get(pk)
        elif pk in known:
            # Who holds it has it: reading the field finds the same object.
            prefetched.keep(record, field, [known[pk]])
    yield from known.values()


def _whole(
    session: Session, model: type[Any], ids: Iterable[Any], like: Any = None
) -> dict[Any, Any]:
    """Return the records of ids by id: those that are held whole, and the others read together."""
    known: dict[Any, Any] = {}
    missing = []
    for pk in dict.fromkeys(ids):
        held = None if pk is None else session.identity.get(model, pk)
        if held is not None and type(held._row) is not Hollow:
            known[pk] = held
        elif pk is not None:
            missing.append(pk)
    return known | {found.pk: found for found in session.many(model, missing, like)}


def _to_many(session: Session, records: Sequence[Any], many: Any, each: Prefetch) -> Iterator[Any]:
    parents = [record for record in records if record.pk is not None]
    known = [prefetched.kept(parent, many) for parent in parents]
    if each.queryset is None and all(rows is not None for rows in known):
        # An earlier lookup read them; this one goes on from there.
        yield from (row for rows in known for row in rows or ())
        return
    base = Query.of(many.model)
    if each.queryset is not None:
        base = each.queryset.query
        _require_identity(each, session)
    rows: dict[Any, list[Any]] = {parent.pk: [] for parent in parents}
    found = list(_gathered(session, parents, many, base))
    children = list({id(child): child for _, child in found}.values())
    if each.queryset is not None:
        prefetch(session, children, each.queryset._prefetch)
    for pk, child in found:
        rows[pk].append(child)
    for parent in parents:
        if each.to_attr:
            parent.__dict__[each.to_attr] = rows[parent.pk]
        else:
            prefetched.keep(parent, many, rows[parent.pk])
    yield from children


def _require_identity(each: Prefetch, session: Session) -> None:
    """Raise if a query names another account or another user than that of the objects.

    Raises:
        InvalidValue: it does.
    """
    alias = each.queryset._alias
    if not alias:
        return
    source = source_of(alias)
    require_own(each.lookup, each.queryset, source, session)
    names_user = isinstance(alias, BoundAlias) or split_alias(alias)[0] is not None
    if names_user and source.on_behalf_of != session.on_behalf_of:
        raise InvalidValue(
            f"{each.lookup}: the query of using({str(alias)!r}) is of another identity than the "
            "objects, as which it would be read; leave using() out"
        )


def _gathered(
    session: Session, parents: Sequence[Any], many: Any, base: Query
) -> Iterator[tuple[Any, Any]]:
    if isinstance(many, Members):
        return named(session, {parent.pk: getattr(parent, many.ids) for parent in parents}, base)
    found: Iterator[tuple[Any, Any]] = many.gather(session, parents, base)
    return found


def pointing(
    session: Session, ids: Iterable[Any], base: Query, relation: str
) -> Iterator[tuple[Any, Any]]:
    """Yield each row that points to one of several, after the id that it points to.

    Args:
        session: what the rows are read in.
        ids: the ids that they may point to.
        base: what is asked of the rows besides.
        relation: the rows' relation, or a lookup or a list of ids of theirs.
    """
    for chunk, query in _queries(session, base, relation, list(ids)):
        (only, *others) = chunk
        for page in session.fetch(query):
            for row in page:
                yield (getattr(row, base.meta.relations[relation].id.name) if others else only), row


def named(
    session: Session, ids: Mapping[Any, Sequence[Any]], base: Query, *, in_id_order: bool = True
) -> Iterator[tuple[Any, Any]]:
    """Yield the rows that several name by id, each after the key of who names it.

    Args:
        session: what the rows are read in.
        ids: the ids that each names, by key.
        base: what is asked of the rows besides; they come in its order, if it has one.
        in_id_order: whether they come in the order of their ids otherwise.
    """
    wanted = tuple(dict.fromkeys(pk for each in ids.values() for pk in each))
    together = evolve(base, where=both(base.where, Condition("id", "in", wanted)))
    rows = {row.pk: row for page in session.fetch(session.settled(together)) for row in page}
    place = {pk: number for number, pk in enumerate(rows)}
    for key, each in ids.items():
        found = [pk for pk in dict.fromkeys(each) if pk in rows]
        if base.order or not in_id_order:
            found.sort(key=place.__getitem__)
        for pk in found:
            yield key, rows[pk]


def _queries(
    session: Session, base: Query, relation: str, ids: list[Any]
) -> Iterator[tuple[tuple[Any, ...], Query]]:
    """Yield the queries for the rows of all parents, as few as can be asked, each after theirs."""
    base = session.settled(base)
    most = VALUES_A_SEARCH if relation in base.meta.relations else 1
    for start in range(0, len(ids), most):
        chunk = tuple(ids[start : start + most])
        together = _of(base, relation, chunk)
        try:
            plan(together)
        except NoEndpoint:
            yield from (((pk,), _of(base, relation, (pk,))) for pk in chunk)
        else:
            yield chunk, together


def _of(base: Query, relation: str, ids: tuple[Any, ...]) -> Query:
    one = len(ids) == 1
    where = Condition(relation, "exact" if one else "in", ids[0] if one else ids)
    return evolve(base, where=both(base.where, where))
