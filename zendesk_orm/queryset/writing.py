"""Changes to rows: one by one, or all rows of a query through jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import FieldError
from zendesk_orm.queryset.reading import Reading
from zendesk_orm.schema.arguments import require_values
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.row import Row
from zendesk_orm.session.envelopes import require_objects
from zendesk_orm.write import actions, bulk, upserts
from zendesk_orm.write.bulk import Conflicts
from zendesk_orm.write.jobs import Job
from zendesk_orm.write.manner import manner
from zendesk_orm.write.outcomes import BulkResult
from zendesk_orm.write.progress import Told


R = TypeVar("R")


class Writing(Reading[R]):
    """A query whose rows can be changed."""

    def create(self, **values: Any) -> R:
        """Make an object of the values, save it and return it.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s.
        """
        return self._create(values)

    def _create(self, values: Mapping[str, Any], **how: Any) -> R:
        """Make an object of the values, save it and return it: the one way of `create()`.

        Args:
            values: its fields.
            how: further arguments of `save()`, which some models have.
        """
        upserts.require_creatable(self.model, values, "create")
        record: Any = self._new(values)
        record.save(**how)
        made: R = record
        return made

    def _new(self, values: Mapping[str, Any]) -> R:
        """Return an object of the values that is not saved yet."""
        fixed = {} if self._query.windowed else {**self._query.meta.filter, **self._given()}
        record: Any = self.model(**{**fixed, **values})
        record.attach_to(self._session)
        made: R = record
        return made

    def get_or_create(
        self, defaults: Mapping[str, Any] | None = None, **given: Any
    ) -> tuple[R, bool]:
        """Return the object that matches the lookups, or make it; and whether it was made.

        Users and organizations cannot be made twice, since Zendesk keeps e-mails, names
        and external ids unique. Tickets are looked for by `external_id` in a list that
        does not lag; two who create at once may still make two.

        Args:
            defaults: further values of a new object; functions are called.
            given: lookups; those that name a value are values of a new object, too.

        Raises:
            InvalidValue: it can only be searched for, and search lags.
            MultipleObjectsReturned: several match.
        """
        defaults = require_values("defaults", defaults or {}, self.model)
        found: tuple[R, bool] = upserts.get_or_create(self, defaults, given)
        return found

    def update_or_create(
        self,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> tuple[R, bool]:
        """Change the object that matches the lookups, or make it; and whether it was made.

        Users by e-mail or external id take one request, which Zendesk has for it;
        others two.

        Args:
            defaults: values to set; functions are called.
            create_defaults: values of a new object instead of `defaults`.
            given: lookups; those that name a value are values of a new object, too.

        Raises:
            InvalidValue: it can only be searched for, and search lags.
            MultipleObjectsReturned: several match.
        """
        defaults = require_values("defaults", defaults or {}, self.model)
        if create_defaults is not None:
            create_defaults = require_values("create_defaults", create_defaults, self.model)
        found: tuple[R, bool] = upserts.update_or_create(
            self._session, self, defaults, create_defaults, given
        )
        return found

    def bulk_create(  # noqa: PLR0913 - Django's arguments, and what jobs need
        self,
        objs: Iterable[R],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,  # noqa: FBT001, FBT002 - as in Django
        update_conflicts: bool = False,  # noqa: FBT001, FBT002 - as in Django
        update_fields: Iterable[str] | None = None,
        unique_fields: Iterable[str] | None = None,
        *,
        progress: Told | bool | None = None,
        wait: bool = True,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Create any number of objects, a hundred to a job, and wait; each gets its id.

        Objects are asked for as their requests go out; a generator is not read ahead. At
        most as many jobs run at once as the account allows.

        Args:
            objs: new objects, from any iterable.
            batch_size: objects in one request; a hundred by default, and at most.
            ignore_conflicts: objects that Zendesk refuses because they exist are no
                failures, and get the ids of their rows: users, organizations and records of
                custom objects are looked up by the fields that Zendesk keeps unique, a request
                for up to a hundred. Of others, such as memberships, the ids stay unknown.
                With `unique_fields` they are looked for first and left out, also if Zendesk
                would not refuse them: so a creation that was killed halfway goes on without
                making a ticket twice.
            update_conflicts: objects that exist are changed: for users, by `external_id` or
                `email`, and for records of custom objects, by `external_id` or `name`.
            update_fields: what is changed of those; Zendesk changes all that is sent, so
                that anything less is refused.
            unique_fields: the fields by which objects are known: `["external_id"]`.
            progress: is called with a `Progress` after each request; True shows a bar.
            wait: False returns once all is sent; `.wait()` of the result does the rest.
            raise_on_failure: False returns a result with failures instead of raising.
            timeout: seconds after which a job that has not ended is no longer waited for; what
                became of its objects is unknown then. `account.job_timeout` by default.

        Returns:
            One outcome for each object, in their order.

        Raises:
            BulkError: some failed, after all have run; `.result` has one outcome for each.
            FieldError, InvalidValue: before anything is sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#create-many-tickets
        """
        conflicts = Conflicts.of(
            self._query.meta,
            ignore=ignore_conflicts,
            update=update_conflicts,
            fields=update_fields,
            unique=unique_fields,
        )
        how = manner(batch_size, progress, wait, raise_on_failure, timeout)
        return bulk.create(self._session, self.model, objs, conflicts, how)

    def bulk_update(
        self,
        objs: Iterable[R],
        fields: Iterable[str] | None = None,
        batch_size: int | None = None,
        *,
        progress: Told | bool | None = None,
        wait: bool = True,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Send what changed on each object, a hundred to a job, and wait.

        Args:
            objs: changed objects, from any iterable; unchanged ones cost nothing.
            fields: names of fields to send; all that changed by default.
            batch_size, progress, wait, raise_on_failure, timeout: see `bulk_create()`.

        Returns:
            One outcome for each object, in their order.

        Raises:
            BulkError: some failed, after all have run; `.result` has one outcome for each.
            FieldError, InvalidValue: before anything is sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-many-tickets
        """
        how = manner(batch_size, progress, wait, raise_on_failure, timeout)
        return bulk.update(self._session, self.model, objs, fields, how)

    def update(
        self,
        *,
        wait: bool = True,
        progress: Told | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
        **values: Any,
    ) -> BulkResult:
        """Make the same change to every row of the query, a hundred to a job, and wait.

        `tags=F("tags") + ["seen"] - ["new"]` adds and removes tags of tickets and leaves the
        others as they are; `tags=["seen"]` replaces them all.

        Rows that the query names by their ids alone are not read before, except in a batch or a
        dry run: an id that Zendesk does not know is a failure.

        Args:
            wait, progress, raise_on_failure, timeout: see `bulk_create()`.
            values: the new value of each field.

        Returns:
            One outcome for each row; `int(result)` is the number of rows changed.

        Raises:
            BulkError: some failed, after all have run.
            FieldError, InvalidValue: before anything is sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-many-tickets
        """
        # Bad values are refused before the rows are read.
        bulk.alike(self._session, self.model, values)
        how = manner(None, progress, wait, raise_on_failure, timeout)
        rows = self._rows_to_update(values)
        return bulk.update_alike(self._session, self.model, rows, values, how)

    def delete(
        self,
        *,
        wait: bool = True,
        progress: Told | bool | None = None,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Delete every row of the query, a hundred to a job, and wait.

        Rows that the query names by their ids alone are not read before: an id that Zendesk does
        not know is a failure. One such row of a model that Zendesk deletes one by one only takes
        one request, and has the signals of `delete()` of the object.

        Args:
            wait, progress, raise_on_failure, timeout: see `bulk_create()`.

        Returns:
            One outcome for each row; `int(result)` is the number of rows deleted.

        Raises:
            BulkError: some failed, after all have run.
            FieldError: nothing was asked, not even `.all()`: as in Django, deleting every
                row has to be said in so many words.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#bulk-delete-tickets
        """
        if self._root:
            raise FieldError("a manager does not delete; say .all().delete(), or filter() first")
        how = manner(None, progress, wait, raise_on_failure, timeout)
        named = self._named_rows(Verb.DESTROY_MANY, Verb.DELETE)
        if named is not None and len(named) == 1 and not bulk.is_deletable(self.model):
            return bulk.delete_one(self._session, named[0], how)
        bulk.require_deletable(self.model)
        rows = self._bare()._all() if named is None else named
        return bulk.delete(self._session, self.model, rows, how)

    def _rows_to_update(self, values: Mapping[str, Any]) -> Sequence[R]:
        """Return the rows of the query for `update()`, unread if it names all of them by id."""
        named = None
        # A dry run shows the values that are replaced. Without values, nothing would be sent, and
        # no response would report ids that do not exist.
        if values and self._session.outbox is None:
            named = self._named_rows(Verb.UPDATE_MANY, Verb.UPDATE)
        # All rows are read first: a row that is changed could leave the pages not yet read.
        return self._bare()._all() if named is None else named

    def _named_rows(self, many: Verb, one: Verb) -> list[R] | None:
        """Return the rows, unread, if the query names all of them by id; None if it does not.

        Args:
            many: the verb of the endpoint that changes many rows.
            one: the verb of the endpoint that changes one row, for models without the other.
        """
        query, model, meta = self._query, self.model, self._query.meta
        endpoint = meta.api.find(many) or meta.api.find(one)
        if endpoint is None or meta.filter:
            return None
        if endpoint.verb is one and "id" not in endpoint.placeholders:
            return None
        beside = {*endpoint.placeholders, *meta.named(dict.fromkeys(meta.place))} - {"id"}
        ids = query.named_ids(beside)
        if ids is None or not beside <= query.fixed.keys():
            return None
        known = {column(meta.get_field(name)).wire: query.fixed[name] for name in beside}
        session: Any = self._session
        session.require_owners(query)
        return [session.refer(model, pk, known) for pk in dict.fromkeys(ids)]

    def _call(
        self, action: str, body: Any = None, path: Mapping[str, Any] | None = None, **params: Any
    ) -> Any:
        """Make a call that `Meta.api` of the model declares with `action()`.

        Args:
            action: its name.
            body: what to send.
            path: what stands in the placeholders of its path, by name.
            params: the query; None leaves a parameter out.

        Returns:
            The decoded body of the answer, or None where there is none.
        """
        model: Any = self.model
        return actions.call(self._session, model, action, body, params, path).data

    def _job(
        self, action: str, body: Any = None, path: Mapping[str, Any] | None = None, **params: Any
    ) -> Job:
        """Make such a call that runs in a job, and wait until it has ended.

        Raises:
            BulkError: the job failed.
        """
        model: Any = self.model
        answer = actions.call(self._session, model, action, body, params, path)
        return actions.job_of(self._session, answer, action)

    def _made(self, rows: Iterable[Row]) -> list[R]:
        """Return the objects of rows that such a call gave."""
        model: Any = self.model
        found = map(model._meta.identified, require_objects(rows))
        made: list[R] = self._session.take_in(model, found)
        return made

    def _given(self) -> dict[str, Any]:
        """Return what the query says of every row that is made through it: its relations."""
        relations = self._query.meta.relations
        return {name: value for name, value in self._query.fixed.items() if name in relations}
