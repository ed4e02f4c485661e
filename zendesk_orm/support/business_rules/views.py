"""Views.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import CRUD, DELETE, SHOW, listing, resource
from zendesk_orm.chunks import chunks
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.arguments import require_mappings
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, ReadOnlyRef, WriteOnly
from zendesk_orm.schema.loading import load_str
from zendesk_orm.session.action_bodies import object_of, objects_of, record_of, value_of
from zendesk_orm.session.responses import object_in
from zendesk_orm.support.business_rules.rules import RuleManager, ids_of
from zendesk_orm.support.business_rules.view_tables import ViewTable, fetch_table
from zendesk_orm.support.tickets.tickets import Ticket


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group

#: One condition: `{"field": "status", "operator": "less_than", "value": "solved"}`.
Condition = Mapping[str, Any]

#: Views that are counted in one request.
MAX_VIEWS_PER_COUNT = 20

_FILTERS = {"active": "active", "access": "access", "group": "group_id"}


class ViewManager(RuleManager["View"]):
    """The manager `View.objects`."""

    @action("GET", "views/compact", key="views")
    def compact(self) -> list[View]:
        """Return the views that are first displayed to agents, at most 32, in one request.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#list-views---compact
        """
        return self._from_rows(objects_of(self._call("compact"), "views"))

    @action("GET", "views/count_many", key="view_counts")
    def counts(self, views: Iterable[View | int]) -> list[ViewCount]:
        """Return the numbers of tickets in views, with one request per twenty views.

        Zendesk counts in the background: a count that is not available yet has the value None
        and can be requested again. Zendesk accepts six such requests a minute.

        Args:
            views: views, or their ids.

        Returns:
            The counts in the order of `views`, except those of views that the authenticated
            user cannot see.

        Raises:
            InvalidValue: `views` is empty, or a view was never saved.
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#count-tickets-in-views
        """
        session = self._session
        ids, counts = ids_of(session, View, views, "counts"), {}
        for chunk in chunks(ids, MAX_VIEWS_PER_COUNT):
            rows = objects_of(self._call("counts", ids=chunk), "view_counts")
            counted = session.materialize(ViewCount, map(ViewCount._meta.with_id, rows))
            counts.update({count.pk: count for count in counted})
        return [counts[pk] for pk in ids if pk in counts]

    @action("POST", "views/preview", key="rows")
    def preview(
        self,
        *all_: Condition,
        any: Iterable[Condition] = (),  # noqa: A002 - Zendesk's name
        columns: Iterable[str | int] = (),
        **output: str,
    ) -> ViewTable:
        """Return the result of a view with these conditions, without creating it.

        ::

            View.objects.preview(
                {"field": "status", "operator": "less_than", "value": "solved"},
                columns=["subject", "status"], sort_by="created", sort_order="desc",
            )

        Args:
            all_: conditions that tickets must all match.
            any: conditions of which tickets must match at least one.
            columns: names of the columns, or ids of custom fields.
            output: `group_by`, `group_order`, `sort_by`, `sort_order`.

        Returns:
            The columns, and the rows of all pages.

        Raises:
            InvalidValue: a condition is missing, or `output` contains an unknown name.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#preview-views
        """
        other = sorted(output.keys() - {"group_by", "group_order", "sort_by", "sort_order"})
        if other:
            raise InvalidValue(f"preview() accepts group_by and sort_by, not {', '.join(other)}")
        settings = {**({"columns": list(columns)} if columns else {}), **output}
        body = _view_body("preview", all_, any)
        if settings:
            body["view"]["output"] = settings
        return fetch_table(self._session, self._request("preview", body))

    @action("POST", "views/preview/count", key="view_count")
    def preview_count(
        self,
        *all_: Condition,
        any: Iterable[Condition] = (),  # noqa: A002 - Zendesk's name
    ) -> ViewCount:
        """Return the number of tickets in a view with these conditions, without creating it.

        Args:
            all_: conditions that tickets must all match.
            any: conditions of which tickets must match at least one.

        Raises:
            InvalidValue: a condition is missing.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#preview-ticket-count
        """
        request = self._request("preview_count", _view_body("preview_count", all_, any))
        row = object_in(request, self._session.transport.send(request), "view_count")
        return record_of(ViewCount, row, source=self._session)

    @action("GET", "views/definitions", key="definitions")
    def definitions(self) -> dict[str, Any]:
        """Return the conditions, columns, groups and orders that views can have.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#list-view-filter-definitions
        """
        return object_of(self._call("definitions"), "definitions")

    def _request(self, name: str, body: Any) -> Request:
        """Return the request for an action that only reads."""
        endpoint = View._meta.endpoint(Verb.ACTION, name)
        return Request(endpoint.method, endpoint.url, json=body, reads=True)


class View(Model):
    """A saved list of tickets that match conditions.

    Conditions are written as `all` and `any`, and columns as `output`; they are returned as
    `conditions` and `execution`. `view.tickets` are the tickets.
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
            resource("views", can=CRUD, bulk=SHOW | DELETE)
            + listing(
                "views", filters=_FILTERS, orders=("created_at",), default_order=None, count=True
            )
            + listing(
                "views/active",
                key="views",
                filters={"access": "access", "group": "group_id"},
                required=("only_active",),
                offset_orders=("created_at", "updated_at"),
                default_order=None,
                paging=(OFFSET,),
            )
            + listing(
                "views/search",
                key="views",
                filters={"query": "query", **_FILTERS},
                required=("query",),
                offset_orders=("created_at", "updated_at", "position"),
                default_order=None,
                paging=(OFFSET,),
            )
            + action_endpoint(
                "update_many", "PUT", "views/update_many", "views", call="bulk_update([...])"
            )
        )

    @property
    def tickets(self) -> Manager[Ticket]:
        """A query for the tickets in the view, in its order.

        Zendesk may return a result that is up to ten minutes old. `count()` reads all tickets.
        """
        return Ticket.objects.using(self._session().alias).filter(view=self).fresh()

    @action("GET", "views/{id}/count", key="view_count")
    def count(self) -> ViewCount:
        """Return the number of tickets in the view; `int()` converts it to a number.

        Zendesk caches counts, those of views with thousands of tickets for an hour or more. It
        accepts five such requests a minute for each view.

        Raises:
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#count-tickets-in-view
        """
        row = object_of(self._call("count"), "view_count")
        return self._session().materialize(ViewCount, [ViewCount._meta.with_id(row)])[0]

    @action("GET", "views/{id}/execute", key="rows")
    def execute(
        self,
        *,
        sort_by: str | None = None,
        descending: bool = False,
        group_by: str | None = None,
    ) -> ViewTable:
        """Return the view as displayed to agents: columns, and a row for each ticket.

        `view.tickets` returns `Ticket` objects instead. Zendesk may return a result that is up
        to ten minutes old, and accepts five such requests a minute for each view.

        Args:
            sort_by: the id of a column or of a custom field.
            descending: whether to sort in descending order.
            group_by: the id of the column or custom field to group by.

        Returns:
            The columns, and the rows of all pages.

        Raises:
            InvalidValue: the view was never saved.
            RateLimited and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#execute-view
        """
        if self.pk is None:
            raise InvalidValue(
                f"{display(self)} was never saved; use View.objects.preview() instead"
            )
        params: dict[str, str] = {}
        if sort_by is not None:
            params = {"sort_by": sort_by, "sort_order": "desc" if descending else "asc"}
        if group_by is not None:
            params["group_by"] = group_by
        endpoint = self._meta.endpoint(Verb.ACTION, "execute")
        path = endpoint.fill_path({"id": self.pk})
        return fetch_table(self._session(), Request("GET", path, tuple(params.items())))

    @action("GET", "views/{id}/export", key="export")
    def export(self) -> str:
        """Start an export of the view to a CSV file, which Zendesk e-mails to the caller.

        Returns:
            The status of the export: `starting`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/#export-view
        """
        data = self._call("export")
        return value_of(object_of(data, "export"), "status", load_str)


class ViewCount(Model):
    """The number of tickets in a view, as last counted by Zendesk; `int(count)` is the number."""

    view: ReadOnlyRef[View]
    view_id: Id[int]
    url: ReadOnly[str | None]
    value: ReadOnly[int | None]
    pretty: ReadOnly[str]
    fresh: ReadOnly[bool]
    active: ReadOnly[bool]

    class Meta:
        pk_key = "view_id"

    def __int__(self) -> int:
        """Return the number.

        Raises:
            InvalidValue: Zendesk is still counting.
        """
        if self.value is None:
            raise InvalidValue("Zendesk is still counting the tickets; try again later")
        return self.value


def _view_body(
    method: str, all_: Iterable[Condition], any_: Iterable[Condition]
) -> dict[str, dict[str, Any]]:
    """Return the body of a request for an unsaved view."""
    conditions = {
        "all": require_mappings(f"{method}(): the conditions", all_),
        "any": require_mappings(f"{method}(): any", any_),
    }
    if not (conditions["all"] or conditions["any"]):
        raise InvalidValue(f"{method}() requires at least one condition")
    return {"view": conditions}
