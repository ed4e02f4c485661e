"""Fields with people: the followers of a ticket.

`add()` and `remove()` send a request immediately that contains only these people, so that
concurrent changes of others are not overwritten, as relations to many do in Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from weakref import ref

from attrs import evolve

from zendesk_orm.api.actions import alters_data
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.values import plain
from zendesk_orm.schema import prefetched, registry
from zendesk_orm.schema.accounts import require_many, require_own
from zendesk_orm.schema.fields import Attribute, WriteOnly
from zendesk_orm.schema.source import DEFAULT, Source, source_of
from zendesk_orm.schema.values import KINDS, Kind, Untouched, members_of, real_id


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

T = TypeVar("T")


def known_ids(record: Record, name: str) -> list[int]:
    """Return the ids in a field; they are fetched if only the id of the object is known."""
    record.attach_if_bare(source_of(DEFAULT))
    return list(getattr(record, name) or ())


def apply_call(action: str, person: Any, people: Sequence[Any]) -> list[Any]:
    """Return people after a person was added or removed."""
    if action == "add":
        return [*people] if person in people else [*people, person]
    return [other for other in people if other != person]


class NewMembers(Untouched):
    """The people of an object that was not saved yet; they are sent when it is created.

    Attributes:
        sent: the people with which an open batch creates the object, or None.
    """

    def __init__(self, field: Members[Any], people: Iterable[Any] = ()) -> None:
        super().__init__(people)
        self._field = field
        self._record: Any = None
        self.sent: list[Any] | None = None

    def bind(self, record: Record, sent: list[Any]) -> None:
        """Connect the people with a record that an open batch creates."""
        self._record, self.sent = ref(record), sent

    @property
    def ids(self) -> list[int]:
        """The ids of the people; people who are identified by an e-mail are omitted."""
        return [person for person in self if isinstance(person, int)]

    def all(self) -> Any:
        """Return the users with an id as a query."""
        model: Any = self._field.model
        return model.objects.filter(id__in=self.ids)

    @alters_data
    def add(self, *people: Any) -> None:
        """Add people: users, ids or e-mails.

        Raises:
            InvalidValue: something else is given.
        """
        self._change("add", people)

    @alters_data
    def remove(self, *people: Any) -> None:
        """Remove people: users, ids or e-mails; missing ones are ignored."""
        self._change("remove", people)

    @alters_data
    def set(self, people: Iterable[Any]) -> None:
        """Replace the people."""
        new = [self._field.identify(person) for person in require_many(people, "set")]
        self.remove(*(person for person in self if person not in new))
        self.add(*new)

    @alters_data
    def clear(self) -> None:
        """Remove all people."""
        self.remove(*self)

    def _change(self, action: str, people: Iterable[Any]) -> None:
        identified = [self._field.identify(person) for person in people]
        record = None if self._record is None else self._record()
        if record is not None and record._state.creator is not None:
            record.change_members(self._field.name, action, identified)
            return
        for person in identified:
            self[:] = apply_call(action, person, self)

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


class MemberList(Generic[T]):
    """The people of one kind on a row: the followers of a ticket.

    Iterating yields users, which are fetched together; `ids` returns their ids without a request.

    >>> ticket = Ticket.objects.get(2990)
    >>> ticket.email_ccs.add("olivia@example.com")
    >>> [user.email for user in ticket.email_ccs]
    ['olivia@example.com']
    """

    def __init__(self, record: Any, field: Members[Any]) -> None:
        self._record = record
        self._field = field

    @property
    def ids(self) -> list[int]:
        """The ids of the people."""
        return [person for person in self._people() if isinstance(person, int)]

    def _people(self) -> list[Any]:
        """Return the ids of the people, and e-mails that an open batch adds."""
        people: list[Any] = known_ids(self._record, self._field.ids)
        for name, action, person in self._record._state.deferred_members:
            if name == self._field.name:
                people = apply_call(action, person, people)
        return people

    def all(self) -> Any:
        """Return the people as a query, which can be filtered further."""
        model: Any = self._field.model
        rows = model.objects.using(self._record.using) if self._record.using else model.objects
        ids = tuple(pk for pk in self.ids if real_id(pk) is not None)
        queryset: Any = rows.filter(id__in=ids)
        through = prefetched.through(self._record, self._field)
        queryset = queryset._chain(evolve(queryset.query, id_order=ids, **through))
        prefetched_rows = prefetched.get_prefetched(self._record, self._field)
        return queryset if prefetched_rows is None else queryset._set_result_cache(prefetched_rows)

    @alters_data
    def add(self, *people: Any) -> None:
        """Add people: users, ids or e-mails; one request.

        Raises:
            InvalidValue: something else is given.
            ApiError, TransportError.
        """
        self._change("add", people)

    @alters_data
    def remove(self, *people: Any) -> None:
        """Remove people: users, ids or e-mails; missing ones are ignored.

        Raises:
            InvalidValue: something else is given.
            ApiError, TransportError.
        """
        self._change("remove", people)

    @alters_data
    def set(self, people: Iterable[Any]) -> None:
        """Replace the people: missing ones are added, and others are removed.

        Raises:
            InvalidValue: something else is given.
            ApiError, TransportError.
        """
        new = [self._identify(person) for person in require_many(people, "set")]
        self._change("remove", [person for person in self._people() if person not in new])
        present = self._people()
        self._change("add", [person for person in new if person not in present])

    @alters_data
    def clear(self) -> None:
        """Remove all people."""
        self._change("remove", self._people())

    def _identify(self, person: Any) -> Any:
        return self._field.identify(person, self._record._source or source_of(DEFAULT))

    def _change(self, action: str, people: Iterable[Any]) -> None:
        identified = [self._identify(person) for person in people]
        if identified:
            self._record.change_members(self._field.name, action, identified)

    def __iter__(self) -> Iterator[T]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, person: Any) -> bool:
        return self._identify(person) in self.ids

    def __repr__(self) -> str:
        return f"<{self._field.name} of {self._record!r}: {self.ids}>"


class Members(WriteOnly[Any], Generic[T]):
    """The people of one kind on a row: `followers: Members[User]`, with the ids in `follower_ids`.

    Values assigned to a new object are sent when it is created. The people of a saved object are
    changed by `add()`, `remove()` and `set()`.

    >>> ticket = Ticket.objects.get(2990)
    >>> ticket.email_ccs.add("ann@example.com")
    >>> [user.email for user in ticket.email_ccs.all()]
    ['ann@example.com']
    """

    def __init__(self, name: str, kind: Kind, *, nullable: bool = True) -> None:
        self.target = kind.name
        self.ids = f"{name[:-1]}_ids"
        plain = KINDS["list"]
        super().__init__(
            name, Kind(f"list[{kind.name}]", self._people, plain.load, self._serialize)
        )

    @property
    def model(self) -> type[Record]:
        """The model of the people."""
        return registry.find(self.target)

    def _people(self, value: Any) -> list[Any]:
        return NewMembers(self, map(self.identify, members_of(value)))

    def identify(self, person: Any, source: Source | None = None) -> Any:
        """Return the id of a user, or a value that identifies one: an e-mail, a dictionary.

        Args:
            person: the user, or a value that identifies one.
            source: the source to which the value is sent; users of other accounts are rejected.

        Raises:
            InvalidValue: the value identifies no user, or the user is not saved.
        """
        if isinstance(person, self.model):
            if source is not None:
                require_own(self.name, person, person._source, source)
            person = person.pk
        mail = isinstance(person, str) and "@" in person
        number = isinstance(person, int) and not isinstance(person, bool)
        if mail or number or isinstance(person, dict):
            return plain(person)
        raise InvalidValue(f"{self.name} must be a saved {self.target}, an id or an e-mail")

    def _serialize(self, people: list[Any]) -> list[Any]:
        return [self.entry(person, "put") for person in people]

    def entry(self, person: Any, action: str) -> Any:
        """Return the entry of an update for a person and an action."""
        if isinstance(person, dict):
            return person
        key = "user_email" if isinstance(person, str) else "user_id"
        return {key: person, "action": action}

    def payload(self, record: Record, action: str, people: list[Any]) -> dict[str, Any]:
        """Return the payload of an update that adds or removes people."""
        verb = "put" if action == "add" else "delete"
        return {self.wire: [self.entry(person, verb) for person in people]}

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> MemberList[T]: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the people; for an unsaved object, the list that is sent when it is created."""
        if record is None:
            return self
        if record.pk is None:
            value = record.__dict__.setdefault(self.name, NewMembers(self))
            value.bind(record, [])
            return value
        return MemberList(record, self)

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: Iterable[Any]) -> None: ...


class Collaborators(Members[T]):
    """Members whose entries in an update contain no action: the collaborators of a ticket.

    >>> ticket = Ticket.objects.get(2990)
    >>> ticket.collaborators.add("ann@example.com")
    >>> ticket.collaborators.all().count()
    1
    """

    def entry(self, person: Any, action: str) -> Any:
        """Return a person in the form of a request."""
        return person

    def payload(self, record: Record, action: str, people: list[Any]) -> dict[str, Any]:
        """Return the payload of an update that adds or removes people."""
        if action == "add":
            return {f"additional_{self.wire}": people}
        field: Attribute[Any] = record._meta.fields[self.ids]
        return {field.wire: [pk for pk in known_ids(record, self.ids) if pk not in people]}
