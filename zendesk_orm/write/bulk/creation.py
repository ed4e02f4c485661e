"""Creation of many objects: by `create_many`, by an upsert, or by an action of the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.session.session import Session
from zendesk_orm.write.apply_results import apply_creation, apply_upsert
from zendesk_orm.write.bulk.existing import ExistingRows, can_look_up, find_ids
from zendesk_orm.write.bulk.operation import BulkOperation
from zendesk_orm.write.bulk.requests import (
    BuildRequest,
    BulkStrategy,
    Entry,
    ResolvedOptions,
    bulk_endpoint,
    parent_key,
    per_object_bodies,
)
from zendesk_orm.write.bulk.results import BulkResult, Outcome, failed_outcome
from zendesk_orm.write.bulk.strategies import DEFAULTS
from zendesk_orm.write.bulk.upserts import Conflicts, upsert_bodies
from zendesk_orm.write.change import with_unsaved_objects
from zendesk_orm.write.lost_responses import check_creation, confirm_creation
from zendesk_orm.write.validation import describe_problems, find_problems


#: The default treatment of objects that exist: their failure.
NO_CONFLICTS = Conflicts()
#: Descriptions of Zendesk's errors for rows that exist already.
_DUPLICATE = re.compile(r"already (been taken|being used|exists)|DuplicateValue", re.IGNORECASE)
#: Seconds by which the clocks of Zendesk and of this machine may differ.
_CLOCK_SKEW = 300.0


@frozen(eq=False)
class Creation:
    """The creation of objects by an action of their model, such as an import.

    Attributes:
        call: the name of the action.
        build_request: returns the request for some objects.
        payload: returns the payload of an object, whose unsaved relations are resolved.
        backdated: whether objects may be created with dates in the past.
    """

    call: str
    build_request: BuildRequest
    payload: Callable[[Any], dict[str, Any]]
    backdated: bool = False


def create(
    session: Session,
    model: Any,
    objects: Iterable[Any],
    conflicts: Conflicts = NO_CONFLICTS,
    options: ResolvedOptions = DEFAULTS,
    uncertain: Sequence[Any] = (),
    since: float | None = None,
    creation: Creation | None = None,
) -> BulkResult:
    """Create objects, each of which gets its id.

    Args:
        session: the session to send with.
        model: the model of the objects.
        objects: the objects, consumed while requests are sent.
        conflicts: the treatment of objects that exist already.
        options: the options of the bulk method.
        uncertain: objects whose earlier creation was not confirmed; they are looked up before
            being sent again.
        since: the time at which they were first sent; now by default.
        creation: the action that creates the objects; `create_many` by default.

    Raises:
        BulkError: some objects failed; the error contains the result.
        FieldError, InvalidValue: before anything is sent.
    """
    retried = {id(record) for record in uncertain}
    began = session.account.transport.clock.now() if since is None else since
    method = "bulk_create" if creation is None else creation.call

    def prepare(record: Any) -> Any:
        if record.pk is not None:
            raise InvalidValue(f"{display(record)} exists already; use bulk_update() to change it")
        # Objects that are looked up first cannot be created twice.
        if id(record) not in retried and not conflicts.unique:
            check_creation(record, method)
        _resolve(session, record)
        if creation is not None:
            return creation.payload(record)
        payload = record.to_payload()
        if conflicts.update:
            conflicts.check_upsert(record, payload)
            return payload
        problems = find_problems(record, record.changes(), created=True, source=session)
        if problems:
            return failed_outcome(record, "ValidationError", describe_problems(problems))
        return with_unsaved_objects(record, payload) if session.sender.deferred else payload

    def retry(objects: list[Any], uncertain: list[Any]) -> BulkResult:
        return create(
            session, model, objects, conflicts, options.for_retry, uncertain, began, creation
        )

    strategy = with_lookups(
        create_strategy(model, prepare), session, model, uncertain, began, conflicts, creation
    )
    if conflicts.update:
        strategy = evolve(
            strategy,
            build_request=upsert_bodies(model._meta, conflicts.unique),
            apply=_apply_upsert,
            delayable=False,
        )
    elif creation is not None:
        strategy = evolve(strategy, build_request=creation.build_request, call=creation.call)
    ignores = _is_duplicate if conflicts.ignore else None
    operation = BulkOperation(session, model, strategy, options, retry=retry, ignores=ignores)
    return operation.run(objects)


def with_lookups(
    strategy: BulkStrategy,
    session: Session,
    model: Any,
    uncertain: Sequence[Any],
    since: float,
    conflicts: Conflicts = NO_CONFLICTS,
    creation: Creation | None = None,
) -> BulkStrategy:
    """Return a strategy of a creation that looks objects up which may exist; see `create()`.

    Raises:
        FieldError: the objects cannot be looked up.
    """
    return evolve(
        strategy,
        filter=_filter_existing(session, model, conflicts, uncertain, since, creation),
        find_ids=partial(find_ids, session, model),
    )


def create_strategy(model: Any, prepare: Callable[[Any], Any]) -> BulkStrategy:
    """Return the strategy that creates objects of a model.

    Args:
        model: the model.
        prepare: returns the payload of an object, or its outcome.

    Raises:
        FieldError: Zendesk creates its rows one by one, or never.
    """
    meta = model._meta
    build = per_object_bodies(meta, Verb.CREATE_MANY)
    group_key = parent_key(bulk_endpoint(meta, Verb.CREATE_MANY))
    return BulkStrategy("create", prepare, build, _apply_creation, group_key)


def _apply_creation(session: Session, entry: Entry, outcome: Outcome) -> None:
    """Give a new object its id."""
    apply_creation(session, entry.record, entry.payload, outcome.id)
    confirm_creation(entry.record)


def _apply_upsert(session: Session, entry: Entry, outcome: Outcome) -> None:
    """Give an object that was created or updated the id of its row."""
    apply_upsert(session, entry.record, entry.payload, outcome.id)


def _filter_existing(
    session: Session,
    model: Any,
    conflicts: Conflicts,
    uncertain: Sequence[Any],
    began: float,
    creation: Creation | None,
) -> Any:
    """Return the function that leaves out objects that exist already, or None.

    Raises:
        FieldError: the objects cannot be looked up.
    """
    backdated = creation is not None and creation.backdated
    if conflicts.ignore and conflicts.unique:
        (name,) = conflicts.unique
        if not can_look_up(model, name):
            raise FieldError(
                f"unique_fields: {model._meta.verbose_name_plural} cannot be looked up by many "
                f"values of {name}"
            )
        return ExistingRows(session, model, name, backdated=backdated).filter_existing
    identities = frozenset(
        id(record) for record in uncertain if record.to_payload().get("external_id")
    )
    if not identities or conflicts.update or not can_look_up(model, "external_id"):
        return None
    rows = ExistingRows(
        session,
        model,
        "external_id",
        uncertain=identities,
        since=began - _CLOCK_SKEW,
        backdated=backdated,
    )
    return rows.filter_existing


def _resolve(session: Session, record: Any) -> None:
    """Resolve the relations and custom fields of a new object."""
    require_relations(record, session)
    session.sender.resolve_relations(record)
    record.resolve_custom_fields(session)


def _is_duplicate(outcome: Outcome) -> bool:
    """Return True if Zendesk rejected an object because it exists."""
    return bool(_DUPLICATE.search(f"{outcome.error} {outcome.details}"))
