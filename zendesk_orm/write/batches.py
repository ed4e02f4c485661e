"""What is to be done to each object, gathered into requests of a hundred."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from attrs import frozen

from zendesk_orm.http.request import Request
from zendesk_orm.session.session import Session
from zendesk_orm.write.outcomes import Outcome


#: Objects in one request.
MOST = 100


@frozen(eq=False)
class Item:
    """One object, and what is sent of it.

    Attributes:
        position: its place among the objects given.
        object: the object.
        payload: what is sent of it.
    """

    position: int
    object: Any
    payload: Any


@frozen(eq=False)
class Batch:
    """Objects that go out together, and the request that carries them."""

    items: list[Item]
    request: Request

    @property
    def objects(self) -> list[Any]:
        """The objects, in the order in which they are sent."""
        return [item.object for item in self.items]


def nowhere(_: Any) -> Hashable:
    """Return the same for every object: any may go out with any other."""
    return None


@frozen(eq=False)
class Way:
    """How one kind of change goes out.

    Attributes:
        action: what `post_bulk` calls it: `create`, `update` or `delete`.
        prepare: returns what is sent of an object, or its outcome where nothing is.
        request: returns the request that carries some objects.
        done: takes over what was done to an object.
        apart: returns what the objects of one request have to share.
        sift: lets objects through, or leaves them out with an outcome; sees them one by one.
        call: the name of the action of the model that the requests make; "" for those of its
            resource, which a batch can delay.
        identify: returns the outcomes of objects that Zendesk refused because they exist, with
            the ids of their rows.
    """

    action: str
    prepare: Callable[[Any], Any]
    request: Callable[[list[Item]], Request]
    done: Callable[[Session, Item, Outcome], None]
    apart: Callable[[Any], Hashable] = nowhere
    sift: Callable[[Iterator[Item]], Iterator[Item | tuple[Item, Outcome]]] | None = None
    call: str = ""
    identify: Callable[[list[tuple[Item, Outcome]]], list[tuple[Item, Outcome]]] | None = None


def batches(way: Way, items: Iterable[Item], size: int) -> Iterator[Batch]:
    """Yield requests as soon as each is full, and what is left at the end."""
    waiting: dict[Hashable, list[Item]] = {}
    for item in items:
        place = way.apart(item.object)
        some = waiting.setdefault(place, [])
        some.append(item)
        if len(some) >= size:
            yield Batch(waiting.pop(place), way.request(some))
    for some in waiting.values():
        yield Batch(some, way.request(some))
