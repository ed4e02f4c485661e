"""Updates and deletions of many objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import ApiError, FieldError, InvalidValue, TransportError
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_objects, require_relations
from zendesk_orm.schema.arguments import require_names
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.apply_results import apply_sent_values
from zendesk_orm.write.bulk.operation import BulkOperation
from zendesk_orm.write.bulk.requests import (
    JOBS,
    BuildRequest,
    BulkStrategy,
    Entry,
    ResolvedOptions,
    bulk_endpoint,
    parent_key,
    per_object_bodies,
    response_reader,
    shared_body,
)
from zendesk_orm.write.bulk.results import BulkResult, Outcome, failed_outcome, failed_request
from zendesk_orm.write.change import compute_change, with_unsaved_objects
from zendesk_orm.write.collections import split_tag_changes
from zendesk_orm.write.conflicts import bulk_payload, merge_current_rows
from zendesk_orm.write.lost_responses import drop_applied_update, is_applied


#: The default options of bulk methods.
DEFAULTS = ResolvedOptions()


def update(
    session: Session,
    model: Any,
    objects: Iterable[Any],
    fields: Iterable[str] | None = None,
    options: ResolvedOptions = DEFAULTS,
    allowed: tuple[str, ...] | None = None,
) -> BulkResult:
    """Send the changes of each object; unchanged objects succeed without a request.

    Args:
        session: the session to send with.
        model: the model of the objects.
        objects: the objects, consumed while requests are sent.
        fields: the fields to send; all changed fields by default.
        options: the options of the bulk method.
        allowed: the fields that Zendesk changes in bulk; None for all.

    Raises:
        BulkError: some objects failed; the error contains the result.
        FieldError, InvalidValue: before anything is sent.
    """
    meta = model._meta
    names = None
    if fields is not None:
        names = meta.updated_names("fields", require_names("fields", fields))
    checked_names = None if names is None else frozenset(names)
    if allowed is not None:
        objects = list(require_objects(model, objects, session, "bulk_update"))
        for record in objects:
            if session.sender.creates(record):
                # Its values become part of the creation, which may set all fields.
                continue
            require_id(record)
            changed = record.changes()
            sent = changed if names is None else [name for name in names if name in changed]
            check_bulk_fields(model, allowed, sent, f"{display(record)}: ")

    def prepare(record: Any) -> Any:
        # The update of an object that a batch creates becomes part of its creation.
        pk = None if session.sender.creates(record) else require_id(record)
        require_relations(record, session)
        session.sender.resolve_relations(record)
        record.resolve_custom_fields(session)
        if record._state.lost_update is not None:
            drop_applied_update(session, compute_change(record, checked_names))
        if session.sender.deferred:
            # The batch compares the values with those of the calls and saves before.
            change = compute_change(record, checked_names)
            payload = session.sender.complete_change(change, session).payload
            payload = with_unsaved_objects(record, payload)
        else:
            payload = bulk_payload(record, record.to_payload(names))
        if not payload:
            return Outcome(record, pk, ok=True)
        return _locked_outcome(record) or {**payload, "id": pk}

    def retry(objects: list[Any], uncertain: list[Any]) -> BulkResult:
        return update(session, model, objects, names, options.for_retry, allowed)

    # In a batch, current rows are fetched when the batch ends.
    current = None if session.sender.deferred else merge_current_rows(session, model)
    build = per_object_bodies(meta, Verb.UPDATE_MANY)
    strategy = update_strategy(model, prepare, build, current)
    return BulkOperation(session, model, strategy, options, retry=retry).run(objects)


def update_all(
    session: Session,
    model: Any,
    objects: Iterable[Any],
    values: Mapping[str, Any],
    options: ResolvedOptions = DEFAULTS,
    allowed: tuple[str, ...] | None = None,
) -> BulkResult:
    """Make the same change to each object.

    Raises:
        BulkError: some objects failed; the error contains the result.
        FieldError, InvalidValue: before anything is sent.
    """
    payload = payload_for_all(session, model, values, allowed)
    per_object = bulk_endpoint(model._meta, Verb.UPDATE_MANY).verb is Verb.ACTION

    def prepare(record: Any) -> Any:
        pk = require_id(record)
        if not payload or is_applied(session, record, payload):
            return Outcome(record, pk, ok=True)
        return _locked_outcome(record) or ({**payload, "id": pk} if per_object else payload)

    def retry(objects: list[Any], uncertain: list[Any]) -> BulkResult:
        return update_all(session, model, objects, values, options.for_retry, allowed)

    build = shared_body(model._meta, Verb.UPDATE_MANY, payload)
    strategy = update_strategy(model, prepare, build)
    return BulkOperation(session, model, strategy, options, retry=retry).run(objects)


def update_strategy(
    model: Any, prepare: Callable[[Any], Any], build: BuildRequest, current: Any = None
) -> BulkStrategy:
    """Return the strategy that updates objects of a model.

    Args:
        model: the model.
        prepare: returns the payload of an object, or its outcome.
        build: returns the request for some objects.
        current: merges lists of objects with those of their current rows.
    """
    endpoint = bulk_endpoint(model._meta, Verb.UPDATE_MANY)
    return BulkStrategy(
        "update",
        prepare,
        build,
        _apply_update,
        parent_key(endpoint),
        current,
        read_response=response_reader(model._meta, Verb.UPDATE_MANY),
    )


def payload_for_all(
    session: Session,
    model: Any,
    values: Mapping[str, Any],
    allowed: tuple[str, ...] | None = None,
) -> dict[str, Any]:
    """Return the payload that makes the same change to many rows.

    Raises:
        FieldError, InvalidValue: a field does not exist, a value is invalid, or Zendesk does not
            support the change in bulk.
    """
    meta = model._meta
    bulk_endpoint(meta, Verb.UPDATE_MANY)
    plain, tags = split_tag_changes(meta, values)
    names = meta.updated_names("update()", plain)
    if allowed is not None:
        check_bulk_fields(model, allowed, names)
    record = model(**plain)
    require_relations(record, session)
    session.sender.resolve_relations(record)
    record.resolve_custom_fields(session)
    payload = record.to_payload()
    if session.sender.deferred:
        payload = with_unsaved_objects(record, payload)
    return {**payload, **tags}


def check_bulk_fields(
    model: Any, allowed: tuple[str, ...], names: Iterable[str], prefix: str = ""
) -> None:
    """Check that Zendesk does not ignore fields in a bulk update.

    Raises:
        InvalidValue: Zendesk would ignore a field.
    """
    ignored = [name for name in names if name not in allowed]
    if ignored:
        raise InvalidValue(
            f"{prefix}bulk updates of {model._meta.verbose_name_plural} must be limited to "
            f"{', '.join(allowed)}, because Zendesk ignores {', '.join(ignored)}; save() each "
            "object"
        )


def is_deleted_alone(model: Any) -> bool:
    """Return True if a single row of a model is deleted by its own path.

    Bulk deletion of the model is not supported, or needs a job for a single row, too.
    """
    try:
        endpoint = bulk_endpoint(model._meta, Verb.DESTROY_MANY)
    except FieldError:
        return True
    return endpoint.name == JOBS and model._meta.api.find(Verb.DELETE) is not None


def require_deletable(model: Any) -> None:
    """Check that Zendesk deletes many rows of a model by one request.

    Raises:
        FieldError: Zendesk deletes its rows one by one, or never.
    """
    bulk_endpoint(model._meta, Verb.DESTROY_MANY)


def delete_one(session: Session, record: Any, options: ResolvedOptions = DEFAULTS) -> BulkResult:
    """Delete an object of a model without bulk deletion, and return a result of one outcome.

    Raises:
        BulkError: it failed; the error contains the result.
    """

    def retry(objects: list[Any], uncertain: list[Any]) -> BulkResult:
        return delete_one(session, record, options.for_retry)

    try:
        record.delete(using=session.alias)
    except (ApiError, TransportError) as error:
        outcome = failed_request(record, error)
    else:
        outcome = Outcome(record, record.pk, ok=True)
    result = BulkResult([outcome], retry=retry, raises=options.raises)
    if not session.sender.deferred:
        using = session.alias
        announce(signals.post_bulk, type(record), action="delete", result=result, using=using)
    if options.raises:
        result.raise_for_failures()
    return result


def delete(
    session: Session, model: Any, objects: Iterable[Any], options: ResolvedOptions = DEFAULTS
) -> BulkResult:
    """Delete objects, softly if Zendesk does so.

    Raises:
        BulkError: some objects failed; the error contains the result.
        FieldError, InvalidValue: before anything is sent.
    """

    def retry(objects: list[Any], uncertain: list[Any]) -> BulkResult:
        return delete(session, model, objects, options.for_retry)

    strategy = delete_strategy(model)
    return BulkOperation(session, model, strategy, options, retry=retry).run(objects)


def delete_strategy(model: Any) -> BulkStrategy:
    """Return the strategy that deletes objects of a model.

    Raises:
        FieldError: Zendesk deletes its rows one by one, or never.
    """
    meta = model._meta
    return BulkStrategy(
        "delete",
        require_id,
        shared_body(meta, Verb.DESTROY_MANY),
        remove,
        parent_key(bulk_endpoint(meta, Verb.DESTROY_MANY)),
        read_response=response_reader(meta, Verb.DESTROY_MANY),
    )


def remove(session: Session, entry: Entry, outcome: Outcome) -> None:
    """Remove an object from the session after an action that deletes it."""
    session.remove(entry.record)


def _apply_update(session: Session, entry: Entry, outcome: Outcome) -> None:
    """Update an object from the row in the response, or from the values that were sent."""
    record, payload = entry.record, entry.payload
    if entry.row is None:
        apply_sent_values(session, record, payload)
        return
    sent = [field.name for field in record._meta.fields.values() if field.wire in payload]
    session.store(record, entry.row, sent)


def _locked_outcome(record: Any) -> Outcome | None:
    """Return the outcome of an object that cannot be changed, such as a closed ticket."""
    try:
        record._check_changeable()
    except InvalidValue as error:
        return failed_outcome(record, "InvalidValue", str(error))
    return None


def require_id(record: Any) -> Any:
    """Return the id of an object.

    Raises:
        InvalidValue: it was never saved.
    """
    if record.pk is None:
        raise InvalidValue(f"{display(record)} has no id yet; use bulk_create() to create it")
    return record.pk
