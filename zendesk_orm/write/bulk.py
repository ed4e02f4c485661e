"""Any number of objects: a hundred to a request, through jobs, one outcome each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import frozen

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import ApiError, FieldError, InvalidValue, TransportError
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.record import Record
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write import lists, settling, ways
from zendesk_orm.write.batches import Way
from zendesk_orm.write.existing import Existing, findable, identified
from zendesk_orm.write.manner import Manner
from zendesk_orm.write.operation import Operation
from zendesk_orm.write.outcomes import BulkResult, Outcome
from zendesk_orm.write.tagging import parted
from zendesk_orm.write.unanswered import refused
from zendesk_orm.write.validation import problems


__all__ = ["Conflicts", "Manner", "create", "delete", "update", "update_alike"]

#: What Zendesk says of a row that exists already.
_DUPLICATE = re.compile(r"already (been taken|being used|exists)|DuplicateValue", re.IGNORECASE)
#: Seconds by which the clocks may differ.
_SKEW = 300.0


@frozen
class Conflicts:
    """What becomes of objects that exist already.

    Attributes:
        ignore: they are left alone.
        update: they are changed.
        fields: what is changed of them; Zendesk changes all that is sent.
        unique: the fields by which they are known.
    """

    ignore: bool = False
    update: bool = False
    fields: tuple[str, ...] | None = None
    unique: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        meta: Options,
        *,
        ignore: bool,
        update: bool,
        fields: Iterable[str] | None,
        unique: Iterable[str] | None,
    ) -> Conflicts:
        """Return Django's arguments, checked.

        Raises:
            FieldError: they do not go together, a field is unknown, or Zendesk cannot do it.
        """
        names = [column(meta.get_field(name)).name for name in unique or ()]
        if ignore and update:
            raise FieldError("ignore_conflicts and update_conflicts exclude each other")
        if (names and not (ignore or update)) or (fields is not None and not update):
            raise FieldError(
                "unique_fields goes with ignore_conflicts or update_conflicts, "
                "update_fields with update_conflicts"
            )
        if ignore and len(names) > 1:
            raise FieldError("ignore_conflicts looks objects up by one of unique_fields, not more")
        if update:
            known = ways.upsert_of(meta).unique
            names = names or [*known[: None if ways.upsert_of(meta).any else 1]]
            if not set(names) <= set(known):
                raise FieldError(
                    f"Zendesk knows {meta.verbose_name_plural} by {' or '.join(known)}, "
                    f"not by {', '.join(names)}"
                )
            if len(names) > 1 and not ways.upsert_of(meta).any:
                raise FieldError(f"{meta.verbose_name_plural} are known by one of unique_fields")
        changed = None
        if fields is not None:
            changed = tuple(column(meta.get_field(each)).name for each in fields)
        return cls(ignore, update, changed, tuple(names))


#: What is done when nothing is said.
PLAIN, REFUSED = Manner(), Conflicts()


@frozen(eq=False)
class Creation:
    """How new objects are sent by an action of their model, such as an import.

    Attributes:
        call: the name of the action.
        request: returns the request that carries some objects.
        payload: returns what is sent of an object, whose unsaved relations are resolved.
        backdated: whether objects may be created with dates of the past.
    """

    call: str
    request: ways.Carrier
    payload: Callable[[Any], dict[str, Any]]
    backdated: bool = False


def create(
    session: Session,
    model: Any,
    objects: Iterable[Any],
    conflicts: Conflicts = REFUSED,
    manner: Manner = PLAIN,
    doubtful: Sequence[Any] = (),
    since: float | None = None,
    creation: Creation | None = None,
) -> BulkResult:
    """Create objects; each gets its id.

    Args:
        session: where to.
        model: of the objects.
        objects: any number of them, asked for as they are sent.
        conflicts: what becomes of those that exist already.
        manner: how it is run.
        doubtful: those of them that may have been created before, and are looked for.
        since: when that was begun; now by default.
        creation: the action that creates them; `create_many` by default.

    Raises:
        BulkError: some failed; it carries the result of all.
        FieldError, InvalidValue: before anything is sent.
    """
    meta = model._meta
    began = session.account.transport.clock.now() if since is None else since
    if creation is not None:
        carrier = creation.request
    elif conflicts.update:
        carrier = ways.upserting(meta, conflicts.unique)
    else:
        carrier = ways.each_its_own(meta, Verb.CREATE_MANY)

    def prepare(record: Any) -> Any:
        if record.pk is not None:
            raise InvalidValue(f"{record!r} exists already; bulk_update() changes it")
        require_relations(record, session)
        if session.outbox is None:
            record.settle_relations()
        record.settle_custom(session)
        if creation is not None:
            return creation.payload(record)
        payload = record.to_payload()
        if conflicts.update:
            _upsertable(record, payload, conflicts)
            return payload
        wrong = problems(record, created=True, source=session)
        return invalid(record, wrong) if wrong else payload

    def again(objects: list[Any], unsure: list[Any]) -> BulkResult:
        return create(session, model, objects, conflicts, manner.again, unsure, began, creation)

    way = Way(
        "upsert" if conflicts.update and session.outbox is not None else "create",
        prepare,
        carrier,
        settling.upserted if conflicts.update else settling.created,
        ways.apart(meta),
        _sift(session, model, conflicts, doubtful, began, backdated=_is_backdated(creation)),
        "" if creation is None else creation.call,
        partial(identified, session, model),
    )
    tolerated = _duplicate if conflicts.ignore else None
    operation = Operation(session, model, way, manner, again=again, tolerated=tolerated)
    return operation.run(objects)


def update(
    session: Session,
    model: Any,
    objects: Iterable[Any],
    fields: Iterable[str] | None = None,
    manner: Manner = PLAIN,
) -> BulkResult:
    """Send what changed on each object; unchanged ones succeed without a request.

    Raises:
        BulkError: some failed; it carries the result of all.
        FieldError, InvalidValue: before anything is sent.
    """
    meta = model._meta
    names = None if fields is None else [meta.stored(name) for name in fields]

    def prepare(record: Any) -> Any:
        pk = _known(record)
        require_relations(record, session)
        record.settle_relations()
        record.settle_custom(session)
        payload = lists.by_members(record, record.to_payload(names))
        return {**payload, "id": pk} if payload else Outcome(record, pk, ok=True)

    def again(objects: list[Any], unsure: list[Any]) -> BulkResult:
        return update(session, model, objects, names, manner.again)

    carrier = ways.each_its_own(meta, Verb.UPDATE_MANY)
    # In a batch, the lists of others are read when it ends.
    sift = lists.refreshed(session, model) if session.outbox is None else None
    way = Way("update", prepare, carrier, settling.updated, ways.apart(meta), sift)
    return Operation(session, model, way, manner, again=again).run(objects)


def update_alike(
    session: Session,
    model: Any,
    objects: Iterable[Any],
    values: Mapping[str, Any],
    manner: Manner = PLAIN,
) -> BulkResult:
    """Make the same change to each object.

    Raises:
        BulkError: some failed; it carries the result of all.
        FieldError, InvalidValue: before anything is sent.
    """
    payload = alike(session, model, values)

    def prepare(record: Any) -> Any:
        return payload if _known(record) and payload else Outcome(record, record.pk, ok=True)

    def again(objects: list[Any], unsure: list[Any]) -> BulkResult:
        return update_alike(session, model, objects, values, manner.again)

    carrier = ways.all_alike(model._meta, Verb.UPDATE_MANY, payload)
    way = Way("update", prepare, carrier, settling.updated, ways.apart(model._meta))
    return Operation(session, model, way, manner, again=again).run(objects)


def alike(session: Session, model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is sent to make the same change to many rows.

    Raises:
        FieldError, InvalidValue: a name or a value that is none, or Zendesk cannot do it.
    """
    ways.all_alike(model._meta, Verb.UPDATE_MANY, {})
    plain, tags = parted(model._meta, values)
    record = model(**plain)
    require_relations(record, session)
    record.settle_custom(session)
    payload: dict[str, Any] = record.to_payload()
    return {**payload, **tags}


def is_deletable(model: Any) -> bool:
    """Return whether Zendesk deletes many rows of a model in one request."""
    try:
        require_deletable(model)
    except FieldError:
        return False
    return True


def require_deletable(model: Any) -> None:
    """Raise if Zendesk does not delete many rows of a model in one request.

    Raises:
        FieldError: it deletes them one by one, or not at all.
    """
    ways.all_alike(model._meta, Verb.DESTROY_MANY, None)


def delete_one(session: Session, record: Any, manner: Manner = PLAIN) -> BulkResult:
    """Delete an object by itself, as one outcome.

    Raises:
        BulkError: it failed; it carries the result.
    """

    def again(objects: list[Any], unsure: list[Any]) -> BulkResult:
        return delete_one(session, record, manner.again)

    try:
        record.delete(using=session.alias)
    except (ApiError, TransportError) as error:
        outcome = refused(record, error)
    else:
        outcome = Outcome(record, record.pk, ok=True)
    result = BulkResult([outcome], again=again, raises=manner.raises)
    if session.outbox is None:
        told = {"action": "delete", "result": result, "using": session.alias}
        announce(signals.post_bulk, type(record), **told)
    if manner.raises:
        result.raise_for_failures()
    return result


def delete(
    session: Session,
    model: Any,
    objects: Iterable[Any],
    manner: Manner = PLAIN,
) -> BulkResult:
    """Delete the objects, softly where Zendesk does.

    Raises:
        BulkError: some failed; it carries the result of all.
        FieldError, InvalidValue: before anything is sent.
    """

    def again(objects: list[Any], unsure: list[Any]) -> BulkResult:
        return delete(session, model, objects, manner.again)

    carrier = ways.all_alike(model._meta, Verb.DESTROY_MANY, None)
    way = Way("delete", _known, carrier, settling.deleted, ways.apart(model._meta))
    return Operation(session, model, way, manner, again=again).run(objects)


def _is_backdated(creation: Creation | None) -> bool:
    return creation is not None and creation.backdated


def _sift(
    session: Session,
    model: Any,
    conflicts: Conflicts,
    doubtful: Sequence[Any],
    began: float,
    *,
    backdated: bool,
) -> Any:
    """Return what leaves out the objects that are there already, or None.

    Raises:
        FieldError: they cannot be looked up so.
    """
    if conflicts.ignore and conflicts.unique:
        (name,) = conflicts.unique
        if not findable(model, name):
            raise FieldError(
                f"{model._meta.verbose_name_plural} cannot be looked up by {name}, many at once"
            )
        return Existing(session, model, name, backdated=backdated).sift
    unsure = frozenset(id(each) for each in doubtful if each.to_payload().get("external_id"))
    if not unsure or conflicts.update or not findable(model, "external_id"):
        return None
    since = began - _SKEW
    found = Existing(
        session, model, "external_id", doubtful=unsure, since=since, backdated=backdated
    )
    return found.sift


def _upsertable(record: Record, payload: Mapping[str, Any], conflicts: Conflicts) -> None:
    if not any(payload.get(name) for name in conflicts.unique):
        raise InvalidValue(
            f"{record!r} has no {' and no '.join(conflicts.unique)}, by which it could be found"
        )
    if conflicts.fields is not None:
        more = sorted(payload.keys() - {*conflicts.fields, *conflicts.unique})
        if more:
            raise FieldError(
                f"Zendesk changes all that is sent of a row that exists, {', '.join(more)} too; "
                "name these in update_fields, or name none"
            )


def invalid(record: Record, wrong: Mapping[str, list[str]]) -> Outcome:
    """Return the outcome of an object that Zendesk would refuse, and is not sent."""
    told = "; ".join(f"{name} {problem}" for name, each in wrong.items() for problem in each)
    return Outcome(record, record.pk, ok=False, error="ValidationError", details=told)


def _duplicate(outcome: Outcome) -> bool:
    return bool(_DUPLICATE.search(f"{outcome.error} {outcome.details}"))


def _known(record: Record) -> Any:
    if record.pk is None:
        raise InvalidValue(f"{record!r} has no id yet; bulk_create() makes it")
    return record.pk
