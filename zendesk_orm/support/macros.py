"""Macros.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.accounts import require_object
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly, WriteOnly
from zendesk_orm.session.envelopes import UNKNOWN, object_in, part_of
from zendesk_orm.support.comments import Comment
from zendesk_orm.support.macro_attachments import MacroAttachment
from zendesk_orm.support.rules import RuleManager
from zendesk_orm.support.tickets import Ticket
from zendesk_orm.write import actions
from zendesk_orm.write.uploads import File


if TYPE_CHECKING:
    from zendesk_orm.support.groups import Group

_TAKES = {
    "active": "active",
    "access": "access",
    "category": "category",
    "group": "group_id",
    "only_viewable": "only_viewable",
}
_USAGE = "usage_1h usage_24h usage_7d usage_30d"
#: What a macro's effect holds of a ticket that is no field of it, or is said otherwise.
_NO_FIELDS = frozenset({"id", "url", "comment", "fields"})


class MacroManager(RuleManager["Macro"]):
    """`Macro.objects`."""

    def categories(self) -> list[str]:
        """Return the categories of macros: what stands before `::` in their titles.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-macro-categories
        """
        found: list[str] = self._call("categories")["categories"]
        return found

    def supported_actions(self) -> list[dict[str, Any]]:
        """Return what macros can do, with the values of each.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-supported-actions-for-macros
        """
        found: list[dict[str, Any]] = self._call("supported_actions")["actions"]
        return found

    def definitions(self) -> list[dict[str, Any]]:
        """Return what macros can do, in the form in which those of other rules are told.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#list-macro-action-definitions
        """
        found: list[dict[str, Any]] = self._call("definitions")["definitions"]["actions"]
        return found

    def from_ticket(self, ticket: Ticket | int) -> Macro:
        """Return a macro that makes other tickets what this one is; it is not saved yet.

        Args:
            ticket: a ticket, or its id.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-macro-replica
        """
        pk = self._session.id_of(Ticket, ticket, "from_ticket")
        return _unsaved(self._call("from_ticket", ticket_id=pk)["macro"])


class Macro(Model):
    """Changes to a ticket that an agent makes with one click.

    `macro.apply_to(ticket)` makes them on an object, and `ticket.save()` sends them. A new macro
    takes files that were uploaded before, or their ids, as `attachments_`.
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
            resource("macros", can="show create update delete", many="destroy")
            + listed(
                "macros",
                takes=_TAKES,
                offset_orders=f"created_at updated_at {_USAGE}",
                natural=None,
            )
            # All of them in one answer.
            + listed(
                "macros/active",
                key="macros",
                takes={"access": "access", "category": "category", "group": "group_id"},
                needs="only_active",
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + listed(
                "macros/search",
                key="macros",
                takes={"query": "query", **_TAKES},
                needs="query",
                offset_orders="created_at updated_at position",
                natural=None,
                paging=(OFFSET,),
            )
            + action("apply", "GET", "macros/{id}/apply", "result")
            + action("apply_to", "GET", "tickets/{ticket}/macros/{id}/apply", "result")
            + action("attach", "POST", "macros/{id}/attachments", "macro_attachment")
            + action("clone", "GET", "macros/new", "macro")
            + action("from_ticket", "GET", "macros/new", "macro")
            + action("categories", "GET", "macros/categories", "categories")
            + action("supported_actions", "GET", "macros/actions", "actions")
            + action("definitions", "GET", "macros/definitions", "definitions")
            + action(
                "update_many", "PUT", "macros/update_many", "macros", call="bulk_update([...])"
            )
        )

    def apply(self, *, normalize_comment: bool | None = None) -> dict[str, Any]:
        """Return the changes that the macro makes to a ticket; no ticket is changed.

        Args:
            normalize_comment: whether line breaks of the comment become those that Zendesk's
                editor makes.

        Returns:
            New values by Zendesk's names: `{"status": "solved", "comment": {"body": ...}}`.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-changes-to-ticket
        """
        answer = self._call("apply", normalize_comment=normalize_comment)
        found: dict[str, Any] = answer["result"]["ticket"]
        return found

    def apply_to(self, ticket: Ticket, *, normalize_comment: bool | None = None) -> Ticket:
        """Make the macro's changes on a ticket, which is not saved by that.

        Zendesk fills in what stands in braces: `{{ticket.requester.name}}`.

        Args:
            ticket: a ticket that was saved; its own unsaved edits stay, where the macro
                changes something else.
            normalize_comment: see `apply()`.

        Returns:
            The ticket; `ticket.changes()` are the macro's, and `ticket.save()` sends them.

        Raises:
            InvalidValue: one of the two was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-ticket-after-changes
        """
        require_object(Ticket, ticket, self._session(), "apply_to")
        path = {"ticket": self._session().id_of(Ticket, ticket, "apply_to")}
        params = {"normalize_comment": normalize_comment}
        answer = actions.act(self._session(), self, "apply_to", None, params, path)
        _make(ticket, object_in(UNKNOWN, answer, "result", "ticket"))
        return ticket

    def attach(
        self,
        file: File,
        filename: str | None = None,
        *,
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> MacroAttachment:
        """Upload a file that the macro adds to its comment; it can have five.

        Args:
            file: a path, bytes, or a file that is open for reading bytes.
            filename: what it will be called; by default the last part of its path.
            content_type: its MIME type; by default what its name suggests.
            progress: is called with the bytes that are done, and those there are.

        Raises:
            InvalidValue: the macro was never saved, or the file has no name, or is too large.
            OSError: it cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#create-macro-attachment
        """
        pk = self._session().id_of(Macro, self, "attach")
        manager = MacroAttachment.objects.using(self._session().alias)
        return manager.upload(
            file, filename, content_type=content_type, macro=pk, progress=progress
        )

    def clone(self) -> Macro:
        """Return a macro that does the same, not saved yet.

        Raises:
            InvalidValue: this one was never saved.

        Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/#show-macro-replica
        """
        return _unsaved(self._call("clone", macro_id=self.pk)["macro"])


def _unsaved(row: dict[str, Any]) -> Macro:
    """Return a new macro that does what a row describes."""
    fields = {each.wire: each for each in Macro._meta.fields.values()}
    values = {
        fields[wire].name: fields[wire].loaded(row)
        for wire, value in row.items()
        if wire in fields and fields[wire].editable and value is not None and wire != "position"
    }
    return Macro(**values)


def _make(ticket: Ticket, effect: dict[str, Any]) -> None:
    """Assign to a ticket the values that it would have.

    They come from Zendesk, so that they are loaded like a row and not checked like input.
    """
    fields = {each.wire: each for each in ticket._meta.fields.values()}
    for wire, raw in effect.items():
        field = fields.get(wire)
        if field is None or not field.editable or not field.readable or wire in _NO_FIELDS:
            continue
        value = field.loaded(effect)
        if raw == ticket._row.get(wire) or (value is None and not field.nullable):
            continue
        if field.relation is None and field.kind.choices:
            # Zendesk may have a choice that is not declared.
            ticket.__dict__[field.name] = value
        else:
            setattr(ticket, field.name, value)
    comment = Comment.from_row(part_of(effect, "comment"))
    if comment.body or comment.html_body:
        values = {name: getattr(comment, name) for name in ("body", "html_body", "public")}
        given = {name: value for name, value in values.items() if value is not None}
        ticket.comment = Comment(**given)
