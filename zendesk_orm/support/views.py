"""Views.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.plan.parameters import located
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef, WriteOnly
from zendesk_orm.support.rules import RuleManager, ids_of
from zendesk_orm.support.tickets import Ticket
from zendesk_orm.support.view_tables import ViewTable, table


if TYPE_CHECKING:
    from zendesk_orm.support.groups import Group

#: One condition: `{"field": "status", "operator": "less_than", "value": "solved"}`.
Condition = Mapping[str, Any]

#: Views that are counted in one request.
COUNTED = 20

_TAKES = {"active": "active", "access": "access", "group": "group_id"}


class ViewManager(RuleManager["View"]):
    """`View.objects`."""

    def compact(self) -> list[View]:
        """Return the views that an agent sees at first, at most 32, in one request.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#list-views---compact
        """
        return self._made(self._call("compact")["views"])

    def counts(self, views: Iterable[View | int]) -> list[ViewCount]:
        """Return how many tickets views have, twenty views to a request.

        Zendesk counts in the background: a number that it does not know yet has the value
        None, and comes when it is asked for again. It takes six such requests a minute.

        Args:
            views: views, or their ids.

        Returns:
            The counts in the order given, without those of views that the caller cannot see.

        Raises:
            InvalidValue: there are none, or one was never saved.
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#count-tickets-in-views
        """
        ids, found = ids_of(self._session, View, views, "counts"), {}
        for start in range(0, len(ids), COUNTED):
            rows = self._call("counts", ids=ids[start : start + COUNTED])["view_counts"]
            found.update({row["view_id"]: row for row in rows})
        session = self._session
        return session.take_in(
            ViewCount, [ViewCount._meta.identified(found[pk]) for pk in ids if pk in found]
        )

    def preview(
        self,
        *all_: Condition,
        any: Iterable[Condition] = (),  # noqa: A002 - Zendesk's name
        columns: Iterable[str | int] = (),
        **output: str,
    ) -> ViewTable:
        """Return what a view of these conditions would show; nothing is kept.

        ::

            View.objects.preview(
                {"field": "status", "operator": "less_than", "value": "solved"},
                columns=["subject", "status"], sort_by="created", sort_order="desc",
            )

        Args:
            all_: conditions that each ticket meets.
            any: conditions of which each ticket meets one.
            columns: what is shown; fields of the account by their ids.
            output: `group_by`, `group_order`, `sort_by`, `sort_order`.

        Returns:
            Columns and rows, to the last page.

        Raises:
            InvalidValue: there is no condition, or `output` names something else.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#preview-views
        """
        other = sorted(output.keys() - {"group_by", "group_order", "sort_by", "sort_order"})
        if other:
            raise InvalidValue(f"preview() takes group_by and sort_by, not {', '.join(other)}")
        shown = {**({"columns": list(columns)} if columns else {}), **output}
        body = _conditions("preview", all_, any)
        if shown:
            body["view"]["output"] = shown
        return table(self._session, self._asking("preview", body))

    def preview_count(
        self,
        *all_: Condition,
        any: Iterable[Condition] = (),  # noqa: A002 - Zendesk's name
    ) -> ViewCount:
        """Return how many tickets a view of these conditions would have; nothing is kept.

        Args:
            all_: conditions that each ticket meets.
            any: conditions of which each ticket meets one.

        Raises:
            InvalidValue: there is no condition.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#preview-ticket-count
        """
        asking = self._asking("preview_count", _conditions("preview_count", all_, any))
        row = self._session.transport.send(asking).data["view_count"]
        return ViewCount.from_row(row, self._session)

    def definitions(self) -> dict[str, Any]:
        """Return what conditions, columns, groups and orders views can have.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#list-view-filter-definitions
        """
        found: dict[str, Any] = self._call("definitions")["definitions"]
        return found

    def _asking(self, name: str, body: Any) -> Request:
        endpoint = View._meta.endpoint(Verb.ACTION, name)
        return Request(endpoint.method, endpoint.url, json=body, reads=True)


class View(Model):
    """A list of tickets that meet some conditions, kept under a title.

    The conditions are sent as `all` and `any`, the columns as `output`; they come
    back as `conditions` and `execution`. `view.tickets` are the tickets.
    """

    objects = ViewManager.as_manager()

    url: ReadOnly[str]
    title: Field[str]
    active: Field[bool]
    updated_at: ReadOnly[datetime]
    created_at: ReadOnly[datetime]
    default: ReadOnly[bool]
    position: Field[int | None]
    description: Field[str | None]
    execution: ReadOnly[dict[str, Any]]
    conditions: ReadOnly[dict[str, Any]]
    restriction: Field[dict[str, Any] | None]
    raw_title: Field[str | None]
    all: WriteOnly[list[dict[str, Any]]]
    any: WriteOnly[list[dict[str, Any]]]
    output: WriteOnly[dict[str, Any]]

    access: Lookup[Literal["personal", "shared", "account"]]
    group: Lookup[Group]
    only_active: Lookup[Literal[True]]
    query: Lookup[str]

    class Meta:
        api = (
            resource("views", can="show create update delete", many="show destroy")
            + listed("views", takes=_TAKES, orders="created_at", natural=None, count=True)
            + listed(
                "views/active",
                key="views",
                takes={"access": "access", "group": "group_id"},
                needs="only_active",
                offset_orders="created_at updated_at",
                natural=None,
                paging=(OFFSET,),
            )
            + listed(
                "views/search",
                key="views",
                takes={"query": "query", **_TAKES},
                needs="query",
                offset_orders="created_at updated_at position",
                natural=None,
                paging=(OFFSET,),
            )
            + action("count", "GET", "views/{id}/count", "view_count")
            + action("execute", "GET", "views/{id}/execute", "rows")
            + action("export", "GET", "views/{id}/export", "export")
            + action("compact", "GET", "views/compact", "views")
            + action("counts", "GET", "views/count_many", "view_counts")
            + action("definitions", "GET", "views/definitions", "definitions")
            + action("preview", "POST", "views/preview", "rows")
            + action("preview_count", "POST", "views/preview/count", "view_count")
            + action("update_many", "PUT", "views/update_many", "views", call="bulk_update([...])")
        )

    @property
    def tickets(self) -> Manager[Ticket]:
        """The tickets in the view, in its order: a query like any other.

        Zendesk may be up to ten minutes late with them, and counts them by reading.
        """
        return Ticket.objects.using(self._session().alias).filter(view=self).fresh()

    def count(self) -> ViewCount:
        """Return how many tickets the view has; `int()` of it is the number.

        The more there are, the longer the number is kept: for thousands an hour or more.
        It takes five such requests a minute for each view.

        Raises:
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#count-tickets-in-view
        """
        row = self._call("count")["view_count"]
        return self._session().take_in(ViewCount, [ViewCount._meta.identified(row)])[0]

    def execute(
        self,
        *,
        sort_by: str | None = None,
        descending: bool = False,
        group_by: str | None = None,
    ) -> ViewTable:
        """Return the view as an agent sees it: columns, and a row for each ticket.

        `view.tickets` gives the tickets themselves. Zendesk may answer with what it found up
        to ten minutes ago, and takes five such requests a minute for each view.

        Args:
            sort_by: the id of a column, or of a field of the account.
            descending: whether the largest comes first.
            group_by: the same for groups.

        Returns:
            Columns and rows, to the last page.

        Raises:
            InvalidValue: it was never saved.
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#execute-view
        """
        if self.pk is None:
            raise InvalidValue(f"{self!r} was never saved; View.objects.preview() carries out any")
        params: dict[str, str] = {}
        if sort_by is not None:
            params = {"sort_by": sort_by, "sort_order": "desc" if descending else "asc"}
        if group_by is not None:
            params["group_by"] = group_by
        endpoint = self._meta.endpoint(Verb.ACTION, "execute")
        path = located(endpoint, {"id": self.pk})
        return table(self._session(), Request("GET", path, tuple(params.items())))

    def export(self) -> str:
        """Let Zendesk send the view to the caller as a file of values with commas between.

        Returns:
            How far it is: `starting`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#export-view
        """
        found: str = self._call("export")["export"]["status"]
        return found


class ViewCount(Model):
    """How many tickets a view has, as far as Zendesk knows it at the moment.

    `int(count)` is the number.
    """

    view: ReadOnlyRef[View]
    view_id: Id[int]
    url: ReadOnly[str | None]
    value: ReadOnly[int | None]
    pretty: ReadOnly[str]
    fresh: ReadOnly[bool]
    active: ReadOnly[bool]

    class Meta:
        known_by = "view_id"

    def __int__(self) -> int:
        """Return the number.

        Raises:
            InvalidValue: Zendesk is still counting.
        """
        if self.value is None:
            raise InvalidValue("Zendesk is still counting; ask again in a while")
        return self.value


def _conditions(
    what: str, all_: Iterable[Condition], any_: Iterable[Condition]
) -> dict[str, dict[str, Any]]:
    held = {"all": [dict(each) for each in all_], "any": [dict(each) for each in any_]}
    if not (held["all"] or held["any"]):
        raise InvalidValue(f"{what}() wants conditions, as a view has them")
    return {"view": held}
