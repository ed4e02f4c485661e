"""Make what is not there: `get_or_create()` and `update_or_create()`.

Where Zendesk itself keeps a value unique (the e-mail of a user), two who create at
once cannot make two. Where it does not, the row is looked for in a list that does not
lag; two who create at once may still make two, since Zendesk locks nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import Conflict, InvalidValue, NoEndpoint, ValidationError
from zendesk_orm.http.request import Request, Response
from zendesk_orm.plan.plan import Plan
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.query import Query
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.row import Row
from zendesk_orm.session.envelopes import object_in
from zendesk_orm.session.recent import LAG
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce


#: The action of models that Zendesk creates or updates in one call.
UPSERT = "create_or_update"


def get_or_create(rows: Any, defaults: Mapping[str, Any] | None, given: Mapping[str, Any]) -> Any:
    """Return the object that matches, or a new one, and whether it is new.

    Args:
        rows: the QuerySet to look in.
        defaults: further values of a new object; functions are called.
        given: lookups; those that name a value are values of a new object, too.

    Raises:
        InvalidValue: it can only be looked for where rows come late, so that two could
            come to be.
        MultipleObjectsReturned: several match.
    """
    require_creatable(rows.model, {**given, **(defaults or {})}, "get_or_create")
    looked = _looked_for(rows, given)
    for place in looked:
        found = _one(place)
        if found is not None:
            return found, False
    return _create_or_find(rows, defaults, given)


def _create_or_find(rows: Any, defaults: Mapping[str, Any] | None, given: Mapping[str, Any]) -> Any:
    """Create the object; if Zendesk has it already, return that one."""
    record = rows._new({**_values(given), **_called(defaults)})
    try:
        return record.save(), True
    except (ValidationError, Conflict) as error:
        if record.pk is not None:
            # It was made; the error is a receiver's.
            raise
        # Somebody else was faster, or the index did not know it yet.
        for place in _looked_for(rows, given):
            found = _one(place)
            if found is not None:
                return found, False
        found = _find_duplicate(rows, given, record, error)
        if found is None:
            raise
        return found, False


def _find_duplicate(rows: Any, given: Mapping[str, Any], record: Any, error: Any) -> Any:
    """Return the object that has the unique value for which a new one was refused, or None.

    The index does not know it yet, so it is looked for where nothing lags: by the call that
    creates or updates, which changes nothing if it is sent the unique value alone; or among the
    newest rows of the list.
    """
    meta, session = rows.model._meta, rows._session
    refused = [name for name in meta.unique if name in given and name in error.error_dict]
    if not refused:
        return None
    wire = column(meta.get_field(refused[0])).wire
    value = record.to_payload()[wire]
    endpoint = meta.api.find(Verb.ACTION, UPSERT)
    if endpoint is None:
        row = _newest_with(session, rows.model, wire, value)
    else:
        request = Request("POST", endpoint.url, json={meta.envelope: {wire: value}}, safe=True)
        row = object_in(request, session.transport.send(request), meta.envelope)
    if row is None:
        return None
    # Zendesk compares the unique value in its own way, and has done so.
    others = {name: each for name, each in given.items() if name != refused[0]}
    if others or not rows._root:
        return _one(rows.filter(**others, id=row["id"]).fresh())
    return session.take_in(rows.model, [row])[0]


def _newest_with(session: Session, model: Any, wire: str, value: Any) -> Any:
    """Return the row of the newest ones that has a value, or None."""
    since = session.account.transport.clock.now() - 2 * LAG
    newest = Query(model, order=("-id",), fresh=True, streamed=True)
    try:
        for page in session.fetch(newest):
            rows = [each._row for each in page]
            for row in rows:
                if str(row.get(wire)).casefold() == str(value).casefold():
                    return row
            if all(load_datetime(row["created_at"]).timestamp() < since for row in rows):
                return None
    except NoEndpoint:
        return None
    return None


def update_or_create(
    session: Session,
    rows: Any,
    defaults: Mapping[str, Any] | None,
    create_defaults: Mapping[str, Any] | None,
    given: Mapping[str, Any],
) -> Any:
    """Change the object that matches, or make a new one; return it, and whether it is new.

    One call where Zendesk has one for it, else two.

    Args:
        session: where to.
        rows: the QuerySet to look in.
        defaults: values to set.
        create_defaults: values of a new object instead of `defaults`.
        given: lookups; those that name a value are values of a new object, too.

    Raises:
        InvalidValue: see `get_or_create()`.
        MultipleObjectsReturned: several match.
    """
    model = rows.model
    for values in (given, defaults, create_defaults):
        require_creatable(model, values or {}, "update_or_create")
    changes = _called(defaults)
    endpoint = model._meta.api.find(Verb.ACTION, UPSERT)
    unique = set(given) <= set(model._meta.unique) and len(given) == 1
    native = endpoint is not None and unique and create_defaults is None and rows._root
    if endpoint is not None and native and session.outbox is None:
        return _upserted(session, endpoint.url, model(**given, **changes))
    new = changes if create_defaults is None else _called(create_defaults)
    record = _find_current(rows, given)
    created = record is None
    if created:
        record, created = _create_or_find(rows, new, given)
    if not created:
        for name, value in changes.items():
            setattr(record, name, value)
        record.save()
    return record, created


def require_creatable(model: Any, values: Mapping[str, Any], what: str) -> None:
    """Raise if an object cannot be created with some values, because Zendesk chooses the id.

    Raises:
        InvalidValue: the id is among them; nothing was sent.
    """
    if {"id", "pk"} & values.keys() and not model._meta.fields["id"].editable:
        raise InvalidValue(
            f"{what}: Zendesk chooses the id of a new {model._meta.verbose_name}; use get() or "
            "filter() to look it up, or save() an object of that id to change it"
        )


def _upserted(session: Session, path: str, record: Any) -> tuple[Any, bool]:
    model = type(record)
    require_relations(record, session)
    record.settle_custom(session)
    changes = record.changes()
    told = {"instance": record, "origin": "local", "using": session.alias}
    announce(signals.pre_save, model, changes=changes, created=None, **told)
    body = {model._meta.envelope: record.to_payload()}
    # Zendesk tells the row by the value that is unique, so a second sending changes nothing.
    request = Request("POST", path, json=body, safe=True)
    began = session.account.transport.clock.now()
    answer = session.transport.send(request)
    row = object_in(request, answer, model._meta.envelope)
    created = answer.status == _CREATED
    if answer.repeated and not created:
        # The first attempt may have created the row that the second one has updated.
        created = _is_created_since(session, answer, row, began)
    record.absorb(row, sent=changes)
    record.attach_to(session)
    session.identity.add(record)
    session.account.rows.put(model, [row])
    session.account.recent.note(model, record._key, {} if created else None, row)
    # An object of that id that lives already has learned the row, and is the one to give.
    record = session.identity.get(model, record._key) or record
    told["instance"] = record
    announce(signals.post_save, model, changes=changes, created=created, **told)
    return record, created


_CREATED = 201


def _looked_for(rows: Any, given: Mapping[str, Any]) -> list[Any]:
    """Return where to look: without lag where that is needed, and in the index for the rest."""
    looked = rows.filter(**given)
    if not set(given).isdisjoint(rows.model._meta.unique) or _is_fresh(looked):
        return [looked]
    fresh = looked.fresh()
    if not _is_fresh(fresh):
        raise InvalidValue(
            f"{looked.query}: it can only be searched for, and search learns of new rows minutes "
            "later, so that two could come to be; look it up by external_id, or search and "
            "create yourself"
        )
    # The list leaves archived rows out, and the index has them.
    return [fresh, looked]


def _is_fresh(rows: Any) -> bool:
    try:
        chosen = plan(rows[:2]._settled)
    except NoEndpoint:
        return False
    return isinstance(chosen, Plan) and chosen.endpoint.fresh


def _find_current(rows: Any, given: Mapping[str, Any]) -> Any:
    """Return the object that matches now, or None: the index may show it as it was before."""
    for place in _looked_for(rows, given):
        found = _one(place)
        if found is not None and not _is_fresh(place):
            found = _one(rows.filter(**given, id=found.pk).fresh())
        if found is not None:
            return found
    return None


def _is_created_since(session: Session, answer: Response, row: Row, began: float) -> bool:
    """Return whether a row was created after a request was first sent, by Zendesk's clock."""
    now = session.account.transport.clock.now()
    try:
        there = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, ValueError):
        there = now
    stamp = row.get("created_at")
    # Both times are in whole seconds.
    return bool(stamp) and load_datetime(str(stamp)).timestamp() >= int(there - (now - began))


def _one(rows: Any) -> Any:
    try:
        return rows.get()
    except rows.model.DoesNotExist:
        return None


def _values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lookups that name a value; `name__iexact` does not."""
    return {name: value for name, value in given.items() if "__" not in name}


def _called(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: v() if callable(v) else v for name, v in (values or {}).items()}
