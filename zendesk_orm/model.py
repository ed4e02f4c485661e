"""`Model`: an object that can be queried, saved and deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from zendesk_orm import errors, signals
from zendesk_orm.account import connections
from zendesk_orm.api.actions import alters_data
from zendesk_orm.errors import InvalidValue, ValidationError
from zendesk_orm.http.annotations import Self, Unpack
from zendesk_orm.http.values import require_bool
from zendesk_orm.messages import display
from zendesk_orm.queryset.queryset import DefaultManagerDescriptor, Manager, ManagerAlias
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.accounts import require_own
from zendesk_orm.schema.arguments import require_names
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.session.session import Session
from zendesk_orm.session.sources import PageSource
from zendesk_orm.session.threads import run_in_thread
from zendesk_orm.signals import announce
from zendesk_orm.through import Through
from zendesk_orm.write import calls, collections, delete, save, validation
from zendesk_orm.write.bulk.jobs import Job
from zendesk_orm.write.calls import ActionMixin
from zendesk_orm.write.creation_locks import creation_lock
from zendesk_orm.write.save import SaveKeywords, SaveOptions


#: The class of the object itself; jedi does not understand `Self` everywhere.
S = TypeVar("S", bound="Model")
T = TypeVar("T")

#: Rows that are fetched to find the next or previous object.
_PAGE_SIZE = 100


class Model(ActionMixin, Record):
    """Base class of all resources.

    A subclass consists of a docstring, a line for each field, and `class Meta` with the
    endpoints. Its module needs `from __future__ import annotations`.

    >>> ticket = Ticket.objects.create(subject="Printer on fire", comment={"body": "It burns."})
    >>> ticket.status = "open"
    >>> ticket.changes()
    {'status': ('new', 'open')}
    >>> ticket.save().status
    'open'
    >>> ticket.delete()
    (1, {'support.Ticket': 1})
    """

    id: ReadOnly[int]

    _relation_types: ClassVar[Mapping[str, Any]] = {
        "Many": Many,
        "RefList": RefList,
        "Through": Through,
    }
    objects = DefaultManagerDescriptor(Manager)
    _default_manager: ClassVar[ManagerAlias] = ManagerAlias()
    _base_manager: ClassVar[ManagerAlias] = ManagerAlias()

    DoesNotExist: ClassVar[type[errors.ObjectDoesNotExist]] = errors.ObjectDoesNotExist
    MultipleObjectsReturned: ClassVar[type[errors.MultipleObjectsReturned]] = (
        errors.MultipleObjectsReturned
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Create the exceptions of the class, and send `class_prepared`."""
        super().__init_subclass__(**kwargs)
        cls.DoesNotExist = _create_exception(cls, "DoesNotExist")
        cls.MultipleObjectsReturned = _create_exception(cls, "MultipleObjectsReturned")
        announce(signals.class_prepared, cls)

    def __init__(self, **values: Any) -> None:
        """Create an object that is not saved yet.

        Raises:
            FieldError: a field does not exist or is read-only.
            InvalidValue: a value is not valid for its field.
        """
        model = type(self)
        announce(signals.pre_init, model, kwargs=values)
        fields, fixed = self._meta.fields, self._meta.filter
        fixed = {n: v for n, v in fixed.items() if n not in fields or fields[n].editable}
        super().__init__(**{**fixed, **values})
        announce(signals.post_init, model, instance=self)

    # -- saving and deleting -------------------------------------------------

    @alters_data
    def save(
        self: S,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> S:
        """Send the changes and update the object from the response; without changes, send nothing.

        A ticket that others changed since it was loaded is not overwritten: their changes are
        fetched, and if they are of other fields, or of other members of a list, both are kept.

        Args:
            update_fields: names of fields to send; all changed fields by default.
            force_insert: create the object although it has an id.
            using: the alias of the account; by default the one that the object came from.
            safe: False to overwrite changes of others; tickets are safe by default.

        Returns:
            The object itself.

        Raises:
            InvalidValue: the object cannot be changed in its state, such as a closed ticket.
            StaleObjectError: others changed the same fields.
            ValidationError: Zendesk rejected values; `.error_dict` has the messages by field.
            Conflict and the other `ApiError`s; `TransportError`.
        """
        if force_insert:
            require_bool("save(): force_insert", force_insert)
        if safe is not None:
            require_bool("save(): safe", safe)
        self._save(
            self._session(using),
            update_fields=update_fields,
            force_insert=force_insert,
            safe=safe,
        )
        return self

    def _save(self, session: Session, **options: Unpack[SaveOptions]) -> None:
        """Save the object; for subclasses that save more, or in another way."""
        if self._row.get("id") is not None:
            save.save(session, self, **options)
            return
        with creation_lock(self):
            # After another thread has created the object, nothing remains to be sent.
            save.save(session, self, **options)

    @alters_data
    def delete(self, *, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Delete the object; Zendesk keeps some deleted objects for a while.

        Returns:
            `(1, {"support.Ticket": 1})`, as in Django.

        Raises:
            InvalidValue: the object was never saved.
            NotFound and the other `ApiError`s; `TransportError`.
        """
        delete.delete(self._session(using), self)
        return 1, {self._meta.label: 1}

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        *,
        discard: bool = True,
    ) -> None:
        """Fetch the object again.

        Args:
            using: the alias of the account; by default the one that the object came from.
            fields: the fields whose unsaved changes are discarded, all by default. Zendesk
                sends all fields, so that the others have their present values, too.
            discard: whether unsaved changes are discarded, as in Django.

        Raises:
            DoesNotExist: the object was deleted.
            FieldError: a field does not exist.
            InvalidValue: the object was never saved, or `discard` is no boolean.
        """
        require_bool("refresh_from_db(): discard", discard)
        names: set[str] | None = None
        if fields is not None:
            required = require_names("fields", fields)
            names = {*required, *self._meta.column_names(required)}
        if self.pk is None:
            raise InvalidValue(f"{display(self)} was never saved, so it cannot be fetched")
        edits = dict(self.__dict__)
        session = self._session(using)
        self.attach_to(session)
        self._reload(session)
        if discard:
            for name in edits if names is None else edits.keys() & names:
                self.__dict__.pop(name, None)

    def _reload(self, session: Session) -> None:
        """Fetch the row again; unsaved changes stay."""
        session.reload(self)

    def change_members(self, name: str, action: str, values: list[Any]) -> None:
        """Add, remove or set the members of a field in one request, for `tags.add()`."""
        session = self._state.creator or self._session()
        collections.change_members(session, self, name, action, values)

    # -- next and previous objects -------------------------------------------

    def get_next_by_created_at(self, **lookups: Any) -> Self:
        """Return the object created after this one, among those that match the lookups.

        Raises:
            DoesNotExist: no later object matches.
        """
        return self._get_next_or_previous("gte", lookups)

    def get_previous_by_created_at(self, **lookups: Any) -> Self:
        """Return the object created before this one, among those that match the lookups.

        Raises:
            DoesNotExist: no earlier object matches.
        """
        return self._get_next_or_previous("lte", lookups)

    def _get_next_or_previous(self, comparison: str, lookups: dict[str, Any]) -> Self:
        """Return the nearest object by creation time; within a second, the nearest by id."""
        model: Any = type(self)
        is_next = comparison == "gte"
        key = (self.created_at, self.pk)  # type: ignore[attr-defined] # the caller needs the field
        queryset = model.objects.using(self.using or DEFAULT)
        queryset = queryset.filter(**{f"created_at__{comparison}": key[0], **lookups})
        queryset = queryset.order_by("created_at" if is_next else "-created_at")
        # One page is enough, unless more rows were created within a second.
        page = list(queryset[:_PAGE_SIZE])
        others = queryset[_PAGE_SIZE:] if len(page) == _PAGE_SIZE else ()
        nearest: Any = None
        for record in chain(page, others):
            if nearest is not None and record.created_at != nearest.created_at:
                break
            other_key = (record.created_at, record.pk)
            is_beyond = other_key > key if is_next else other_key < key
            if is_beyond and (nearest is None or (record.pk < nearest.pk) is is_next):
                nearest = record
        if nearest is None:
            relative = "after" if is_next else "before"
            raise self.DoesNotExist(
                f"no {self._meta.verbose_name} was created {relative} {display(self)}"
            )
        result: Self = nearest
        return result

    # -- asynchronous methods ------------------------------------------------

    @alters_data
    async def asave(self: S, **options: Unpack[SaveKeywords]) -> S:
        """Run `save()` in a thread, without blocking the event loop."""
        return await run_in_thread(self._session(options.get("using")), self.save, **options)

    @alters_data
    async def adelete(self, *, using: str | None = None) -> tuple[int, dict[str, int]]:
        """Run `delete()` in a thread, without blocking the event loop."""
        return await run_in_thread(self._session(using), self.delete, using=using)

    async def arefresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        *,
        discard: bool = True,
    ) -> None:
        """Run `refresh_from_db()` in a thread, without blocking the event loop."""
        session = self._session(using)
        await run_in_thread(session, self.refresh_from_db, using, fields, discard=discard)

    # -- validation ----------------------------------------------------------

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Validate the fields; `save()` calls the same checks.

        Raises:
            ValidationError: a field is invalid; `.error_dict` has the messages by field.
        """
        names = tuple(require_names("exclude", () if exclude is None else exclude))
        problems = validation.find_problems(
            self, self.changes(), created=self.pk is None, exclude=names
        )
        validation.validate(self, problems)

    def clean(self) -> None:
        """Validate the fields together; subclasses override it."""

    def full_clean(
        self,
        exclude: Collection[str] | None = None,
        validate_unique: bool = True,  # noqa: FBT001, FBT002 - as in Django
        validate_constraints: bool = True,  # noqa: FBT001, FBT002 - as in Django
    ) -> None:
        """Call `clean_fields()` and `clean()`, and raise all errors together; sends no request.

        As in Django, `save()` does not call `clean()`.

        Args:
            exclude: names of fields to skip.
            validate_unique, validate_constraints: as in Django; ignored, only Zendesk can check
                them.

        Raises:
            ValidationError: a field is invalid; `.error_dict` has the messages by field.
        """
        problems: dict[str, list[str]] = {}
        for check in (partial(self.clean_fields, exclude), self.clean):
            try:
                check()
            except ValidationError as error:  # noqa: PERF203 - all errors are collected
                problems.update(error.error_dict)
        validation.validate(self, problems)

    # -- the session, and actions of subclasses ------------------------------

    def _session(self, using: str | None = None) -> Session:
        """Return the session that sends the object: with the identity that fetched it.

        A new object is sent as the user of the current `acting_as()` block.

        Raises:
            InvalidValue: `using` is the alias of another account.
        """
        session = self._session_of(using)
        if self.pk is not None:
            require_own("using", self, self._source, session)
        return session

    def _session_of(self, using: str | None) -> Session:
        alias = self.using if using is None else using
        if alias is None or alias == self.using:
            source = self._source.session if isinstance(self._source, PageSource) else self._source
            if isinstance(source, Session):
                return source
            alias = self.using
        return connections.session(DEFAULT if alias is None else alias)

    def _run_action(self, name: str, **options: Any) -> Any:
        """Call an action for this object, whose row fills the placeholders that `path` lacks."""
        return calls.call_for(self._session(), self, name, **options)

    def _call_and_wait(
        self,
        action: str,
        body: Any = None,
        *,
        then: Callable[[Job], T],
        in_dry_run: T | None = None,
    ) -> T:
        """Call an action that starts a job, and wait until the job has ended.

        Args:
            action: its name.
            body: the body of the request.
            then: returns the result from the job.
            in_dry_run: the result in a dry run.

        Raises:
            BulkError: the job failed.
        """
        session = self._session()
        result: T = calls.call_and_wait(session, self, action, body, then, in_dry_run)
        return result

    def _call_and_update(self, action: str, body: Any = None, **params: Any) -> Self:
        """Call an action, update the object from the row in the response, and return it."""
        calls.call_and_update(self._session(), self, action, body, params)
        return self


def _create_exception(cls: type[Model], name: str) -> Any:
    """Return a subclass of an exception for a model; its qualified name lets it be pickled."""
    base = getattr(cls, name)
    return type(
        name, (base,), {"__module__": cls.__module__, "__qualname__": f"{cls.__qualname__}.{name}"}
    )


class StringIdModel(Model):
    """The base of resources whose id is a string, such as a UUID or a name."""

    id: ReadOnly[str]  # type: ignore[assignment] # the other models have numbers

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True
