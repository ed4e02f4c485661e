"""Makes each recorded call by the library, and checks the result.

Calls are made by public methods if there are any (query sets, `save()`, `delete()`,
`bulk_create()`, ...); others are sent as a `Request` and read with `Model.from_row`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import pytest
from attrs import field, frozen

from tests.recordings import account as of_account
from tests.recordings.bodies import build, build_changed_row, build_new_row, edit
from tests.recordings.expected import (
    check_all_used,
    check_outcome,
    check_records,
    expect_status,
    is_last,
    remove_type,
)
from tests.recordings.replay import Exchange, Tape
from tests.recordings.rows import Row
from zendesk_orm import (
    Account,
    Activity,
    Audit,
    Automation,
    Brand,
    BulkError,
    BulkResult,
    CustomRole,
    CustomStatus,
    Group,
    GroupMembership,
    JobStatus,
    Macro,
    Organization,
    OrganizationField,
    QuerySet,
    Ticket,
    TicketField,
    Trigger,
    Upload,
    User,
    UserField,
    View,
)
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import OFFSET, Params
from zendesk_orm.http.request import Request
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.query import Query
from zendesk_orm.session.lists.pages import pages
from zendesk_orm.talk import PartnerCall
from zendesk_orm.write.bulk import strategies


#: The families of paths that have a model.
MODELS: Mapping[str, Any] = {
    **of_account.MODELS,
    **{
        model._meta.plural: model
        for model in (
            *(Activity, Automation, Brand, CustomRole, CustomStatus, Group, GroupMembership),
            *(JobStatus, Macro, Organization, OrganizationField, PartnerCall, Ticket, TicketField),
            *(Trigger, User, UserField, View),
        )
    },
    "ticket_audits": Audit,
}
#: Further families that return rows of these models.
IN_SCOPE = frozenset({*MODELS, "incremental", "search", "uploads"})

#: Maximum number of objects of one call of `create_many` and similar endpoints.
MOST = 100


def in_scope(exchange: Exchange) -> bool:
    """Return whether the exchange belongs to a model of the library."""
    return exchange.family in IN_SCOPE


@frozen
class RecordedPlan(Plan):
    """A plan whose first request has the recorded parameters."""

    params: Params = field(default=(), kw_only=True)

    def first(self) -> Iterator[Request]:
        """Yield the recorded request."""
        yield Request("GET", self.path, self.params)


class Player:
    """Plays one recording.

    Attributes:
        account: the account that is connected to the recording.
        tape: the recording.
        objects: every object that was created or read, by model and id, for later calls.
        not_public: descriptions of what was not replayed through public methods.
    """

    def __init__(self, account: Account, tape: Tape) -> None:
        self.account = account
        self.tape = tape
        self.objects: dict[tuple[Any, Any], Any] = {}
        self.not_public: set[str] = set()

    def play(self) -> None:
        """Make all calls that belong to models of the library, in the recorded order."""
        for exchange in self.tape.exchanges:
            if in_scope(exchange) and not exchange.used:
                _call_for(exchange)(self, exchange)
                assert exchange.used, f"{exchange} was not asked for"
                self._check_quota()

    # -- reading -------------------------------------------------------------

    def read_list(self, exchange: Exchange) -> None:
        """Read a cursor list to its end, or to the end of the recording."""
        model = MODELS[exchange.family]
        size = exchange.parameter("page[size]")
        if size is None:
            self._offset_page(exchange, model)
            return
        recorded = self._pages(exchange, "links", "next")
        rows = [row for item in recorded for row in item.response[model._meta.plural]]

        result = model.objects.using(self.account.alias).fresh().page_size(int(size))
        over = not recorded[-1].response["meta"]["has_more"]
        records = list(result if over else result[: len(rows)])

        check_records(rows, records)
        check_all_used(recorded)

    def _offset_page(self, exchange: Exchange, model: Any) -> None:
        """Read the page that Zendesk returns without paging parameters."""
        self.not_public.add("list without parameters of paging")
        data = self._send(exchange)

        plural = model._meta.plural
        check_records(
            exchange.response[plural], self.account.current().materialize(model, data[plural])
        )
        assert exchange.response["next_page"] == OFFSET.link(data)
        assert exchange.response["count"] == OFFSET.count(data)

    def read_export(self, exchange: Exchange) -> None:
        """Read an incremental export to its end, or to the end of the recording."""
        path = exchange.path.removeprefix("/api/v2/")
        model = MODELS[path.split("/")[1]]
        endpoint = next(item for item in model._meta.api if item.path == path)
        forward = "after_url" if path.endswith("cursor") else "next_page"

        self._walk(model, endpoint, exchange, self._pages(exchange, forward))

    def read_search_export(self, exchange: Exchange) -> None:
        """Read an export of search results to its end, or to the end of the recording."""
        model = MODELS[f"{exchange.parameter('filter[type]')}s"]
        endpoint = model._meta.endpoint(Verb.SEARCH_EXPORT)

        self._walk(model, endpoint, exchange, self._pages(exchange, "links", "next"))

    def _walk(
        self, model: Any, endpoint: Endpoint, exchange: Exchange, recorded: list[Exchange]
    ) -> None:
        self.not_public.add("export with the parameters of another client")
        plan = RecordedPlan(Query(model), endpoint, params=exchange.query)
        walk = pages(self.account.transport, plan)

        result = list(islice(walk, len(recorded)))

        for page, item in zip(result, recorded, strict=True):
            rows = item.response[endpoint.key]
            records = self.account.current().materialize(model, page.rows)
            check_records([remove_type(row) for row in rows], records)
            assert records == self.account.current().materialize(model, page.rows)
            assert is_last(item.response) is (page.following is None)
        if result[-1].following is None:
            assert next(walk, None) is None
        check_all_used(recorded)

    def get(self, exchange: Exchange) -> None:
        """Return an object by its id."""
        model = MODELS[exchange.family]

        with expect_status(exchange, model.DoesNotExist):
            record = model.objects.using(self.account.alias).fresh().get(exchange.id)
            check_records([exchange.response[model._meta.singular]], [record])

    def me(self, exchange: Exchange) -> None:
        """Read the authenticated user."""
        check_records([exchange.response["user"]], [User.objects.using(self.account.alias).me()])

    def count(self, exchange: Exchange) -> None:
        """Count the rows of a list."""
        model = MODELS[exchange.family]

        number = model.objects.using(self.account.alias).count()

        assert exchange.response["count"]["value"] == number

    def compact(self, exchange: Exchange) -> None:
        """Read the views of an agent's first page."""
        result = View.objects.using(self.account.alias).compact()

        check_records(exchange.response["views"], result)

    def fetch_job(self, exchange: Exchange) -> None:
        """Fetch the status of a job."""
        name = exchange.path.rsplit("/", 1)[1]

        job = JobStatus.objects.using(self.account.alias).get(name)

        check_records([exchange.response["job_status"]], [job])

    def get_many(self, exchange: Exchange) -> None:
        """Return objects by their ids, in order; loaded objects are reused."""
        model = MODELS[exchange.family]
        ids = _parse_ids(exchange)
        loaded = {pk: self.objects[model, pk] for pk in ids if (model, pk) in self.objects}

        result = model.objects.using(self.account.alias).fresh().filter(id__in=ids)
        records = self._get_one(result) if len(ids) == 1 else list(result)

        rows = {row["id"]: row for row in exchange.response[model._meta.plural]}
        check_records([rows[pk] for pk in dict.fromkeys(ids) if pk in rows], records)
        assert all(loaded.get(record.pk, record) is record for record in records)
        self._keep(records)

    def _get_one(self, queryset: QuerySet[Any]) -> list[Any]:
        """Request a single row by show_many; the library would request its own path."""
        model: Any = queryset.model
        self.not_public.add("single row by show_many")
        plan = Plan(queryset.query, model._meta.endpoint(Verb.SHOW_MANY))
        rows = [row for page in pages(self.account.transport, plan) for row in page.rows]
        return self.account.current().materialize(model, rows)

    # -- writing -------------------------------------------------------------

    def create(self, exchange: Exchange) -> None:
        """Save a new object."""
        model = MODELS[exchange.family]
        values = build_new_row(model, exchange.request[model._meta.singular])
        record = build(model, values)

        with expect_status(exchange):
            record.save(using=self.account.alias, safe=False)
            self._check_saved(exchange, record)
        assert {model._meta.singular: values} == exchange.sent

    def update(self, exchange: Exchange) -> None:
        """Save a changed object."""
        model = MODELS[exchange.family]
        record = self._object(model, exchange.id)
        values = build_changed_row(model, exchange.request[model._meta.singular], record.to_dict())
        edit(record, values)

        with expect_status(exchange):
            record.save(using=self.account.alias, safe=False)
            self._check_saved(exchange, record)
        assert {model._meta.singular: values} == exchange.sent

    def _check_saved(self, exchange: Exchange, record: Any) -> None:
        """Check that the object has the row of the response and no edits."""
        check_records([exchange.response[record._meta.singular]], [record])
        assert record.changes() == {}
        if "audit" in exchange.response:
            assert exchange.response["audit"] == record.last_audit.to_dict()
        self._keep([record])

    def delete(self, exchange: Exchange) -> None:
        """Delete an object; the library sends none of the recorded bodies."""
        model = MODELS[exchange.family]
        record = self._object(model, exchange.id)

        with expect_status(exchange):
            assert record.delete(using=self.account.alias) == (1, {model._meta.label: 1})
        assert exchange.sent is None

    def upload(self, exchange: Exchange) -> None:
        """Upload a file; its content is not recorded, and its type is `text/plain`."""
        name = exchange.parameter("filename")
        upload = Upload.objects.using(self.account.alias).upload(b"x", filename=name)

        recorded = exchange.response["upload"]
        assert upload.token == recorded["token"]
        check_records(recorded["attachments"], upload.attachments)
        self.objects[Upload, upload.token] = upload

    def delete_upload(self, exchange: Exchange) -> None:
        """Delete an upload."""
        self.objects[Upload, exchange.path.rsplit("/", 1)[1]].delete(using=self.account.alias)

    def create_many(self, exchange: Exchange) -> None:
        """Create objects in bulk, and wait for the job."""
        model = MODELS[exchange.family]
        rows = exchange.request[model._meta.plural]
        if len(rows) > MOST:
            # The library sends at most a hundred objects, so this error needs a raw request.
            self.not_public.add("job of more rows than Zendesk allows")
            with expect_status(exchange):
                self._send(exchange)
            return
        values = [build_new_row(model, row) for row in rows]
        records = [build(model, row) for row in values]

        result, job = self._bulk(
            exchange, lambda: model.objects.using(self.account.alias).bulk_create(records)
        )

        assert {model._meta.plural: values} == exchange.sent
        if result is not None:
            assert records == result.succeeded
            assert [item["id"] for item in job["results"]] == [record.pk for record in records]
            assert [{}] * len(records) == [record.changes() for record in records]
            self._keep(records)

    def update_many(self, exchange: Exchange) -> None:
        """Update objects in bulk, and wait for the job, in which each may fail."""
        model = MODELS[exchange.family]
        rows = exchange.request[model._meta.plural]
        records = [self._object(model, row["id"]) for row in rows]
        values = [
            build_changed_row(model, row, record.to_dict())
            for row, record in zip(rows, records, strict=True)
        ]
        for record, row in zip(records, values, strict=True):
            edit(record, row)

        result, job = self._bulk(
            exchange, lambda: model.objects.using(self.account.alias).bulk_update(records)
        )

        keyed = [{**row, "id": record.pk} for row, record in zip(values, records, strict=True)]
        assert {model._meta.plural: keyed} == exchange.sent
        if result is not None:
            assert records == [outcome.object for outcome in result]
            for outcome, item in zip(result, job["results"], strict=True):
                check_outcome(outcome, item)

    def delete_many(self, exchange: Exchange) -> None:
        """Delete objects in bulk."""
        model = MODELS[exchange.family]
        records = [self._object(model, pk) for pk in _parse_ids(exchange)]
        # The recorded program knew only the ids; a query reads its rows first.
        self.not_public.add("deletion of rows that were not read")
        session = self.account.current()
        if exchange.status == 204:
            # Rules are deleted synchronously, without a job.
            assert records == strategies.delete(session, model, records).succeeded
            return

        result, _ = self._bulk(exchange, lambda: strategies.delete(session, model, records))

        assert exchange.sent is None
        if result is not None:
            assert len(result) == len(records)

    # -- shared functions ----------------------------------------------------

    def _send(self, exchange: Exchange) -> Any:
        request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)
        return self.account.transport.send(request).data

    def _bulk(
        self, exchange: Exchange, call: Callable[[], BulkResult]
    ) -> tuple[BulkResult | None, Row]:
        """Return the result of a call that starts a job, and the recorded end of the job.

        If the recording ends before the job, the result is None, because the library requests the
        status once more.
        """
        job_id = exchange.response["job_status"]["id"]
        looks = [
            outcome.response["job_status"]
            for outcome in self.tape.unused
            if outcome.path == f"/api/v2/job_statuses/{job_id}"
        ]
        ends = [look for look in looks if look["status"] == "completed"]
        if not ends:
            with pytest.raises(BulkError, match=f"GET .*/job_statuses/{job_id}"):
                call()
            return None, {}
        try:
            return call(), ends[0]
        except BulkError as error:
            return error.result, ends[0]

    def _pages(self, first: Exchange, *forward: str) -> list[Exchange]:
        """Return the recorded pages from the first one on, by the links of the responses."""
        result = [first]
        while not is_last(result[-1].response):
            link: Any = result[-1].response
            for key in forward:
                link = link[key]
            following = self.tape.find("GET", link, but=result)
            if following is None:
                break
            result.append(following)
        return result

    def _object(self, model: Any, pk: Any) -> Any:
        return self.objects.get((model, pk)) or model(id=pk)

    def _keep(self, records: list[Any]) -> None:
        self.objects.update(((type(record), record.pk), record) for record in records)

    def _check_quota(self) -> None:
        """Check that the account has the quota of the last response."""
        headers = self.tape.last.headers if self.tape.last else {}
        if "x-rate-limit-remaining" in headers:
            window = self.account.quota.get()
            assert window is not None
            assert headers["x-rate-limit-remaining"] == str(window.remaining)


def _parse_ids(exchange: Exchange) -> list[int]:
    return [int(part) for part in str(exchange.parameter("ids")).split(",")]


# -- dispatch --------------------------------------------------------------------------

_ROWS = (
    "(?:automations|brands|custom_statuses|groups|macros|organization_fields|organizations"
    "|recipient_addresses|ticket_fields|tickets|triggers|user_fields|users|views)"
)
_CALLS: tuple[tuple[str, str, Callable[[Player, Exchange], None]], ...] = (
    *of_account.CALLS,
    ("GET", r"incremental/(?:organizations|(?:tickets|users)(?:/cursor)?)", Player.read_export),
    ("GET", r"search/export", Player.read_search_export),
    ("GET", r"users/me", Player.me),
    ("GET", r"job_statuses/V3-[0-9a-f]+", Player.fetch_job),
    ("GET", rf"{_ROWS}|activities|group_memberships|ticket_audits", Player.read_list),
    ("GET", r"views/compact", Player.compact),
    ("GET", r"views/count", Player.count),
    ("GET", rf"{_ROWS}/show_many", Player.get_many),
    ("GET", rf"(?:calls|custom_roles|{_ROWS})/\d+", Player.get),
    ("POST", r"uploads", Player.upload),
    ("POST", rf"calls|{_ROWS}", Player.create),
    ("POST", rf"{_ROWS}/create_many", Player.create_many),
    ("PUT", rf"{_ROWS}/update_many", Player.update_many),
    ("PATCH", r"calls/\d+", Player.update),
    ("PUT", rf"{_ROWS}/\d+", Player.update),
    ("DELETE", r"uploads/[^/]+", Player.delete_upload),
    ("DELETE", rf"{_ROWS}/destroy_many", Player.delete_many),
    ("DELETE", rf"{_ROWS}/\d+", Player.delete),
)


def _call_for(exchange: Exchange) -> Callable[[Player, Exchange], None]:
    path = exchange.path.removeprefix("/api/v2/")
    for method, pattern, call in _CALLS:
        if method == exchange.method and re.fullmatch(pattern, path):
            return call
    raise AssertionError(f"{exchange} has no call of the library")
