"""Requests of bulk operations: which objects share a request, its path and its body.

Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_records/#custom-object-record-bulk-jobs
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypedDict

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import FieldError, ZendeskError
from zendesk_orm.http.limits import require_duration
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.values import join, require_bool
from zendesk_orm.messages import display, suggestion
from zendesk_orm.progress import ProgressCallback, resolve_progress
from zendesk_orm.schema.arguments import require_count
from zendesk_orm.schema.options import Options
from zendesk_orm.session.responses import objects_in
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.results import RETRY_HINT, Outcome, failed_request, unknown_outcome
from zendesk_orm.write.calls import query_parameters
from zendesk_orm.write.change import path_of


#: Objects in one request.
MAX_PER_REQUEST = 100


class BulkOptions(TypedDict, total=False):
    """The keywords of all bulk methods.

    Attributes:
        progress: a function that is called with a `Progress` after each request; True shows a
            bar.
        wait: False returns after all requests have been sent; `.wait()` of the result waits for
            the jobs.
        raise_on_failure: False returns a result with failures instead of raising `BulkError`.
        timeout: seconds after which waiting for a job ends; the state
            of its objects is unknown then. `account.job_timeout` by default.
    """

    progress: ProgressCallback | bool | None
    wait: bool
    raise_on_failure: bool
    timeout: float | None


@frozen
class ResolvedOptions:
    """The checked options of a bulk operation.

    Attributes:
        batch_size: objects in one request; 100 by default and at most.
        progress: a function that is called with a `Progress` after each request.
        wait: whether jobs are waited for.
        raises: whether failures are raised.
        timeout: seconds after which waiting for a job ends; None for the account's.
    """

    batch_size: int = MAX_PER_REQUEST
    progress: ProgressCallback | None = None
    wait: bool = True
    raises: bool = True
    timeout: float | None = None

    @property
    def for_retry(self) -> ResolvedOptions:
        """The options of a second attempt, which always waits."""
        return evolve(self, wait=True)


def resolve_options(
    batch_size: int | None = None,
    *,
    progress: ProgressCallback | bool | None = None,
    wait: bool = True,
    raise_on_failure: bool = True,
    timeout: float | None = None,
    **unknown: Any,
) -> ResolvedOptions:
    """Return the checked options of a bulk method.

    Raises:
        InvalidValue: an option has a wrong value.
        FieldError: an option does not exist.
    """
    for name in unknown:
        raise FieldError(
            f"bulk methods have no option {display(name)}"
            + suggestion(name, BulkOptions.__annotations__)
        )
    require_bool("wait", wait)
    require_bool("raise_on_failure", raise_on_failure)
    if batch_size is not None:
        require_count("batch_size", batch_size)
    if timeout is not None:
        require_duration("timeout", timeout)
    callback = None if progress is None else resolve_progress(progress)
    size = min(batch_size or MAX_PER_REQUEST, MAX_PER_REQUEST)
    return ResolvedOptions(size, callback, wait, raise_on_failure, timeout)


@frozen(eq=False)
class Entry:
    """One object of a bulk operation.

    Attributes:
        position: its position among the objects of the operation.
        record: the object.
        payload: the values to send for it.
        row: its row in the response, if the response contains rows.
    """

    position: int
    record: Any
    payload: Any
    row: dict[str, Any] | None = None


#: An object and its outcome.
Pair = tuple[Entry, Outcome]
#: Returns the request for some objects.
BuildRequest = Callable[[list[Entry]], Request]


def same_group(_: Any) -> Hashable:
    """Return the same key for every object, so that any objects can share a request."""
    return None


@frozen(eq=False)
class BulkStrategy:
    """The way in which one kind of change is made to many objects.

    Attributes:
        action: the action of `post_bulk`: `create`, `update`, `delete` or another verb.
        prepare: returns the payload of an object, or its outcome if nothing is sent.
        build_request: returns the request for some objects.
        apply: updates an object after its change was applied.
        group_key: objects with different keys go into different requests.
        filter: yields the objects to be sent, and the others with their outcomes.
        find_ids: adds the ids of existing rows to outcomes of objects that Zendesk rejected as
            duplicates.
        read_response: returns the outcomes in a synchronous response; None if the response is a
            job, or has no body and confirms all deletions.
        read_error: returns the outcomes that an error response contains, or None.
        call: the action of the model that the requests are made by; "" for the endpoints of its
            resource.
        delayable: whether a batch can delay the changes; those of actions it cannot.
    """

    action: str
    prepare: Callable[[Any], Any]
    build_request: BuildRequest
    apply: Callable[[Session, Entry, Outcome], None]
    group_key: Callable[[Any], Hashable] = same_group
    filter: Callable[[Iterator[Entry]], Iterator[Entry | Pair]] | None = None
    find_ids: Callable[[list[Pair]], list[Pair]] | None = None
    read_response: Callable[[list[Entry], Response], list[Pair]] | None = None
    read_error: Callable[[list[Entry], ZendeskError], list[Pair] | None] | None = None
    call: str = ""
    delayable: bool = True

    @property
    def method(self) -> str:
        """The method that makes the change, for messages."""
        return self.call or f"bulk_{self.action}"

    def outcomes_of_error(self, entries: list[Entry], error: ZendeskError) -> list[Pair]:
        """Return the outcomes of objects whose request raised an error."""
        pairs = None if self.read_error is None else self.read_error(entries, error)
        return pairs or [(entry, failed_request(entry.record, error)) for entry in entries]


@frozen(eq=False)
class BulkRequest:
    """Objects that share a request, and the request."""

    entries: list[Entry]
    request: Request

    @property
    def records(self) -> list[Any]:
        """The objects, in the order in which they are sent."""
        return [entry.record for entry in self.entries]


def build_requests(
    strategy: BulkStrategy, entries: Iterable[Entry], size: int
) -> Iterator[BulkRequest]:
    """Yield each request as soon as it is full, and the incomplete ones at the end."""
    groups: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        key = strategy.group_key(entry.record)
        group = groups.setdefault(key, [])
        group.append(entry)
        if len(group) >= size:
            yield BulkRequest(groups.pop(key), strategy.build_request(group))
    for group in groups.values():
        yield BulkRequest(group, strategy.build_request(group))


# -- endpoints ---------------------------------------------------------------

#: The action of models whose objects are created, changed and deleted by one job endpoint.
JOBS = "jobs"
_JOB_ACTIONS = {
    Verb.CREATE_MANY: "create",
    Verb.UPDATE_MANY: "update",
    Verb.DESTROY_MANY: "delete",
}


def bulk_endpoint(meta: Options, verb: Verb) -> Endpoint:
    """Return the endpoint that creates, changes or deletes many objects of a model.

    Raises:
        FieldError: Zendesk has no such endpoint for the model.
    """
    jobs: Endpoint | None = meta.api.find(Verb.ACTION, JOBS)
    action: Endpoint | None = meta.api.find(Verb.ACTION, verb.value)
    if jobs is not None:
        return jobs
    if action is not None and action.key != "job_status":
        return action
    endpoint: Endpoint = meta.endpoint(verb)
    return endpoint


def parent_key(endpoint: Endpoint) -> Callable[[Any], Hashable]:
    """Return the group key of objects whose path names a parent: the path."""
    if not endpoint.placeholders:
        return same_group
    return lambda record: path_of(endpoint, record)


def per_object_bodies(meta: Options, verb: Verb) -> BuildRequest:
    """Return the function that builds requests with a body for each object.

    Raises:
        FieldError: Zendesk has no such endpoint for the model.
    """
    endpoint = bulk_endpoint(meta, verb)
    if endpoint.name == JOBS:
        return job_items(endpoint, _JOB_ACTIONS[verb], lambda entry: entry.payload)

    def build(entries: list[Entry]) -> Request:
        body = {meta.plural: [entry.payload for entry in entries]}
        path = path_of(endpoint, entries[0].record)
        # Sent once, even if the method is PUT: while the job of the first request runs, a second
        # would find rows that were changed since it was queued, and report false failures.
        return Request(endpoint.method, path, json=body, once=True)

    return build


def shared_body(
    meta: Options, verb: Verb, payload: Mapping[str, Any] | None = None
) -> BuildRequest:
    """Return the function that builds requests with the ids of objects and one body for all.

    Raises:
        FieldError: Zendesk has no such endpoint for the model.
    """
    endpoint = bulk_endpoint(meta, verb)
    if endpoint.name == JOBS:

        def item(entry: Entry) -> Any:
            pk = entry.record.pk
            return pk if payload is None else {**payload, "id": pk}

        return job_items(endpoint, _JOB_ACTIONS[verb], item)
    if payload is not None and endpoint.verb is Verb.ACTION:
        return per_object_bodies(meta, verb)
    body = None if payload is None else {meta.singular: payload}
    return _ids_in_query(endpoint, body)


def action_ids(model: Any, name: str, body: Any = None) -> BuildRequest:
    """Return the function that builds requests of an action, with the ids in the query."""
    return _ids_in_query(model._meta.endpoint(Verb.ACTION, name), body)


def action_bodies(
    model: Any,
    name: str,
    body: Callable[[list[Entry]], Any],
    params: Mapping[str, Any] | None = None,
) -> BuildRequest:
    """Return the function that builds requests of an action whose body describes its objects.

    Args:
        model: the model that declares the action.
        name: the action's name.
        body: returns the body for some objects.
        params: parameters of the query; None leaves a parameter out.
    """
    endpoint = model._meta.endpoint(Verb.ACTION, name)
    query = tuple(query_parameters(params or {}))

    def build(entries: list[Entry]) -> Request:
        return Request(endpoint.method, endpoint.url, query, json=body(entries), once=True)

    return build


def _ids_in_query(endpoint: Endpoint, body: Any) -> BuildRequest:
    """Return the function that builds requests with the ids of objects in the query."""

    def build(entries: list[Entry]) -> Request:
        ids = join(entry.record.pk for entry in entries)
        path = path_of(endpoint, entries[0].record)
        return Request(endpoint.method, path, (("ids", ids),), json=body, once=True)

    return build


def job_items(endpoint: Endpoint, action: str, item: Callable[[Entry], Any]) -> BuildRequest:
    """Return the function that builds jobs with an action and an item for each object."""

    def build(entries: list[Entry]) -> Request:
        body = {"job": {"action": action, "items": [item(entry) for entry in entries]}}
        path = path_of(endpoint, entries[0].record)
        return Request(endpoint.method, path, json=body, once=True)

    return build


# -- synchronous responses ---------------------------------------------------


def confirm_all(entries: list[Entry], response: Response) -> list[Pair]:
    """Return the outcomes of objects that a successful response confirms as a whole."""
    return [(entry, Outcome(entry.record, entry.record.pk, ok=True)) for entry in entries]


def read_rows(entries: list[Entry], response: Response) -> list[Pair]:
    """Return the outcomes of objects whose rows a response contains.

    The state of an object is unknown if its row is missing: Zendesk leaves out rows that the
    caller may not change.

    Raises:
        MalformedResponse: the rows are not a list of objects.
    """
    meta = entries[0].record._meta
    rows = {row.get("id"): row for row in map(meta.with_id, objects_in(response.data, meta.plural))}
    details = f"Zendesk's response does not contain its row; {RETRY_HINT}"
    return [
        (evolve(entry, row=rows[entry.record.pk]), Outcome(entry.record, entry.record.pk, ok=True))
        if entry.record.pk in rows
        else (entry, unknown_outcome(entry.record, "NoResult", details))
        for entry in entries
    ]


def response_reader(
    meta: Options, verb: Verb
) -> Callable[[list[Entry], Response], list[Pair]] | None:
    """Return the function that reads responses of the bulk endpoint of a model; None for jobs."""
    endpoint = bulk_endpoint(meta, verb)
    if endpoint.verb is not Verb.ACTION or endpoint.name == JOBS:
        return None
    return confirm_all if verb is Verb.DESTROY_MANY else read_rows


def ignore_duplicates(
    pairs: list[Pair],
    ignores: Callable[[Outcome], bool] | None,
    find_ids: Callable[[list[Pair]], list[Pair]] | None,
) -> list[Pair]:
    """Return the outcomes, with failures that are to be ignored marked as ignored.

    Args:
        pairs: the objects and their outcomes.
        ignores: returns True for a failed outcome that is to be ignored.
        find_ids: adds the ids of the existing rows.
    """
    duplicates = [
        (entry, evolve(outcome, ok=True, state="ignored"))
        for entry, outcome in pairs
        if outcome.state == "failed" and ignores and ignores(outcome)
    ]
    if not duplicates:
        return pairs
    if find_ids is not None:
        duplicates = find_ids(duplicates)
    ignored = {entry.position: outcome for entry, outcome in duplicates}
    return [(entry, ignored.get(entry.position, outcome)) for entry, outcome in pairs]
