"""`get_or_create()` and `update_or_create()`.

If Zendesk keeps a value unique (the e-mail address of a user), two concurrent callers cannot
create two rows. Otherwise the row is looked up in a list that does not lag; two concurrent callers
may still create two, because Zendesk has no locks.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import Conflict, InvalidValue, NoEndpoint, ValidationError
from zendesk_orm.http.request import Request, Response
from zendesk_orm.plan.plan import Plan
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.matching import record_test
from zendesk_orm.query.query import Query
from zendesk_orm.schema.accounts import as_reusable, require_relations
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.row import Row
from zendesk_orm.session.own_writes import LAG
from zendesk_orm.session.responses import object_in
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce


#: The action of models that Zendesk creates or updates by one request.
UPSERT = "create_or_update"
#: The status of a response to a request that created a row.
_CREATED = 201


def get_or_create(
    queryset: Any, defaults: Mapping[str, Any] | None, lookups: Mapping[str, Any]
) -> tuple[Any, bool]:
    """Return the object that matches, or a new one, and whether it was created.

    Args:
        queryset: the QuerySet to look in.
        defaults: further values of a new object; functions are called.
        lookups: the lookups; those that are plain values are values of a new object, too.

    Raises:
        InvalidValue: the object can only be found by search, which lags, so that two could be
            created.
        MultipleObjectsReturned: several objects match.
    """
    require_creatable(queryset.model, {**lookups, **(defaults or {})}, "get_or_create")
    record = _find_pending(queryset, lookups)
    if record is not None:
        return record, False
    for source in _sources(queryset, lookups):
        record = _get_or_none(source)
        if record is not None:
            return record, False
    return _create_or_get(queryset, defaults, lookups)


def _create_or_get(
    queryset: Any, defaults: Mapping[str, Any] | None, lookups: Mapping[str, Any]
) -> tuple[Any, bool]:
    """Create the object; return the existing one if Zendesk rejects a second."""
    record = queryset._build({**_plain_values(lookups), **_evaluate(defaults)})
    try:
        return record.save(), True
    except (ValidationError, Conflict) as error:
        if record.pk is not None:
            # The object was created; a receiver raised the error.
            raise
        # Another caller has created it, or the search index did not contain it yet.
        for source in _sources(queryset, lookups):
            existing = _get_or_none(source)
            if existing is not None:
                return existing, False
        existing = _find_duplicate(queryset, lookups, record, error)
        if existing is None:
            raise
        return existing, False


def _find_duplicate(queryset: Any, lookups: Mapping[str, Any], record: Any, error: Any) -> Any:
    """Return the object with the unique value for which a new object was rejected, or None.

    The search index does not contain it yet, so it is read from a source that does not lag: the
    call that creates or updates, which changes nothing if only the unique value is sent, or the
    newest rows of the list.
    """
    meta, session = queryset.model._meta, queryset._session
    # A conflict does not name the values that it is about.
    errors = error.error_dict if isinstance(error, ValidationError) else {}
    rejected = [name for name in meta.unique if name in lookups and name in errors]
    if not rejected:
        return None
    wire = column(meta.get_field(rejected[0])).wire
    value = record.to_payload()[wire]
    endpoint = meta.api.find(Verb.ACTION, UPSERT)
    if endpoint is None:
        row = _newest_with(session, queryset.model, wire, value)
    else:
        request = Request("POST", endpoint.url, json={meta.envelope: {wire: value}}, safe=True)
        row = object_in(request, session.transport.send(request), meta.envelope)
    if row is None:
        return None
    # Zendesk has compared the unique value by its own rules.
    others = {name: value for name, value in lookups.items() if name != rejected[0]}
    if others or not queryset._is_manager:
        return _get_or_none(queryset.filter(**others, id=row["id"]).fresh())
    return session.materialize(queryset.model, [row])[0]


def _newest_with(session: Session, model: Any, wire: str, value: Any) -> Any:
    """Return the recently created row with a value, or None."""
    since = session.account.transport.clock.now() - 2 * LAG
    newest = Query(model, order=("-id",), fresh=True, streamed=True)
    try:
        for page in session.fetch(newest):
            rows = [record._row for record in page]
            for row in rows:
                if str(row.get(wire)).casefold() == str(value).casefold():
                    return row
            if all(load_datetime(row.get("created_at")).timestamp() < since for row in rows):
                return None
    except NoEndpoint:
        return None
    return None


def update_or_create(
    session: Session,
    queryset: Any,
    defaults: Mapping[str, Any] | None,
    create_defaults: Mapping[str, Any] | None,
    lookups: Mapping[str, Any],
) -> tuple[Any, bool]:
    """Update the object that matches, or create one; return it, and whether it was created.

    One request if Zendesk supports it, otherwise two.

    Args:
        session: the session to send with.
        queryset: the QuerySet to look in.
        defaults: values to set.
        create_defaults: values of a new object instead of `defaults`.
        lookups: the lookups; those that are plain values are values of a new object, too.

    Raises:
        InvalidValue: see `get_or_create()`.
        MultipleObjectsReturned: several objects match.
    """
    model = queryset.model
    for values in (lookups, defaults, create_defaults):
        require_creatable(model, values or {}, "update_or_create")
    changes = _evaluate(defaults)
    endpoint = model._meta.api.find(Verb.ACTION, UPSERT)
    by_unique_field = set(lookups) <= set(model._meta.unique) and len(lookups) == 1
    in_one_request = by_unique_field and create_defaults is None and queryset._is_manager
    if endpoint is not None and in_one_request and not session.sender.deferred:
        return _upsert(session, endpoint.url, model(**lookups, **changes))
    record, created = _find_current(queryset, lookups), False
    if record is None:
        values = changes if create_defaults is None else _evaluate(create_defaults)
        record, created = _create_or_get(queryset, values, lookups)
    if not created:
        # The object may be in use elsewhere: it gets all values, or none if one is invalid.
        for target in (copy.deepcopy(record), record):
            for name, value in changes.items():
                setattr(target, name, value)
        # Other unsaved edits of an object that is already alive are not saved.
        names = {*model._meta.names, "custom"}
        record.save(update_fields=[name for name in changes if name in names])
    return record, created


def require_creatable(model: Any, values: Mapping[str, Any], method: str) -> None:
    """Raise if an object cannot be created with some values, because Zendesk chooses the id.

    Raises:
        InvalidValue: the values contain the id; nothing was sent.
    """
    if {"id", "pk"} & values.keys() and not model._meta.fields["id"].editable:
        raise InvalidValue(
            f"{method}: Zendesk chooses the id of a new {model._meta.verbose_name}; use get() or "
            "filter() to look it up, or save() an object of that id to change it"
        )


def _upsert(session: Session, path: str, record: Any) -> tuple[Any, bool]:
    """Create or update an object by one request."""
    model = type(record)
    require_relations(record, session)
    session.sender.resolve(record, session)
    changes = record.changes()
    values = {"instance": record, "origin": "local", "using": session.alias}
    announce(signals.pre_save, model, changes=changes, created=None, **values)
    # The unique value identifies the row, so a second request has no further effect.
    body = {model._meta.envelope: record.to_payload()}
    request = Request("POST", path, json=body, safe=True)
    began = session.account.transport.clock.now()
    response = session.transport.send(request)
    row = object_in(request, response, model._meta.envelope)
    created = response.status == _CREATED
    if response.repeated and not created:
        # The first attempt may have created the row that the second attempt has updated.
        created = _is_created_since(session, response, row, began)
    session.store(record, row, changes, before={} if created else None)
    # An object of that id which existed in the session has been updated, and is returned.
    record = session.identity.get(model, record._key) or record
    values["instance"] = record
    announce(signals.post_save, model, changes=changes, created=created, **values)
    return record, created


def _find_pending(queryset: Any, lookups: Mapping[str, Any]) -> Any:
    """Return the object that matches among those that an open batch creates, or None."""
    model = queryset.model
    created = queryset._session.sender.apply_pending(model, [])
    if not created:
        return None
    matches = record_test(queryset.filter(**lookups)._resolved_query.where, model._meta)
    return next((record for record in created if matches(record)), None)


def _sources(queryset: Any, lookups: Mapping[str, Any]) -> list[Any]:
    """Return the queries to look in: one without lag, and the search index for other rows."""
    matching = queryset.filter(**lookups)
    if not set(lookups).isdisjoint(queryset.model._meta.unique) or _is_fresh(matching):
        return [matching]
    fresh = matching.fresh()
    if not _is_fresh(fresh):
        raise InvalidValue(
            f"{matching.query}: get_or_create() and update_or_create() need a lookup that a list "
            "supports, such as external_id: search contains new rows minutes later, so that two "
            "rows could be created"
        )
    # The list omits archived rows, which the index contains.
    return [fresh, matching]


def _is_fresh(queryset: Any) -> bool:
    """Return True if a query reads no index that lags."""
    try:
        chosen = plan(queryset[:2]._resolved_query)
    except NoEndpoint:
        return False
    return isinstance(chosen, Plan) and chosen.endpoint.fresh


def _find_current(queryset: Any, lookups: Mapping[str, Any]) -> Any:
    """Return the object that matches now, or None; the index may contain its earlier state."""
    pending = _find_pending(queryset, lookups)
    if pending is not None:
        return pending
    for source in _sources(queryset, lookups):
        record = _get_or_none(source)
        if record is not None and not _is_fresh(source):
            record = _get_or_none(queryset.filter(**lookups, id=record.pk).fresh())
        if record is not None:
            return record
    return None


def _is_created_since(session: Session, response: Response, row: Row, began: float) -> bool:
    """Return True if a row was created after a request was first sent, by Zendesk's clock."""
    now = session.account.transport.clock.now()
    try:
        server_time = parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError):
        server_time = now
    stamp = row.get("created_at")
    # Both times are in whole seconds.
    return bool(stamp) and load_datetime(str(stamp)).timestamp() >= int(server_time - (now - began))


def _get_or_none(queryset: Any) -> Any:
    """Return the object of a query, or None if there is none, or an open batch deletes it."""
    try:
        record = queryset.get()
    except queryset.model.DoesNotExist:
        return None
    remaining = queryset._session.sender.apply_pending(queryset.model, [record])
    return record if record in remaining else None


def _plain_values(lookups: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lookups that are values of a field, unlike `name__iexact`."""
    return {name: value for name, value in lookups.items() if "__" not in name}


def _evaluate(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return values, with functions replaced by their results."""
    return {n: as_reusable(v()) if callable(v) else v for n, v in (values or {}).items()}
