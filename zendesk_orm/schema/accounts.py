"""Checks that objects are sent to their own account: ids are valid in one account only."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import is_list, plain
from zendesk_orm.messages import display, with_article
from zendesk_orm.schema.source import DEFAULT, Source, source_of


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record


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
        owner: the source that the object came from; None if it was never sent.
        source: the source that it would be sent to; None if that is not known yet.

    Raises:
        InvalidValue: the two accounts differ.
    """
    if owner is None or source is None or not is_foreign(owner, source):
        return
    raise InvalidValue(
        f"{what}: {display(value)} belongs to account {display(owner.alias)}, not to "
        f"{display(source.alias)}; nothing was sent, because the same id is another object there"
    )


def require_object(model: Any, value: Any, source: Source | None, what: str) -> Any:
    """Return an object if it can be used as one of a model, in the account of a source.

    Args:
        model: the model; objects of its proxies are accepted.
        value: the object.
        source: the source that it would be sent to.
        what: the method that it was given to.

    Raises:
        InvalidValue: it is another object, or belongs to another account.
    """
    meta = getattr(value, "_meta", None)
    if isinstance(value, type) or meta is None or not _is_of(model, value):
        raise InvalidValue(
            f"{what}: every object must be {with_article(model.__name__)}, not {display(value)}; "
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
        InvalidValue: one is not an object of the model, or belongs to another account, or to
            another user of `acting_as()`.
    """
    values = require_many(values, what)
    if isinstance(values, (list, tuple, set, frozenset)):
        for obj in values:
            _require_sendable(model, obj, source, what)
        return values
    return (_require_sendable(model, obj, source, what) for obj in values)


def _require_sendable(model: Any, value: Any, source: Source | None, what: str) -> Any:
    """Return an object that can be sent together with others, as the user of a source.

    Raises:
        InvalidValue: it is another object, or belongs to another account or another user.
    """
    require_object(model, value, source, what)
    owner = value._source
    if owner is None or source is None or value.pk is None:
        return value
    if owner.on_behalf_of != source.on_behalf_of:
        raise InvalidValue(
            f"{what}: {display(value)} was read {_acting(owner)}, and would be sent "
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
        InvalidValue: it is one value, a text, a dictionary or an open file.
    """
    if not is_list(values):
        raise InvalidValue(
            f"{what}: must be a list, or another iterable, of objects, not {display(values)}"
        )
    return values


def require_id(model: Any, value: Any, source: Source | None, what: str) -> Any:
    """Return the id of a saved object of a model, or a plain id as it is.

    Raises:
        InvalidValue: it is neither, was never saved, belongs to another account, or cannot be
            sent.
    """
    if hasattr(value, "_meta"):
        require_object(model, value, source, what)
        if value.pk is None:
            raise InvalidValue(f"{what}: {display(value)} has no id yet; save it first")
        return value.pk
    pk = model._meta.to_id(value)
    numeric = model._meta.fields["id"].kind.name == "int"
    if isinstance(pk, bool) or not isinstance(pk, int if numeric else str) or pk == "":
        raise InvalidValue(
            f"{what}: must be a saved {model.__name__} or its id, not {display(value)}"
        )
    return plain(pk)


def require_relations(record: Record, source: Source) -> None:
    """Raise if an object points to objects of another account than the one it is sent to.

    Raises:
        InvalidValue: the message names the field.
    """
    owners = record._state.owners if "_state" in record.__dict__ else {}
    for name, owner in owners.items():
        if name in record.__dict__ or name not in record._meta.fields:
            require_own(name, record.__dict__.get(name), owner, source)
    for name, value in list(record.__dict__.items()):
        if name.startswith("_"):
            continue
        relation = name in record._meta.relations
        for related in objects(value):
            if relation or related.pk is not None:
                require_own(name, related, related._source, source)
            if related.pk is None and related is not record and not relation:
                require_relations(related, source)


def remember_owners(record: Record, name: str, value: Any) -> None:
    """Check the sources of the objects in an assigned value, and remember them for the save.

    Raises:
        InvalidValue: an object belongs to another account than this one.
    """
    owned = [obj for obj in objects(value) if obj._source is not None]
    for obj in owned:
        require_own(name, obj, obj._source, record._source)
    if not owned and "_state" not in record.__dict__:
        return
    owners = record._state.owners
    if owned or name in owners:
        # If only the id is stored, nothing else identifies the account at the save.
        owners.pop(name, None)
        if owned:
            owners[name] = owned[-1]._source


def objects(value: Any) -> Iterator[Record]:
    """Yield the objects that a value is, or holds, in a list of any depth."""
    pending, visited = [value], set()
    while pending:
        value = pending.pop()
        if hasattr(value, "_meta") and not isinstance(value, type):
            yield value
        elif isinstance(value, (list, tuple, set, frozenset)) and id(value) not in visited:
            # A list may contain itself.
            visited.add(id(value))
            pending.extend(list(value)[::-1])


def as_reusable(value: Any) -> Any:
    """Return a list of an iterable that can be read once only, and anything else as it is."""
    if isinstance(value, (str, list, tuple, set, frozenset)) or hasattr(value, "_meta"):
        return value
    return list(value) if is_list(value) else value


def owners(values: Iterable[Any]) -> tuple[Source, ...]:
    """Return the sources of the objects among some values, each account once."""
    sources = {
        identity(obj._source): obj._source
        for value in values
        for obj in objects(value)
        if obj._source is not None
    }
    return tuple(sources.values())


def _is_of(model: Any, value: Any) -> bool:
    """Return True if the rows of an object are rows of a model: of the same parent, too."""
    mine, theirs = model._meta, value._meta
    if isinstance(value, model):
        return True
    if mine.concrete is not theirs.concrete:
        return False
    places = mine.by_field_name(dict.fromkeys(mine.parent_keys))
    return all(
        value._row.get(wire, theirs.filter.get(name)) in (None, mine.filter.get(name))
        for wire, name in zip(mine.parent_keys, places, strict=True)
        if name in mine.filter
    )
