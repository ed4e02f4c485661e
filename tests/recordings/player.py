"""Makes each recorded call through the library, and checks what comes of it.

What has a call of its own is made by it (query sets, `save()`, `delete()`,
`bulk_create()`, ...); what has none yet is sent as a `Request` and read with
`Model.from_row`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import pytest
from attrs import field, frozen

from tests.recordings import account as of_account
from tests.recordings.bodies import changed_row, edit, made, new_row
from tests.recordings.expected import all_used, expected, is_last, same, settled, untyped
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
from zendesk_orm.session.pages import pages
from zendesk_orm.talk import PartnerCall
from zendesk_orm.write import bulk


#: The families of paths that the library has models for.
MODELS: Mapping[str, Any] = {
    **of_account.MODELS,
    "activities": Activity,
    "automations": Automation,
    "brands": Brand,
    "calls": PartnerCall,
    "custom_statuses": CustomStatus,
    "custom_roles": CustomRole,
    "group_memberships": GroupMembership,
    "groups": Group,
    "job_statuses": JobStatus,
    "macros": Macro,
    "organization_fields": OrganizationField,
    "organizations": Organization,
    "ticket_audits": Audit,
    "ticket_fields": TicketField,
    "tickets": Ticket,
    "triggers": Trigger,
    "user_fields": UserField,
    "users": User,
    "views": View,
}
#: Families that give rows of these models under a path of their own, besides.
IN_SCOPE = frozenset({*MODELS, "incremental", "search", "uploads"})

#: Objects that one call of `create_many` and the like takes.
MOST = 100


def in_scope(exchange: Exchange) -> bool:
    """Tell whether the exchange is about one of the library's models."""
    return exchange.family in IN_SCOPE


@frozen
class Asked(Plan):
    """A plan whose first page is asked with the parameters that a recording names."""

    params: Params = field(default=(), kw_only=True)

    def first(self) -> Iterator[Request]:
        """Yield the recorded request."""
        yield Request("GET", self.path, self.params)


class Player:
    """Plays one recording.

    Attributes:
        account: the account that is connected to the recording.
        tape: the recording.
        objects: every object that was created or read, by model and id, so
            that later calls can go on with it.
        not_public: descriptions of what was not replayed through public methods.
    """

    def __init__(self, account: Account, tape: Tape) -> None:
        self.account = account
        self.tape = tape
        self.objects: dict[tuple[Any, Any], Any] = {}
        self.not_public: set[str] = set()

    def play(self) -> None:
        """Make every call that is about one of the library's models, in the recorded order."""
        for exchange in self.tape.exchanges:
            if in_scope(exchange) and not exchange.used:
                _call_for(exchange)(self, exchange)
                assert exchange.used, f"{exchange} was not asked for"
                self._quota_is_read()

    # -- reading -------------------------------------------------------------

    def listed(self, exchange: Exchange) -> None:
        """Read a list with a cursor to its end, or to the end of the recording."""
        model = MODELS[exchange.family]
        size = exchange.asked("page[size]")
        if size is None:
            self._offset_page(exchange, model)
            return
        recorded = self._pages(exchange, "links", "next")
        rows = [row for each in recorded for row in each.response[model._meta.plural]]

        found = model.objects.using(self.account.alias).fresh().page_size(int(size))
        over = not recorded[-1].response["meta"]["has_more"]
        records = list(found if over else found[: len(rows)])

        same(rows, records)
        all_used(recorded)

    def _offset_page(self, exchange: Exchange, model: Any) -> None:
        """Read the page that comes when nothing is said of paging, which the library never does."""
        self.not_public.add("list without parameters of paging")
        data = self._send(exchange)

        plural = model._meta.plural
        same(exchange.response[plural], self.account.current().take_in(model, data[plural]))
        assert exchange.response["next_page"] == OFFSET.link(data)
        assert exchange.response["count"] == OFFSET.count(data)

    def exported(self, exchange: Exchange) -> None:
        """Read an incremental export to its end, or to the end of the recording."""
        path = exchange.path.removeprefix("/api/v2/")
        model = MODELS[path.split("/")[1]]
        endpoint = next(each for each in model._meta.api if each.path == path)
        forward = "after_url" if path.endswith("cursor") else "next_page"

        self._walk(model, endpoint, exchange, self._pages(exchange, forward))

    def searched(self, exchange: Exchange) -> None:
        """Read an export of search results to its end, or to the end of the recording."""
        model = MODELS[f"{exchange.asked('filter[type]')}s"]
        endpoint = model._meta.endpoint(Verb.SEARCH_EXPORT)

        self._walk(model, endpoint, exchange, self._pages(exchange, "links", "next"))

    def _walk(
        self, model: Any, endpoint: Endpoint, exchange: Exchange, recorded: list[Exchange]
    ) -> None:
        self.not_public.add("export with the parameters of another client")
        plan = Asked(Query(model), endpoint, params=exchange.query)
        walk = pages(self.account.transport, plan)

        found = list(islice(walk, len(recorded)))

        for page, each in zip(found, recorded, strict=True):
            rows = each.response[endpoint.key]
            records = self.account.current().take_in(model, page.rows)
            same([untyped(row) for row in rows], records)
            assert records == self.account.current().take_in(model, page.rows)
            assert is_last(each.response) is (page.following is None)
        if found[-1].following is None:
            assert next(walk, None) is None
        all_used(recorded)

    def shown(self, exchange: Exchange) -> None:
        """Get one object by its id."""
        model = MODELS[exchange.family]

        with expected(exchange, model.DoesNotExist):
            record = model.objects.using(self.account.alias).fresh().get(exchange.id)
            same([exchange.response[model._meta.singular]], [record])

    def me(self, exchange: Exchange) -> None:
        """Read the user whose credentials are used."""
        same([exchange.response["user"]], [User.objects.using(self.account.alias).me()])

    def counted(self, exchange: Exchange) -> None:
        """Count the rows of a list."""
        model = MODELS[exchange.family]

        number = model.objects.using(self.account.alias).count()

        assert exchange.response["count"]["value"] == number

    def compact(self, exchange: Exchange) -> None:
        """Read the views that an agent sees at first."""
        found = View.objects.using(self.account.alias).compact()

        same(exchange.response["views"], found)

    def looked_at(self, exchange: Exchange) -> None:
        """Look at a job that nobody waits for."""
        name = exchange.path.rsplit("/", 1)[1]

        job = JobStatus.objects.using(self.account.alias).get(name)

        same([exchange.response["job_status"]], [job])

    def shown_many(self, exchange: Exchange) -> None:
        """Get objects in the order of their ids; those held already are the same objects."""
        model = MODELS[exchange.family]
        ids = _ids(exchange)
        held = {pk: self.objects[model, pk] for pk in ids if (model, pk) in self.objects}

        found = model.objects.using(self.account.alias).fresh().filter(id__in=ids)
        records = self._shown_one(found) if len(ids) == 1 else list(found)

        rows = {row["id"]: row for row in exchange.response[model._meta.plural]}
        same([rows[pk] for pk in dict.fromkeys(ids) if pk in rows], records)
        assert all(held.get(record.pk, record) is record for record in records)
        self._keep(records)

    def _shown_one(self, found: QuerySet[Any]) -> list[Any]:
        """Ask show_many for a single row, for which the library has a shorter way."""
        model: Any = found.model
        self.not_public.add("single row by show_many")
        plan = Plan(found.query, model._meta.endpoint(Verb.SHOW_MANY))
        rows = [row for page in pages(self.account.transport, plan) for row in page.rows]
        return self.account.current().take_in(model, rows)

    # -- writing -------------------------------------------------------------

    def created(self, exchange: Exchange) -> None:
        """Save a new object."""
        model = MODELS[exchange.family]
        said = new_row(model, exchange.request[model._meta.singular])
        record = made(model, said)

        with expected(exchange):
            record.save(using=self.account.alias, safe=False)
            self._written(exchange, record)
        assert {model._meta.singular: said} == exchange.sent

    def updated(self, exchange: Exchange) -> None:
        """Save a changed object."""
        model = MODELS[exchange.family]
        record = self._object(model, exchange.id)
        said = changed_row(model, exchange.request[model._meta.singular], record.to_dict())
        edit(record, said)

        with expected(exchange):
            record.save(using=self.account.alias, safe=False)
            self._written(exchange, record)
        assert {model._meta.singular: said} == exchange.sent

    def _written(self, exchange: Exchange, record: Any) -> None:
        """Expect the object to be what Zendesk answered, with nothing left to save."""
        same([exchange.response[record._meta.singular]], [record])
        assert {} == record.changes()
        if "audit" in exchange.response:
            assert exchange.response["audit"] == record.last_audit.to_dict()
        self._keep([record])

    def deleted(self, exchange: Exchange) -> None:
        """Delete an object; the recorded bodies are unpermitted, so the library sends none."""
        model = MODELS[exchange.family]
        record = self._object(model, exchange.id)

        with expected(exchange):
            assert (1, {model._meta.label: 1}) == record.delete(using=self.account.alias)
        assert exchange.sent is None

    def uploaded(self, exchange: Exchange) -> None:
        """Upload a file, whose contents are not recorded; the answer is called `text/plain`."""
        name = exchange.asked("filename")
        upload = Upload.objects.using(self.account.alias).upload(b"x", filename=name)

        recorded = exchange.response["upload"]
        assert upload.token == recorded["token"]
        same(recorded["attachments"], upload.attachments)
        self.objects[Upload, upload.token] = upload

    def upload_deleted(self, exchange: Exchange) -> None:
        """Delete an upload."""
        self.objects[Upload, exchange.path.rsplit("/", 1)[1]].delete(using=self.account.alias)

    def created_many(self, exchange: Exchange) -> None:
        """Create many objects at once, and wait for the job."""
        model = MODELS[exchange.family]
        rows = exchange.request[model._meta.plural]
        if len(rows) > MOST:
            # The library sends a hundred at most, so the refusal can only be asked for by hand.
            self.not_public.add("job of more rows than Zendesk allows")
            with expected(exchange):
                self._send(exchange)
            return
        said = [new_row(model, row) for row in rows]
        records = [made(model, row) for row in said]

        result, job = self._bulk(
            exchange, lambda: model.objects.using(self.account.alias).bulk_create(records)
        )

        assert {model._meta.plural: said} == exchange.sent
        if result is not None:
            assert records == result.succeeded
            assert [item["id"] for item in job["results"]] == [record.pk for record in records]
            assert [{}] * len(records) == [record.changes() for record in records]
            self._keep(records)

    def updated_many(self, exchange: Exchange) -> None:
        """Change many objects at once, and wait for the job, in which each may fail."""
        model = MODELS[exchange.family]
        rows = exchange.request[model._meta.plural]
        records = [self._object(model, row["id"]) for row in rows]
        said = [
            changed_row(model, row, record.to_dict())
            for row, record in zip(rows, records, strict=True)
        ]
        for record, row in zip(records, said, strict=True):
            edit(record, row)

        result, job = self._bulk(
            exchange, lambda: model.objects.using(self.account.alias).bulk_update(records)
        )

        keyed = [{**row, "id": record.pk} for row, record in zip(said, records, strict=True)]
        assert {model._meta.plural: keyed} == exchange.sent
        if result is not None:
            assert records == [outcome.object for outcome in result]
            for outcome, item in zip(result, job["results"], strict=True):
                settled(outcome, item)

    def destroyed_many(self, exchange: Exchange) -> None:
        """Delete many objects at once."""
        model = MODELS[exchange.family]
        records = [self._object(model, pk) for pk in _ids(exchange)]
        # The program that was recorded knew nothing but the ids; a query reads its rows first.
        self.not_public.add("deletion of rows that were not read")
        session = self.account.current()
        if exchange.status == 204:
            # Rules are gone at once, without a job.
            assert records == bulk.delete(session, model, records).succeeded
            return

        result, _ = self._bulk(exchange, lambda: bulk.delete(session, model, records))

        assert exchange.sent is None
        if result is not None:
            assert len(result) == len(records)

    # -- what they share -----------------------------------------------------

    def _send(self, exchange: Exchange) -> Any:
        request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)
        return self.account.transport.send(request).data

    def _bulk(
        self, exchange: Exchange, call: Callable[[], BulkResult]
    ) -> tuple[BulkResult | None, Row]:
        """Return the result of a call that starts a job, and the recorded end of the job.

        Where the recording ends before the job does, the result is None and the
        library asks for more than there is.
        """
        job_id = exchange.response["job_status"]["id"]
        looks = [
            each.response["job_status"]
            for each in self.tape.left
            if each.path == f"/api/v2/job_statuses/{job_id}"
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
        """Return the recorded pages from the first one on, by the links that Zendesk gave."""
        found = [first]
        while not is_last(found[-1].response):
            link: Any = found[-1].response
            for key in forward:
                link = link[key]
            following = self.tape.find("GET", link, but=found)
            if following is None:
                break
            found.append(following)
        return found

    def _object(self, model: Any, pk: Any) -> Any:
        return self.objects.get((model, pk)) or model(id=pk)

    def _keep(self, records: list[Any]) -> None:
        self.objects.update(((type(record), record.pk), record) for record in records)

    def _quota_is_read(self) -> None:
        """Expect the account to know what the last answer said is left."""
        headers = self.tape.last.headers if self.tape.last else {}
        if "x-rate-limit-remaining" in headers:
            window = self.account.quota.get()
            assert window is not None
            assert headers["x-rate-limit-remaining"] == str(window.remaining)


def _ids(exchange: Exchange) -> list[int]:
    return [int(each) for each in str(exchange.asked("ids")).split(",")]


# -- which call is made for what -------------------------------------------------------

_ROWS = (
    "(?:automations|brands|custom_statuses|groups|macros|organization_fields|organizations"
    "|recipient_addresses|ticket_fields|tickets|triggers|user_fields|users|views)"
)
_CALLS: tuple[tuple[str, str, Callable[[Player, Exchange], None]], ...] = (
    *of_account.CALLS,
    ("GET", r"incremental/(?:organizations|(?:tickets|users)(?:/cursor)?)", Player.exported),
    ("GET", r"search/export", Player.searched),
    ("GET", r"users/me", Player.me),
    ("GET", r"job_statuses/V3-[0-9a-f]+", Player.looked_at),
    ("GET", rf"{_ROWS}|activities|group_memberships|ticket_audits", Player.listed),
    ("GET", r"views/compact", Player.compact),
    ("GET", r"views/count", Player.counted),
    ("GET", rf"{_ROWS}/show_many", Player.shown_many),
    ("GET", rf"(?:calls|custom_roles|{_ROWS})/\d+", Player.shown),
    ("POST", r"uploads", Player.uploaded),
    ("POST", rf"calls|{_ROWS}", Player.created),
    ("POST", rf"{_ROWS}/create_many", Player.created_many),
    ("PUT", rf"{_ROWS}/update_many", Player.updated_many),
    ("PATCH", r"calls/\d+", Player.updated),
    ("PUT", rf"{_ROWS}/\d+", Player.updated),
    ("DELETE", r"uploads/[^/]+", Player.upload_deleted),
    ("DELETE", rf"{_ROWS}/destroy_many", Player.destroyed_many),
    ("DELETE", rf"{_ROWS}/\d+", Player.deleted),
)


def _call_for(exchange: Exchange) -> Callable[[Player, Exchange], None]:
    path = exchange.path.removeprefix("/api/v2/")
    for method, pattern, call in _CALLS:
        if method == exchange.method and re.fullmatch(pattern, path):
            return call
    raise AssertionError(f"no call of the library is known for {exchange}")
