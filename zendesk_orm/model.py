"""`Model`: a record that saves itself. The only place where reading and writing meet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from zendesk_orm import errors, signals
from zendesk_orm.account import connections
from zendesk_orm.errors import InvalidValue, ValidationError
from zendesk_orm.manager import Manager, Same
from zendesk_orm.queryset.objects import Objects
from zendesk_orm.schema.accounts import require_many, require_own
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.record import DEFAULT, Record
from zendesk_orm.session.peers import Peers
from zendesk_orm.session.session import Session
from zendesk_orm.session.threads import threaded
from zendesk_orm.signals import announce
from zendesk_orm.write import actions, deltas, validation, writer
from zendesk_orm.write.jobs import Job


if TYPE_CHECKING:
    from typing_extensions import Self

#: The class of the object itself; jedi does not understand `Self` everywhere.
S = TypeVar("S", bound="Model")

#: Rows that are read to find the nearest one in time.
_PAGE = 100


class Model(Record):
    """The base of every resource.

    A subclass is a docstring, a line for each field, and `class Meta` with the
    endpoints. The module needs `from __future__ import annotations`.
    """

    id: ReadOnly[int]

    objects = Objects(Manager)
    _default_manager: ClassVar[Same] = Same()
    _base_manager: ClassVar[Same] = Same()

    DoesNotExist: ClassVar[type[errors.ObjectDoesNotExist]] = errors.ObjectDoesNotExist
    MultipleObjectsReturned: ClassVar[type[errors.MultipleObjectsReturned]] = (
        errors.MultipleObjectsReturned
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give the class its exceptions, and announce it."""
        super().__init_subclass__(**kwargs)
        cls.DoesNotExist = _own(cls, "DoesNotExist")
        cls.MultipleObjectsReturned = _own(cls, "MultipleObjectsReturned")
        announce(signals.class_prepared, cls)

    def __init__(self, **values: Any) -> None:
        """Make an object that Zendesk does not know yet.

        Raises:
            FieldError: an unknown field, or one that Zendesk sets.
            InvalidValue: a value that the field cannot have.
        """
        model = type(self)
        announce(signals.pre_init, model, kwargs=values)
        fields, fixed = self._meta.fields, self._meta.filter
        fixed = {n: v for n, v in fixed.items() if n not in fields or fields[n].editable}
        super().__init__(**{**fixed, **values})
        announce(signals.post_init, model, instance=self)

    def save(
        self: S,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> S:
        """Send what changed and take over the answer; without changes, send nothing.

        A ticket that others changed since it was loaded is not overwritten: their changes
        are fetched, and where they are of other fields, or of other members of a list,
        both stay.

        Args:
            update_fields: names of fields to send; all that changed by default.
            force_insert: create it although it has an id.
            using: the account's alias; where the object came from by default.
            safe: False to overwrite what others changed; tickets are safe by default.

        Returns:
            The object itself.

        Raises:
            InvalidValue: an object in this state cannot be changed, as a closed ticket.
            StaleObjectError: others changed the same fields.
            ValidationError: Zendesk's rules forbid it; `.error_dict` tells the fields.
            Conflict and the other `ApiError`s; `TransportError`.
        """
        if self.pk is not None and not force_insert:
            self._refuse_changes()
        session = self._session(using)
        writer.save(
            session, self, update_fields=update_fields, force_insert=force_insert, safe=safe
        )
        return self

    def delete(self, *, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the object at Zendesk, softly where Zendesk does.

        Returns:
            `(1, {"support.Ticket": 1})`, as Django does.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        writer.delete(self._session(using), self)
        return 1, {self._meta.label: 1}

    def refresh_from_db(self, *, using: str | None = None, discard: bool = True) -> None:
        """Fetch the row anew.

        Args:
            using: the account's alias; where the object came from by default.
            discard: whether unsaved edits are dropped, as Django does.

        Raises:
            DoesNotExist: the row is gone.
            InvalidValue: the object was never saved.
        """
        if self.pk is None:
            raise InvalidValue(f"{self!r} was never saved, so there is nothing to fetch")
        edits = dict(self.__dict__)
        session = self._session(using)
        self.attach_to(session)
        session.reload(self)
        if discard:
            for name in edits:
                self.__dict__.pop(name, None)

    def get_next_by_created_at(self, **lookups: Any) -> Self:
        """Return the object that was made next after this one, of those that match.

        Raises:
            DoesNotExist: there is none.
        """
        return self._beside("gte", lookups)

    def get_previous_by_created_at(self, **lookups: Any) -> Self:
        """Return the object that was made last before this one, of those that match.

        Raises:
            DoesNotExist: there is none.
        """
        return self._beside("lte", lookups)

    def _beside(self, comparison: str, lookups: dict[str, Any]) -> Self:
        """Return the nearest object in time; of one second, the nearest by id."""
        model: Any = type(self)
        later = comparison == "gte"
        mine = (self.created_at, self.pk)  # type: ignore[attr-defined] # what is asked for by name
        rows = model.objects.using(self.using or DEFAULT)
        rows = rows.filter(**{f"created_at__{comparison}": mine[0], **lookups})
        rows = rows.order_by("created_at" if later else "-created_at")
        # A page holds it, unless so many rows were made in one second.
        page = list(rows[:_PAGE])
        nearest: Any = None
        for record in chain(page, rows[_PAGE:] if len(page) == _PAGE else ()):
            key = (record.created_at, record.pk)
            if nearest is not None and record.created_at != nearest.created_at:
                break
            beyond = key > mine if later else key < mine
            nearer = nearest is None or (record.pk < nearest.pk) is later
            if beyond and nearer:
                nearest = record
        if nearest is None:
            raise self.DoesNotExist(f"there is no {self._meta.verbose_name} beside {self!r}")
        found: Self = nearest
        return found

    async def asave(
        self: S,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> S:
        """Send what changed and take over the answer; see `save()`."""
        return await threaded(
            self._session(using),
            self.save,
            update_fields=update_fields,
            force_insert=force_insert,
            using=using,
            safe=safe,
        )

    async def adelete(self, *, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the object at Zendesk; see `delete()`."""
        return await threaded(self._session(using), self.delete, using=using)

    async def arefresh_from_db(self, *, using: str | None = None, discard: bool = True) -> None:
        """Fetch the row anew; see `refresh_from_db()`."""
        session = self._session(using)
        await threaded(session, self.refresh_from_db, using=using, discard=discard)

    def change_members(self, name: str, action: str, values: list[Any]) -> None:
        """Add members to a field, remove some or set them, at once: what `tags.add()` calls."""
        deltas.change(self._session(), self, name, action, values)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse what Zendesk would refuse, field by field; `save()` does so by itself.

        Raises:
            ValidationError: `.error_dict` tells what is wrong with which field.
        """
        names = tuple(require_many(exclude or (), "exclude"))
        found = validation.problems(self, created=self.pk is None, exclude=names)
        validation.validate(self, found)

    def clean(self) -> None:
        """Refuse what does not go together; for subclasses."""

    def full_clean(
        self,
        exclude: Collection[str] | None = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002 - as in Django
        validate_constraints: bool = True,  # noqa: FBT001, FBT002 - as in Django
    ) -> None:
        """Check everything that can be told without asking Zendesk: `clean_fields()`, `clean()`.

        As in Django, `save()` does not call `clean()`.

        Args:
            exclude: names of fields that are left out.
            validate_unique, validate_constraints: as in Django; only Zendesk can tell.

        Raises:
            ValidationError: `.error_dict` tells what is wrong with which field.
        """
        found: dict[str, list[str]] = {}
        for check in (partial(self.clean_fields, exclude), self.clean):
            try:
                check()
            except ValidationError as error:  # noqa: PERF203 - all are told of, not the first
                found.update(error.error_dict)
        validation.validate(self, found)

    def _session(self, using: str | None = None) -> Session:
        """Return where the object is sent: as the identity with which it was read.

        A new object is sent as the user of the `acting_as()` block around.

        Raises:
            InvalidValue: `using` names another account than the one it came from.
        """
        session = self._session_of(using)
        if self.pk is not None:
            require_own("using", self, self._source, session)
        return session

    def _session_of(self, using: str | None) -> Session:
        alias = using or self.using
        if alias is None or alias == self.using:
            source = self._source.session if isinstance(self._source, Peers) else self._source
            if isinstance(source, Session):
                return source
            alias = self.using
        return connections.session(alias or DEFAULT)

    def _call(self, action: str, body: Any = None, **params: Any) -> Any:
        """Make a call that `Meta.api` declares with `action()`, for this object.

        Args:
            action: its name.
            body: what to send.
            params: the query; None leaves a parameter out.

        Returns:
            The decoded body of the answer, or None where there is none.
        """
        return actions.act(self._session(), self, action, body, params).data

    def _job(self, action: str, body: Any = None) -> Job:
        """Make such a call that runs in a job, and wait until it has ended.

        Raises:
            BulkError: the job failed.
        """
        return actions.ended(self._session(), self, action, body)

    def _take(self, action: str, body: Any = None, **params: Any) -> Self:
        """Make such a call, take over the row of the answer, and return the object."""
        actions.took(self._session(), self, action, body, params=params)
        return self

    def _refuse_changes(self) -> None:
        """Raise `InvalidValue` when an object in this state cannot be changed; for subclasses."""


def _own(cls: type[Model], name: str) -> Any:
    """Return the class's own exception; its qualified name lets it be pickled."""
    base = getattr(cls, name)
    return type(
        name, (base,), {"__module__": cls.__module__, "__qualname__": f"{cls.__qualname__}.{name}"}
    )
