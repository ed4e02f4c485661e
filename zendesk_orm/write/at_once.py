"""Many rows that Zendesk changes while the request waits: rules, without a job.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#update-many-ticket-triggers
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from zendesk_orm import signals
from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.request import Response
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write import actions
from zendesk_orm.write.batches import MOST
from zendesk_orm.write.outcomes import TOLD, BulkResult, Outcome
from zendesk_orm.write.unanswered import refused
from zendesk_orm.write.writer import take_over


#: One object, and what is to be changed of it by wire name; nothing where it is to go.
Edit = tuple[Any, Mapping[str, Any]]
#: Sends some of them, to a path whose placeholders have these values.
Sender = Callable[[Sequence[Edit], Mapping[str, Any]], Response]
#: Returns the values of the placeholders in the path that an object is changed at.
PathOf = Callable[[Any], Mapping[str, Any]]


def no_path(record: Any) -> Mapping[str, Any]:
    """Return nothing: one path serves all objects of the model."""
    return {}


def update(
    session: Session,
    model: Any,
    edits: Sequence[Edit],
    *,
    size: int = MOST,
    raises: bool = True,
    path: PathOf = no_path,
) -> BulkResult:
    """Change objects by the action `update_many`, some to a request.

    Args:
        session: where to.
        model: of the objects.
        edits: the objects, each with what is to be changed of it.
        size: objects in one request.
        raises: whether failures are raised.
        path: returns the values of the placeholders in the path of an object.

    Raises:
        BulkError: some failed, after all were sent.
    """
    plural = model._meta.plural

    def send(part: Sequence[Edit], place: Mapping[str, Any]) -> Response:
        body = {plural: [{**payload, "id": record.pk} for record, payload in part]}
        return actions.call(session, model, "update_many", body, path=place)

    return _run(session, model, "update", edits, send, size, raises, path)


def delete(
    session: Session,
    model: Any,
    records: Sequence[Any],
    *,
    raises: bool = True,
    path: PathOf = no_path,
) -> BulkResult:
    """Delete objects by the action `destroy_many`, a hundred to a request.

    Raises:
        BulkError: some failed, after all were sent.
    """

    def send(part: Sequence[Edit], place: Mapping[str, Any]) -> Response:
        ids = [record.pk for record, _ in part]
        return actions.call(session, model, "destroy_many", params={"ids": ids}, path=place)

    edits: list[Edit] = [(record, {}) for record in records]
    return _run(session, model, "delete", edits, send, MOST, raises, path)


def _run(
    session: Session,
    model: Any,
    action: str,
    edits: Sequence[Edit],
    send: Sender,
    size: int,
    raises: bool,  # noqa: FBT001 - as it was given
    path: PathOf,
) -> BulkResult:
    outcomes = [Outcome(record, record.pk, ok=True) for record, _ in edits]
    # What has not changed is not sent.
    places = [at for at, (_, payload) in enumerate(edits) if payload or action == "delete"]
    for place, some in _parts(edits, places, size, path):
        part = [edits[at] for at in some]
        try:
            told = _settled(session, model, action, part, send(part, place))
        except ZendeskError as error:
            told = [refused(record, error) for record, _ in part]
        for at, outcome in zip(some, told, strict=True):
            outcomes[at] = outcome

    def again(objects: list[Any], unsure: list[Any]) -> BulkResult:
        wanted = {id(each) for each in objects}
        some = [edit for edit in edits if id(edit[0]) in wanted]
        return _run(session, model, action, some, send, size, raises, path)

    result = BulkResult(outcomes, again=again, raises=raises)
    if places:
        announce(signals.post_bulk, model, action=action, result=result, using=session.alias)
    if raises:
        result.raise_for_failures()
    return result


def _parts(
    edits: Sequence[Edit], places: Sequence[int], size: int, path: PathOf
) -> Iterator[tuple[Mapping[str, Any], Sequence[int]]]:
    """Yield the positions of the objects that one request changes, after what its path names."""
    together: dict[tuple[Any, ...], list[int]] = {}
    for at in places:
        together.setdefault(tuple(path(edits[at][0]).items()), []).append(at)
    for named, some in together.items():
        for start in range(0, len(some), size):
            yield dict(named), some[start : start + size]


def _settled(
    session: Session, model: Any, action: str, part: Sequence[Edit], answer: Response
) -> list[Outcome]:
    """Bring the objects of one request up to date, and return what became of each."""
    if answer is actions.UNSENT:
        return [Outcome(record, record.pk, ok=True) for record, _ in part]
    rows = _rows(model, answer.data)
    return [_outcome(session, action, record, rows, payload) for record, payload in part]


def _rows(model: Any, data: Any) -> Mapping[Any, Any] | None:
    """Return the rows of an answer by id, or None where it holds none."""
    found = data.get(model._meta.plural) if isinstance(data, dict) else None
    if not isinstance(found, list):
        return None
    return {row.get("id"): row for row in map(model._meta.identified, found)}


def _outcome(
    session: Session,
    action: str,
    record: Any,
    rows: Mapping[Any, Any] | None,
    payload: Mapping[str, Any],
) -> Outcome:
    pk = record.pk
    if action == "delete":
        session.forget(type(record), record._key)
        session.account.recent.note(type(record), record._key, None, None)
    elif rows is None:
        actions.outdated(session, record)
    elif pk in rows:
        fields = record._meta.fields.values()
        take_over(session, record, rows[pk], [each.name for each in fields if each.wire in payload])
    else:
        details = f"Zendesk's answer leaves it out, as it does those that it may not change; {TOLD}"
        return Outcome(record, pk, ok=False, error="NotTold", details=details, state="unknown")
    return Outcome(record, pk, ok=True)
