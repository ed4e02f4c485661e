"""Any number of objects by an action of their model: a hundred to a job, one outcome each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.request import Request
from zendesk_orm.http.values import join
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.session.session import Session
from zendesk_orm.write.batches import MOST, Item, Way
from zendesk_orm.write.manner import Manner
from zendesk_orm.write.operation import Operation
from zendesk_orm.write.outcomes import BulkResult
from zendesk_orm.write.raw import query


def run(
    session: Session, model: Any, name: str, way: Way, objects: Iterable[Any], manner: Manner
) -> BulkResult:
    """Do something to objects; a dry run takes note of it, and sends nothing.

    Args:
        session: where to.
        model: what declares the action.
        name: the action's name.
        way: what is sent of each object, in which request, and what becomes of it.
        objects: the objects, asked for as they are sent.
        manner: how it is run.

    Raises:
        BulkError: some failed; it carries the result of all.
        InvalidValue: it cannot wait for the end of a batch.
    """

    def again(some: list[Any], unsure: list[Any]) -> BulkResult:
        return run(session, model, name, way, some, manner.again)

    operation = Operation(session, model, evolve(way, call=name), manner, again=again)
    return operation.run(objects)


def carrier(
    model: Any, name: str, body: Callable[[list[Item]], Any], params: Mapping[str, Any]
) -> Callable[[list[Item]], Request]:
    """Return what makes the requests of an action whose body tells of its objects.

    Args:
        model: what declares the action.
        name: the action's name.
        body: returns what is sent of some objects.
        params: the query; None leaves a parameter out.
    """
    endpoint = model._meta.endpoint(Verb.ACTION, name)

    def request(items: list[Item]) -> Request:
        given = tuple(query(params))
        return Request(endpoint.method, endpoint.url, given, json=body(items), once=True)

    return request


def by_ids(model: Any, name: str, body: Any = None) -> Callable[[list[Item]], Request]:
    """Return what makes the requests of an action that takes the ids of its objects."""
    endpoint = model._meta.endpoint(Verb.ACTION, name)

    def request(items: list[Item]) -> Request:
        ids = join(item.object.pk for item in items)
        return Request(endpoint.method, endpoint.url, (("ids", ids),), json=body, once=True)

    return request


def known(record: Any) -> Any:
    """Return the id of an object that has one for certain."""
    return record.pk


def named(session: Session, model: Any, objects: Iterable[Any], what: str) -> list[Any]:
    """Return the objects that are given, or meant by an id, each once.

    Args:
        session: where they are.
        model: of the objects.
        objects: objects, or ids.
        what: the method that was called.

    Raises:
        InvalidValue: one was never saved, or is something else.
    """
    given = list(require_many(objects, what))
    found: dict[Any, Any] = {}
    for each, pk in zip(given, session.ids_of(model, given, what), strict=True):
        found[pk] = each if isinstance(each, model) else session.refer(model, pk)
    return list(found.values())


def parts(objects: list[Any]) -> Iterator[list[Any]]:
    """Yield the objects a hundred at a time."""
    for start in range(0, len(objects), MOST):
        yield objects[start : start + MOST]
