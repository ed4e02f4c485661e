"""Which account an object belongs to: ids mean something in their own account only."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.schema.source import DEFAULT, Source, source_of


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

#: Where an object keeps the sources of the objects that were assigned to it, by field.
OWNERS = "_owners"


def identity(source: Source | None) -> Hashable:
    """Return the identity of the account of a source; without one, of the default account."""
    return (source_of(DEFAULT) if source is None else source).account_identity


def is_foreign(owner: Source | None, source: Source | None) -> bool:
    """Return True if both sources are known and belong to different accounts.

    An account, its brands and its other aliases are one account.
    """
    if owner is None or source is None or owner is source:
        return False
    return identity(owner) != identity(source)


def require_own(what: str, value: Any, owner: Source | None, source: Source | None) -> None:
    """Raise if an object belongs to another account than the one it would be sent to.

    Args:
        what: the field or method that the object was given to.
        value: the object, for the message.
        owner: where the object comes from; None if it was never sent.
        source: where it would be sent; None if that is not known yet.

    Raises:
        InvalidValue: the two accounts differ.
    """
    if owner is None or source is None or not is_foreign(owner, source):
        return
    raise InvalidValue(
        f"{what}: {_described(value)} belongs to account {owner.alias!r}, not to {source.alias!r}; "
        "nothing was sent, because the same id is another object there"
    )


def require_object(model: Any, value: Any, source: Source | None, what: str) -> Any:
    """Return an object if it can be used as one of a model, in the account of a source.

    Args:
        model: the model; objects of its proxies are accepted.
        value: the object.
        source: where it would be sent.
        what: the method that it was given to.

    Raises:
        InvalidValue: it is no such object, or belongs to another account.
    """
    meta = getattr(value, "_meta", None)
    if isinstance(value, type) or meta is None or not _is_of(model, value):
        raise InvalidValue(
            f"{what}: every object must be a {model.__name__}, not {_described(value)}; "
            "nothing was sent for it"
        )
    if value.pk is not None:
        require_own(what, value, value._source, source)
    return value


def require_objects(
    model: Any, values: Iterable[Any], source: Source | None, what: str
) -> Iterable[Any]:
    """Return the objects that a method was given, checked before the first is used.

    Objects of a generator, which is not read ahead, are checked as they come.

    Raises:
        InvalidValue: one is no object of the model, or belongs to another account, or to
            another user of `acting_as()`.
    """
    values = require_many(values, what)
    if isinstance(values, (list, tuple, set, frozenset)):
        for each in values:
            _require_sendable(model, each, source, what)
        return values
    return (_require_sendable(model, each, source, what) for each in values)


def _require_sendable(model: Any, value: Any, source: Source | None, what: str) -> Any:
    """Return an object that can be sent together with others, as the user of a source.

    Raises:
        InvalidValue: it is no such object, or belongs to another account or another user.
    """
    require_object(model, value, source, what)
    owner = value._source
    if owner is None or source is None or value.pk is None:
        return value
    if owner.on_behalf_of != source.on_behalf_of:
        raise InvalidValue(
            f"{what}: {_described(value)} was read {_acting(owner)}, and would be sent "
            f"{_acting(source)}: use objects.using(obj.using), which is of its identity, or read "
            "it again; nothing was sent for it"
        )
    return value


def _acting(source: Source) -> str:
    """Return as whom a source sends requests, for messages."""
    return "as the account itself" if source.on_behalf_of is None else f"as {source.on_behalf_of}"


def require_many(values: Any, what: str) -> Iterable[Any]:
    """Return values that can be iterated.

    Raises:
        InvalidValue: it is one value, a text, or a dictionary.
    """
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise InvalidValue(
            f"{what}: must be a list, or another iterable, of objects, not {_described(values)}"
        )
    return values


def require_id(model: Any, value: Any, source: Source | None, what: str) -> Any:
    """Return the id of a saved object of a model, or a plain id as it is.

    Raises:
        InvalidValue: it is neither, was never saved, or belongs to another account.
    """
    if hasattr(value, "_meta"):
        require_object(model, value, source, what)
        if value.pk is None:
            raise InvalidValue(f"{what}: {value!r} has no id yet; save it first")
        return value.pk
    found = model._meta.numbered(value)
    numeric = model._meta.fields["id"].kind.name == "int"
    if isinstance(found, bool) or not isinstance(found, int if numeric else str) or found == "":
        raise InvalidValue(
            f"{what}: must be a saved {model.__name__} or its id, not {_described(value)}"
        )
    return found


def require_relations(record: Record, source: Source) -> None:
    """Raise if an object points to objects of another account than the one it is sent to.

    Raises:
        InvalidValue: the message names the field.
    """
    for name, owner in record.__dict__.get(OWNERS, {}).items():
        if name in record.__dict__ or name not in record._meta.fields:
            require_own(name, record.__dict__.get(name), owner, source)
    for name, value in list(record.__dict__.items()):
        if name.startswith("_"):
            continue
        relation = name in record._meta.relations
        for each in objects(value):
            if relation or each.pk is not None:
                require_own(name, each, each._source, source)
            if each.pk is None and each is not record and not relation:
                require_relations(each, source)


def remember_owners(record: Record, name: str, value: Any) -> None:
    """Check, and remember for the save, where the objects of an assigned value come from.

    Raises:
        InvalidValue: an object belongs to another account than this one.
    """
    found = [each for each in objects(value) if each._source is not None]
    for each in found:
        require_own(name, each, each._source, record._source)
    owners = record.__dict__.get(OWNERS, {})
    if found or name in owners:
        # Of what is kept as an id, nothing else tells the account at the save.
        others = {key: each for key, each in owners.items() if key != name}
        record.__dict__[OWNERS] = others | ({name: found[-1]._source} if found else {})


def objects(value: Any) -> Iterator[Record]:
    """Yield the objects that a value is, or holds."""
    if hasattr(value, "_meta") and not isinstance(value, type):
        yield value
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from objects(each)


def listed(value: Any) -> Any:
    """Return a list of an iterable that can be read once only, and anything else as it is."""
    plain = (str, bytes, Mapping, list, tuple, set, frozenset)
    if isinstance(value, plain) or not isinstance(value, Iterable) or hasattr(value, "_meta"):
        return value
    return list(value)


def owners(values: Iterable[Any]) -> tuple[Source, ...]:
    """Return the sources of the objects among some values, each account once."""
    found = {
        identity(each._source): each._source
        for value in values
        for each in objects(value)
        if each._source is not None
    }
    return tuple(found.values())


def _is_of(model: Any, value: Any) -> bool:
    """Return True if the rows of an object are rows of a model: of the same parent, too."""
    mine, theirs = model._meta, value._meta
    if isinstance(value, model):
        return True
    if mine.concrete is not theirs.concrete:
        return False
    places = mine.named(dict.fromkeys(mine.place))
    return all(
        value._row.get(wire, theirs.filter.get(name)) in (None, mine.filter.get(name))
        for wire, name in zip(mine.place, places, strict=True)
        if name in mine.filter
    )


def _described(value: Any) -> str:
    """Return a value as messages show it; a QuerySet is not read for that."""
    if hasattr(value, "query"):
        return f"a query of {value.query}"
    return repr(value) if value is None or hasattr(value, "_meta") else f"{value!r:.60}"
