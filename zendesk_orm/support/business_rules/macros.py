"""Macros.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import CRUD, DELETE, listing, resource
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.accounts import require_object
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly, WriteOnly
from zendesk_orm.schema.loading import load_str
from zendesk_orm.session.action_bodies import object_of, objects_of, part_of, values_of
from zendesk_orm.support.business_rules.macro_attachments import MacroAttachment
from zendesk_orm.support.business_rules.rules import RuleManager
from zendesk_orm.support.tickets.comments import Comment
from zendesk_orm.support.tickets.tickets import Ticket
from zendesk_orm.write.files import File


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group

_FILTERS = {
    "active": "active",
    "access": "access",
    "category": "category",
    "group": "group_id",
    "only_viewable": "only_viewable",
}
_USAGE = ("usage_1h", "usage_24h", "usage_7d", "usage_30d")
#: Keys of a macro's result that are not assigned as fields of the ticket.
_SKIPPED_KEYS = frozenset({"id", "url", "comment", "fields"})


class MacroManager(RuleManager["Macro"]):
    """The manager `Macro.objects`."""

    @action("GET", "macros/categories", key="categories")
    def categories(self) -> list[str]:
        """Return the categories of macros: the part of their titles before `::`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-macro-categories
        """
        return values_of(self._call("categories"), "categories", load_str)

    @action("GET", "macros/actions", key="actions")
    def supported_actions(self) -> list[dict[str, Any]]:
        """Return the actions that macros can have, with their possible values.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-supported-actions-for-macros
        """
        return objects_of(self._call("supported_actions"), "actions")

    @action("GET", "macros/definitions", key="definitions")
    def definitions(self) -> list[dict[str, Any]]:
        """Return the actions that macros can have, in the format of other rules' definitions.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-macro-action-definitions
        """
        return objects_of(object_of(self._call("definitions"), "definitions"), "actions")

    @action("GET", "macros/new", key="macro")
    def from_ticket(self, ticket: Ticket | int) -> Macro:
        """Return a new, unsaved macro that sets the values of a ticket.

        Args:
            ticket: a ticket, or its id.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-macro-replica
        """
        pk = self._session.id_of(Ticket, ticket, "from_ticket")
        return _new_macro(object_of(self._call("from_ticket", ticket_id=pk), "macro"))


class Macro(Model):
    """A set of changes that an agent applies to a ticket with one click.

    `macro.apply_to(ticket)` changes an object, and `ticket.save()` sends the changes. A new macro
    accepts uploaded files, or their ids, as `attachments_`.
    """

    objects = MacroManager.as_manager()

    url: ReadOnly[str]
    title: Field[str]
    raw_title: Field[str | None]
    description: Field[str | None]
    active: Field[bool]
    default: ReadOnly[bool]
    position: Field[int | None]
    actions: Field[list[dict[str, Any]]]
    restriction: Field[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    app_installation: ReadOnly[Any]
    categories: ReadOnly[Any]
    permissions: ReadOnly[Any]
    usage_1h: ReadOnly[int | None]
    usage_24h: ReadOnly[int | None]
    usage_7d: ReadOnly[int | None]
    usage_30d: ReadOnly[int | None]
    attachments_: WriteOnly[list[MacroAttachment]]

    attachments: Many[MacroAttachment]

    access: Lookup[Literal["personal", "agents", "shared", "account"]]
    category: Lookup[str]
    group: Lookup[Group]
    only_active: Lookup[Literal[True]]
    only_viewable: Lookup[bool]
    query: Lookup[str]
    ticket: Lookup[Ticket]

    class Meta:
        required = ("title", "actions")
        api = (
            resource("macros", can=CRUD, bulk=DELETE)
            + listing(
                "macros",
                filters=_FILTERS,
                offset_orders=("created_at", "updated_at", *_USAGE),
                default_order=None,
            )
            # All macros in one response.
            + listing(
                "macros/active",
                key="macros",
                filters={"access": "access", "category": "category", "group": "group_id"},
                required=("only_active",),
                default_order=None,
                fits_in_memory=True,
                paging=(ONCE,),
            )
            + listing(
                "macros/search",
                key="macros",
                filters={"query": "query", **_FILTERS},
                required=("query",),
                offset_orders=("created_at", "updated_at", "position"),
                default_order=None,
                paging=(OFFSET,),
            )
            + action_endpoint(
                "update_many", "PUT", "macros/update_many", "macros", call="bulk_update([...])"
            )
        )

    @action("GET", "macros/{id}/apply", key="result")
    def apply(self, *, normalize_comment: bool | None = None) -> dict[str, Any]:
        """Return the changes that the macro makes to a ticket, without changing one.

        Args:
            normalize_comment: whether to convert line breaks of the comment to those of
                Zendesk's editor.

        Returns:
            New values by Zendesk's names: `{"status": "solved", "comment": {"body": ...}}`.

        Raises:
            InvalidValue: the macro was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-changes-to-ticket
        """
        data = self._call("apply", normalize_comment=normalize_comment)
        return object_of(data, "result", "ticket")

    @action("GET", "tickets/{ticket}/macros/{id}/apply", key="result")
    def apply_to(self, ticket: Ticket, *, normalize_comment: bool | None = None) -> Ticket:
        """Apply the macro's changes to a ticket without saving it.

        Zendesk replaces placeholders such as `{{ticket.requester.name}}`.

        Args:
            ticket: a saved ticket; unsaved edits of fields that the macro does not change
                remain.
            normalize_comment: see `apply()`.

        Returns:
            The ticket; `ticket.changes()` contains the changes, and `ticket.save()` sends them.

        Raises:
            InvalidValue: the macro or the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-ticket-after-changes
        """
        require_object(Ticket, ticket, self._session(), "apply_to")
        path = {"ticket": self._session().id_of(Ticket, ticket, "apply_to")}
        data = self._call("apply_to", path=path, normalize_comment=normalize_comment)
        _assign(ticket, object_of(data, "result", "ticket"))
        return ticket

    @action("POST", "macros/{id}/attachments", key="macro_attachment")
    def attach(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> MacroAttachment:
        """Upload a file that the macro adds to its comment; a macro can have five.

        Args:
            file: a path, bytes, or a file opened for reading bytes.
            filename: the name of the file; by default the last part of its path.
            content_type: its MIME type; by default guessed from its name.
            progress: a function called with the number of bytes sent and the total.

        Raises:
            InvalidValue: the macro was never saved, or the file has no name or is too large.
            OSError: the file cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#create-macro-attachment
        """
        pk = self._session().id_of(Macro, self, "attach")
        manager = MacroAttachment.objects.using(self._session().alias)
        return manager.upload(
            file, filename, content_type=content_type, macro=pk, progress=progress
        )

    @action("GET", "macros/new", key="macro")
    def clone(self) -> Macro:
        """Return a new, unsaved copy of the macro.

        Raises:
            InvalidValue: the macro was never saved.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-macro-replica
        """
        return _new_macro(object_of(self._call("clone", macro_id=self.pk), "macro"))


def _new_macro(row: dict[str, Any]) -> Macro:
    """Return a new macro with the values of a row."""
    fields = {field.wire: field for field in Macro._meta.fields.values()}
    values = {
        fields[wire].name: fields[wire].read(row)
        for wire, value in row.items()
        if wire in fields and fields[wire].editable and value is not None and wire != "position"
    }
    return Macro(**values)


def _assign(ticket: Ticket, result: dict[str, Any]) -> None:
    """Assign the result of a macro to a ticket.

    The values come from Zendesk, so they are loaded like a row, not validated like input.
    """
    fields = {field.wire: field for field in ticket._meta.fields.values()}
    for wire, raw in result.items():
        field = fields.get(wire)
        if field is None or not field.editable or not field.readable or wire in _SKIPPED_KEYS:
            continue
        value = field.read(result)
        if raw == ticket._row.get(wire) or (value is None and not field.nullable):
            continue
        if field.relation is None and field.kind.choices:
            # Zendesk may return a choice that is not declared.
            ticket.__dict__[field.name] = value
        else:
            setattr(ticket, field.name, value)
    comment = Comment.from_row(part_of(result, "comment"))
    if comment.body or comment.html_body:
        values = {name: getattr(comment, name) for name in ("body", "html_body", "public")}
        ticket.comment = Comment(
            **{name: value for name, value in values.items() if value is not None}
        )
