"""Actions of a model: `merge`, `mark_as_spam`, `restore`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, overload

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import BulkError, InvalidValue, JobTimeout, MalformedResponse
from zendesk_orm.http.failures import explain_uncertainty
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.values import join, to_text
from zendesk_orm.messages import display
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.record import Record
from zendesk_orm.session.action_bodies import body_of, request_of
from zendesk_orm.session.responses import object_in
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.jobs import Job
from zendesk_orm.write.bulk.results import BulkResult, Outcome


T = TypeVar("T")

#: The result in a dry run of a call whose result cannot be known without Zendesk.
NO_RESULT: Any = object()


@frozen(eq=False)
class Call:
    """A request of an action, ready to be sent.

    Attributes:
        session: the session to send with.
        model: the model that declares the action.
        name: the name of the action.
        request: the request.
        read: returns the result of the call from the response.
        in_dry_run: the result in a dry run, which sends nothing.
        record: the object that the action belongs to, or None for all rows of the model.
    """

    session: Session
    model: Any
    name: str
    request: Request
    read: Callable[[Response], Any]
    in_dry_run: Any
    record: Record | None = None

    def submit(self) -> Any:
        """Send the request, or add it to a dry run; requests that only read are always sent."""
        if self.request.method == "GET":
            return self.send()
        return self.session.sender.submit(self)

    def send(self) -> Any:
        """Send the request and return the result; caches forget the rows that it may change."""
        try:
            response = self.session.transport.send(self.request)
        finally:
            if self.request.changes:
                row = {} if self.record is None else self.record._row
                self.session.account.changes.note(self.model, row)
        key = self.model._meta.endpoint(Verb.ACTION, self.name).key
        try:
            return self.read(evolve(response, data=body_of(self.request, response.data, key)))
        except MalformedResponse as error:
            if self.request.changes:
                explain_uncertainty(error, self.request)
            raise

    def defer(self, unit: Any) -> Any:
        """Add the call to a dry run.

        Raises:
            InvalidValue: a batch is open, or the result cannot be known without Zendesk.
        """
        unit.add_call(self.model, self.name, self.request.json)
        if self.in_dry_run is NO_RESULT:
            raise InvalidValue(
                f"{self.name} must be called outside dry_run(), because it returns what Zendesk "
                "responds"
            )
        return self.in_dry_run


class ActionMixin:
    """The method `_call()` of models and of `QuerySet`."""

    @overload
    def _call(
        self,
        action: str,
        body: Any = None,
        path: Mapping[str, Any] | None = None,
        *,
        then: Callable[[Any], T],
        in_dry_run: T = ...,
        **params: Any,
    ) -> T: ...
    @overload
    def _call(
        self,
        action: str,
        body: Any = None,
        path: Mapping[str, Any] | None = None,
        *,
        then: None = None,
        in_dry_run: Any = ...,
        **params: Any,
    ) -> Any: ...
    def _call(
        self,
        action: str,
        body: Any = None,
        path: Mapping[str, Any] | None = None,
        *,
        then: Callable[[Any], Any] | None = None,
        in_dry_run: Any = NO_RESULT,
        **params: Any,
    ) -> Any:
        """Call an action that `Meta.api` of the model declares by `action()`.

        Args:
            action: its name.
            body: the body of the request.
            path: values of placeholders in its path, by name; an object has the others.
            then: returns the result from the body of the response; by default the body itself.
            in_dry_run: the result in a dry run; with `then`, the dry run raises by default.
            params: parameters of the query; None leaves a parameter out.
        """
        return self._run_action(
            action, body=body, params=params, path=path, then=then, in_dry_run=in_dry_run
        )

    def _run_action(self, name: str, **options: Any) -> Any:
        """Call an action for the object, or for the model of the query.

        Args:
            name: the name of the action.
            options: the keywords of `call()`.
        """
        # Objects and queries implement it.
        raise NotImplementedError


def call(
    session: Session,
    model: type[Record],
    name: str,
    body: Any = None,
    params: Mapping[str, Any] | None = None,
    path: Mapping[str, Any] | None = None,
    *,
    then: Callable[[Any], Any] | None = None,
    in_dry_run: Any = NO_RESULT,
) -> Any:
    """Call an action that a model declares by `action(name, ...)`.

    Args:
        session: the session to send with.
        model: the model.
        name: the action's name.
        body: the body of the request.
        params: parameters of the query; None leaves a parameter out, lists are joined by commas.
        path: values of placeholders in the path, by name.
        then: returns the result from the body of the response; by default the body itself. In a
            dry run it is not called.
        in_dry_run: the result in a dry run; with `then`, the dry run raises by default.

    Returns:
        The result; the decoded body by default, or None.

    Raises:
        InvalidValue: a batch is open, which cannot delay an action.
        ApiError, TransportError.
    """
    request = _build_request(model, name, body, params, path)
    return _submit(Call(session, model, name, request, _body, in_dry_run), then)


def _submit(action: Call, then: Callable[[Any], Any] | None) -> Any:
    """Submit a call; its result is that of `then`, or the body of the response."""
    if then is None:
        default = None if action.in_dry_run is NO_RESULT else action.in_dry_run
        return evolve(action, in_dry_run=default).submit()
    continuation = then

    def read(response: Response) -> Any:
        return continuation(response.data)

    return evolve(action, read=read).submit()


def call_for(
    session: Session,
    record: Record,
    name: str,
    body: Any = None,
    params: Mapping[str, Any] | None = None,
    path: Mapping[str, Any] | None = None,
    *,
    then: Callable[[Any], Any] | None = None,
    in_dry_run: Any = NO_RESULT,
) -> Any:
    """Call an action for one object, whose row fills the placeholders that `path` lacks.

    Raises:
        InvalidValue: the object was never saved.
        ApiError, TransportError.
    """
    path = _path_values(session, record, name, path)
    request = _build_request(type(record), name, body, params, path)
    return _submit(Call(session, type(record), name, request, _body, in_dry_run, record), then)


def call_and_update(
    session: Session,
    record: Record,
    name: str,
    body: Any = None,
    params: Mapping[str, Any] | None = None,
) -> Record:
    """Call an action for one object, update the object from the row in the response, return it.

    Raises:
        MalformedResponse: the response contains no row.
        InvalidValue, ApiError, TransportError.
    """
    key = record._meta.endpoint(Verb.ACTION, name).key

    def update(response: Response) -> Record:
        session.store(record, object_in(request, response, key))
        return record

    path = _path_values(session, record, name, None)
    request = _build_request(type(record), name, body, params, path)
    updated: Record = Call(session, type(record), name, request, update, record, record).submit()
    return updated


def call_and_wait(
    session: Session,
    record: Record,
    name: str,
    body: Any = None,
    then: Callable[[Job], Any] | None = None,
    in_dry_run: Any = None,
) -> Any:
    """Call an action for one object that starts a job, and wait until the job has ended.

    Args:
        session: the session to send with.
        record: the object.
        name: the action's name.
        body: the body of the request.
        then: returns the result from the job; by default the job itself.
        in_dry_run: the result in a dry run.

    Raises:
        BulkError: the job failed.
        InvalidValue, ApiError, TransportError.
    """
    path = _path_values(session, record, name, None)
    request = _build_request(type(record), name, body, None, path)

    def read(response: Response) -> Any:
        job = wait_for_job(session, response, f"{name} of {display(record)}", record)
        return job if then is None else then(job)

    return Call(session, type(record), name, request, read, in_dry_run, record).submit()


def call_and_wait_for_job(
    session: Session,
    model: type[Record],
    name: str,
    body: Any = None,
    params: Mapping[str, Any] | None = None,
    path: Mapping[str, Any] | None = None,
) -> Any:
    """Call an action that starts a job, wait until the job has ended, and return the job.

    Raises:
        BulkError: the job failed.
        InvalidValue, ApiError, TransportError.
    """
    request = _build_request(model, name, body, params, path)

    def read(response: Response) -> Job:
        return wait_for_job(session, response, name)

    return Call(session, model, name, request, read, None).submit()


def wait_for_job(session: Session, response: Response, label: str, record: Any = None) -> Job:
    """Wait for the job in a response, and return the job.

    Raises:
        BulkError: the job failed.
        ApiError, TransportError.
    """
    if response.data is None and response.repeated:
        # The job of the first attempt has removed the object already.
        return Job("", status="completed", using=session.alias)
    job = Job.from_row(object_in(request_of(response.data), response, "job_status"), session.alias)
    pk = None if record is None else record.pk
    try:
        job.wait(session.account.job_timeout)
    except JobTimeout as error:
        details = f"{error}; Job.load({display(job.id)}).wait() may return the results"
        outcome = Outcome(
            record, pk, ok=False, error="JobTimeout", details=details, state="unknown"
        )
        raise BulkError(f"{label}: {error}", BulkResult([outcome], [job])) from error
    if job.status != "completed":
        outcome = Outcome(record, pk, ok=False, error=job.status, details=job.message or "")
        raise BulkError(f"{label}: {job.status}: {job.message}", BulkResult([outcome], [job]))
    return job


def _build_request(
    model: type[Record],
    name: str,
    body: Any,
    params: Mapping[str, Any] | None,
    path: Mapping[str, Any] | None,
) -> Request:
    """Return the request of an action."""
    endpoint = model._meta.endpoint(Verb.ACTION, name)
    return Request(
        endpoint.method,
        endpoint.fill_path(path or {}),
        (*endpoint.fixed_params, *query_parameters(params or {})),
        json=body,
        once=endpoint.method == "POST" and not endpoint.repeatable,
        safe=endpoint.repeatable,
        removes=endpoint.removes,
    )


def _path_values(
    session: Session, record: Record, name: str, path: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the values of placeholders in the path of an action for one object.

    Raises:
        InvalidValue: the object was never saved.
    """
    if record.pk is None:
        raise InvalidValue(f"{display(record)} was never saved; save it before {name}")
    record.attach_if_bare(session)
    meta, values = record._meta, dict(path or {})
    for placeholder in meta.endpoint(Verb.ACTION, name).placeholders:
        if placeholder not in values:
            values[placeholder] = record._row.get(column(meta.get_field(placeholder)).wire)
    return values


def _body(response: Response) -> Any:
    """Return the body of a response."""
    return response.data


@frozen
class Repeated:
    """The values of a parameter that is sent once for each of them."""

    values: tuple[Any, ...]


def query_parameters(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a query as text, except for those that are None."""
    for name, value in params.items():
        if isinstance(value, Repeated):
            yield from ((name, to_text(item)) for item in value.values)
        elif isinstance(value, (list, tuple, set, frozenset)):
            yield name, join(value)
        elif value is not None:
            yield name, to_text(value)
