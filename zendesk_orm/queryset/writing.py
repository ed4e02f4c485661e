"""Methods of `QuerySet` that create, change and delete rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from zendesk_orm.api.actions import alters_data
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import FieldError
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.progress import ProgressCallback
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.asynchronous import asynchronous
from zendesk_orm.schema.accounts import as_reusable
from zendesk_orm.schema.arguments import require_values
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.row import Row
from zendesk_orm.session.responses import require_objects
from zendesk_orm.session.session import Session
from zendesk_orm.write import calls, get_or_create
from zendesk_orm.write.bulk import strategies
from zendesk_orm.write.bulk.creation import create
from zendesk_orm.write.bulk.requests import BulkOptions, resolve_options
from zendesk_orm.write.bulk.results import BulkResult
from zendesk_orm.write.bulk.upserts import Conflicts
from zendesk_orm.write.calls import ActionMixin


R = TypeVar("R")
T = TypeVar("T")


class WritingMixin(ActionMixin, Generic[R]):
    """Methods of `QuerySet` that create, change and delete rows."""

    if TYPE_CHECKING:
        # Attributes and methods of QuerySet.
        _query: Query
        _is_manager: bool

        @property
        def model(self) -> type[R]: ...  # noqa: D102 - documented in QuerySet
        @property
        def _session(self) -> Session: ...
        def _as_objects(self) -> Any: ...

    #: The fields that Zendesk changes in bulk; None for all.
    _bulk_fields: ClassVar[tuple[str, ...] | None] = None

    # -- single objects ------------------------------------------------------

    @alters_data
    def create(self, /, **values: Any) -> R:
        """Create an object, save it and return it.

        Raises:
            FieldError, InvalidValue: a value is invalid; nothing was sent.
            ValidationError and the other `ApiError`s.
        """
        return self._create(values)

    def _create(self, values: Mapping[str, Any], **save_options: Any) -> R:
        """Create an object, save it and return it.

        Args:
            values: the values of its fields.
            save_options: further arguments of the model's `save()`.
        """
        get_or_create.require_creatable(self.model, values, "create")
        record = self._build(values)
        saved: Any = record
        saved.save(**save_options)
        return record

    def _build(self, values: Mapping[str, Any]) -> R:
        """Return an unsaved object with values, and the relations that the query determines."""
        defaults = {}
        if not self._query.windowed:
            defaults = {**self._query.meta.filter, **self._get_fixed_values()}
        model: Any = self.model
        record: Any = model(**{**defaults, **values})
        record.attach_to(self._session)
        built: R = record
        return built

    def _get_fixed_values(self) -> dict[str, Any]:
        """Return the values of new objects that the query determines: its relations."""
        relations = self._query.meta.relations
        return {
            name: value for name, value in self._query.exact_values.items() if name in relations
        }

    @alters_data
    def get_or_create(
        self, /, defaults: Mapping[str, Any] | None = None, **lookups: Any
    ) -> tuple[R, bool]:
        """Return the object that matches the lookups, or create it, and whether it was created.

        Zendesk prevents duplicates of users and organizations, whose e-mails, names and external
        ids are unique. Tickets are looked up by `external_id` in a list that does not lag; two
        programs or threads that create a ticket at the same time may create two.

        Args:
            defaults: further values of a new object; functions are called.
            lookups: lookups by exact values also set these values in a new object.

        Raises:
            InvalidValue: the object can only be looked up in the search index, which lags.
            MultipleObjectsReturned: several objects match.
        """
        defaults = self._require_defaults("defaults", defaults)
        result: tuple[R, bool] = get_or_create.get_or_create(self, defaults, lookups)
        return result

    @alters_data
    def update_or_create(
        self,
        /,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **lookups: Any,
    ) -> tuple[R, bool]:
        """Update the object that matches the lookups, or create it, and return whether it is new.

        Users with an e-mail or external id take one request, other models two, and new tickets
        three: archived tickets are only in the search index.

        Args:
            defaults: values to set; functions are called.
            create_defaults: values of a new object, instead of `defaults`.
            lookups: lookups by exact values also set these values in a new object.

        Raises:
            InvalidValue: the object can only be looked up in the search index, which lags.
            MultipleObjectsReturned: several objects match.
        """
        defaults = self._require_defaults("defaults", defaults)
        if create_defaults is not None:
            create_defaults = self._require_defaults("create_defaults", create_defaults)
        result: tuple[R, bool] = get_or_create.update_or_create(
            self._session, self, defaults, create_defaults, lookups
        )
        return result

    def _require_defaults(self, what: str, defaults: Any) -> dict[str, Any]:
        """Return the values of an argument, after checking those that are not functions.

        Raises:
            FieldError, InvalidValue: a new object cannot have a value; nothing was sent.
        """
        values = require_values(what, {} if defaults is None else defaults, self.model)
        values = {name: as_reusable(value) for name, value in values.items()}
        model: Any = self.model
        # The id is rejected by another error.
        checked = {n: v for n, v in values.items() if n not in ("id", "pk") and not callable(v)}
        model(**checked).attach_to(self._session)
        return values

    # -- many objects --------------------------------------------------------

    @alters_data
    def bulk_create(
        self,
        objs: Iterable[R],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,  # noqa: FBT001, FBT002 - as in Django
        update_conflicts: bool = False,  # noqa: FBT001, FBT002 - as in Django
        update_fields: Iterable[str] | None = None,
        unique_fields: Iterable[str] | None = None,
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Create objects, up to a hundred per job, and wait for the jobs; objects get their ids.

        Objects are taken from the iterable as requests are sent; a generator is not read in
        advance. The account limits how many jobs run at the same time.

        Args:
            objs: new objects.
            batch_size: objects per request, at most a hundred, which is the default.
            ignore_conflicts: objects that Zendesk rejects because they exist count as
                successes. Users, organizations and records of custom objects get the ids of
                their rows, which are looked up by unique fields, a request for up to a hundred;
                the ids of other objects, such as memberships, stay unknown. With
                `unique_fields`, existing objects are looked up in advance and are not sent, so
                that an interrupted creation can be repeated without creating tickets twice.
            update_conflicts: existing objects are updated: users with the same `external_id` or
                `email`, and records of custom objects with the same `external_id` or `name`.
            update_fields: the fields to update; Zendesk updates all fields that are sent, so
                a smaller set raises an error.
            unique_fields: the fields that identify objects: `["external_id"]`.
            options: `progress`, a function called with a `Progress` after each request, or True
                for a progress bar; `wait=False` to return when everything is sent (`.wait()` of
                the result waits); `raise_on_failure=False` to return a result with failures
                instead of raising; `timeout`, the seconds to wait for each job
                (`account.job_timeout` by default). The outcomes of a job that takes longer are
                unknown.

        Returns:
            One outcome for each object, in their order.

        Raises:
            BulkError: some failed, after all were sent; `.result` has one outcome for each.
            FieldError, InvalidValue: an argument is invalid; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#create-many-tickets
        """
        conflicts = Conflicts.of(
            self._query.meta,
            ignore=ignore_conflicts,
            update=update_conflicts,
            fields=update_fields,
            unique=unique_fields,
        )
        resolved = resolve_options(batch_size, **options)
        return create(self._session, self.model, objs, conflicts, resolved)

    @alters_data
    def bulk_update(
        self,
        objs: Iterable[R],
        fields: Iterable[str] | None = None,
        batch_size: int | None = None,
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Send the changes of objects, up to a hundred objects per job, and wait for the jobs.

        Args:
            objs: changed objects; unchanged ones are not sent.
            fields: names of the fields to send; all changed fields by default.
            batch_size, options: see `bulk_create()`.

        Returns:
            One outcome for each object, in their order.

        Raises:
            BulkError: some failed, after all were sent; `.result` has one outcome for each.
            FieldError, InvalidValue: an argument is invalid; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-many-tickets
        """
        resolved = resolve_options(batch_size, **options)
        return strategies.update(
            self._session, self.model, objs, fields, resolved, self._bulk_fields
        )

    # -- all rows of the query -----------------------------------------------

    @alters_data
    def update(
        self,
        /,
        *,
        wait: bool = True,
        progress: ProgressCallback | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
        **values: Any,
    ) -> BulkResult:
        """Set fields of all rows of the query, up to a hundred per job, and wait for the jobs.

        `tags=F("tags") + ["seen"] - ["new"]` adds and removes tags of tickets and keeps the
        others; `tags=["seen"]` replaces all tags.

        Rows that the query selects only by id are not fetched first, except in a batch or a dry
        run; an id that does not exist is a failure.

        Args:
            wait, progress, raise_on_failure, timeout: see `bulk_create()`.
            values: the new value of each field.

        Returns:
            One outcome for each row; `int(result)` is the number of changed rows.

        Raises:
            BulkError: some failed, after all were sent.
            FieldError, InvalidValue: an argument is invalid; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-many-tickets
        """
        # Invalid values raise before the rows are fetched.
        session, model, allowed = self._session, self.model, self._bulk_fields
        strategies.payload_for_all(session, model, values, allowed)
        options = resolve_options(
            progress=progress, wait=wait, raise_on_failure=raise_on_failure, timeout=timeout
        )
        rows = self._get_rows_to_update(values)
        return strategies.update_all(session, model, rows, values, options, allowed)

    @alters_data
    def delete(self, **options: Unpack[BulkOptions]) -> BulkResult:
        """Delete all rows of the query, up to a hundred per job, and wait for the jobs.

        Rows that the query selects only by id are not fetched first; an id that does not exist is
        a failure. A single such row of a model without bulk deletion takes one request, and
        sends the signals of the object's `delete()`.

        Args:
            options: see `bulk_create()`.

        Returns:
            One outcome for each row; `int(result)` is the number of deleted rows.

        Raises:
            BulkError: some failed, after all were sent.
            FieldError: called on a manager; as in Django, deleting all rows needs
                `.all().delete()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#bulk-delete-tickets
        """
        self._require_not_manager()
        resolved = resolve_options(**options)
        rows = self._get_rows_by_id(Verb.DESTROY_MANY, Verb.DELETE)
        if rows is not None and len(rows) == 1 and strategies.is_deleted_alone(self.model):
            return strategies.delete_one(self._session, rows[0], resolved)
        strategies.require_deletable(self.model)
        if rows is None:
            rows = self._as_objects()._fetch_all()
        return strategies.delete(self._session, self.model, rows, resolved)

    def _require_not_manager(self) -> None:
        """Raise if all rows would be deleted without `.all()`.

        Raises:
            FieldError: this is a manager.
        """
        if self._is_manager:
            raise FieldError(
                "a manager cannot be deleted; call filter() first, or .all().delete() to delete "
                "all rows"
            )

    def _get_rows_to_update(self, values: Mapping[str, Any]) -> Sequence[R]:
        """Return the rows of the query for `update()`; rows selected only by id are not fetched."""
        # A dry run shows the values that are replaced. Without values, nothing would be sent, and
        # no response would report ids that do not exist.
        rows = None
        if values and not self._session.sender.deferred:
            rows = self._get_rows_by_id(Verb.UPDATE_MANY, Verb.UPDATE)
        if rows is None:
            # All rows are fetched first, because changed rows may no longer match on later pages.
            rows = self._as_objects()._fetch_all()
        return rows

    def _get_rows_by_id(self, many: Verb, one: Verb) -> list[R] | None:
        """Return unfetched rows if the query names all of them by id, and None otherwise.

        Args:
            many: the verb of the endpoint that changes many rows.
            one: the verb of the endpoint that changes one row, for models without `many`.
        """
        query, model, meta = self._query, self.model, self._query.meta
        endpoint = meta.api.find(many) or meta.api.find(one)
        if endpoint is None or meta.filter:
            return None
        if endpoint.verb is one and "id" not in endpoint.placeholders:
            return None
        parents = {*endpoint.placeholders, *meta.by_field_name(dict.fromkeys(meta.parent_keys))} - {
            "id"
        }
        ids = query.named_ids(parents)
        if ids is None or not parents <= query.exact_values.keys():
            return None
        row = {column(meta.get_field(name)).wire: query.exact_values[name] for name in parents}
        session: Any = self._session
        session.require_owners(query)
        return [session.refer(model, pk, row) for pk in dict.fromkeys(ids)]

    # -- actions -------------------------------------------------------------

    def _run_action(self, name: str, **options: Any) -> Any:
        """Call an action of the model."""
        model: Any = self.model
        return calls.call(self._session, model, name, **options)

    def _call_and_wait(
        self, action: str, body: Any = None, path: Mapping[str, Any] | None = None, **params: Any
    ) -> Any:
        """Call an action that starts a job, wait until the job has ended, and return the job.

        Raises:
            BulkError: the job failed.
        """
        model: Any = self.model
        return calls.call_and_wait_for_job(self._session, model, action, body, params, path)

    def _from_rows(self, rows: Iterable[Row]) -> list[R]:
        """Return the objects of complete rows, such as those in the response to an action."""
        model: Any = self.model
        identified = map(model._meta.with_id, require_objects(rows))
        records: list[R] = self._session.materialize(model, identified)
        return records

    # -- asynchronous methods ------------------------------------------------

    acreate = asynchronous(create)
    aget_or_create = asynchronous(get_or_create)
    aupdate_or_create = asynchronous(update_or_create)
    abulk_create = asynchronous(bulk_create)
    abulk_update = asynchronous(bulk_update)
    aupdate = asynchronous(update)
    adelete = asynchronous(delete)
