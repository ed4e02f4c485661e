"""Comments on tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_many, require_object
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.row import Row
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.support.redaction import marked
from zendesk_orm.support.uploads import Upload
from zendesk_orm.write import actions
from zendesk_orm.write.comment_events import LARGEST
from zendesk_orm.write.writer import take_over


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.audits import Audit
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User


#: What a comment has in common with the audit of the update that wrote it.
_OF_AUDIT = ("created_at", "via", "metadata")
#: What says the same in several forms.
_TEXTS = ("body", "html_body", "plain_body")


class Comment(Model):
    """A message on a ticket: public, or a note between agents."""

    ticket: Ref[Ticket]
    ticket_id: Id[int]
    type: ReadOnly[str]
    author: Ref[User | None]
    author_id: Id[int | None]
    body: Field[str]
    html_body: Field[str | None]
    plain_body: ReadOnly[str | None]
    public: Field[bool]
    attachments: ReadOnly[list[Attachment]]
    audit_id: ReadOnly[int]
    via: ReadOnly[dict[str, Any]]
    metadata: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    uploads: WriteOnly[list[Upload | str]]
    channel_back: WriteOnly[str | None]
    channel_source_id: WriteOnly[str | None]
    translate_to: WriteOnly[str | None]
    add_short_url: WriteOnly[bool | None]

    #: Which file `redact_attachment()` takes out.
    attachment: Lookup[Attachment]
    #: Whether the attachments include images in the text, as in
    #: `filter(ticket=5, include_inline_images=True)`.
    include_inline_images: Lookup[bool]

    class Meta:
        parent = "ticket"
        largest: ClassVar = {"body": LARGEST, "html_body": LARGEST}
        api = (
            listed(
                "tickets/{ticket}/comments",
                takes="include_inline_images",
                orders="created_at",
                natural="created_at",
                includes="users",
                count=True,
                small=True,
                paging=(CURSOR,),
            )
            + action("make_private", "PUT", "tickets/{ticket}/comments/{id}/make_private")
            + action("redact", "PUT", "tickets/{ticket}/comments/{id}/redact", "comment")
            + action("redact_in_workspace", "PUT", "comment_redactions/{id}", "comment")
            + action(
                "redact_attachment",
                "PUT",
                "tickets/{ticket}/comments/{id}/attachments/{attachment}/redact",
                "attachment",
            )
        )

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
    ) -> Self:
        """Add the comment to its ticket: it rides on an update of the ticket, and nothing else.

        Raises:
            InvalidValue: there is no ticket, or the comment was saved before.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        if self.pk is not None:
            raise InvalidValue("a comment cannot be changed once it is written")
        if self.ticket_id is None:
            raise InvalidValue("a comment needs a ticket: ticket.comments.create(body=...)")
        self.attach_to(self._session(using))
        ticket = self.ticket
        ticket.comment = self
        before = ticket.last_audit
        ticket.save(update_fields=["comment"], using=using)
        # In a batch it is only written at the end.
        if ticket.last_audit is not None and ticket.last_audit is not before:
            self._written(ticket.last_audit)
        return self

    def _written(self, audit: Audit) -> None:
        """Take over what the audit of the update says of the comment."""
        about = {key: audit._row[key] for key in _OF_AUDIT if key in audit._row}
        for event in audit.events:
            if event.get("type") == "Comment":
                row = {**about, **event, "ticket_id": audit.ticket_id}
                self.absorb(row, sent=list(self.changes()))

    def make_private(self) -> Self:
        """Make the comment a note between agents, which cannot be taken back.

        Returns:
            The comment.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#make-comment-private
        """
        self._call("make_private")
        return self._changed({"public": False})

    def redact(self, text: str) -> Self:
        """Black out a text in the comment, and in the e-mail it came from, for good.

        In the Agent Workspace, and for closed tickets, `redact_in_workspace()` does so.

        Args:
            text: what is to go, wherever the comment says it.

        Returns:
            The comment, as it is now.

        Raises:
            InvalidValue: there is no text, or the comment was never saved.
            ValidationError: its ticket is closed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-string-in-comment
        """
        if not text:
            raise InvalidValue("redact() wants the text that is to go, not ''")
        return self._redacted(self._call("redact", {"text": text}))

    def redact_in_workspace(
        self,
        *texts: str,
        html_body: str | None = None,
        attachments: Iterable[Attachment | str] = (),
    ) -> Self:
        """Black out texts in the comment, and take files out of it, for good.

        Zendesk recommends this where the Agent Workspace is switched on. It works for closed
        and archived tickets, and for texts in bold or in links, too.

        Args:
            texts: what is to go, wherever the comment says it.
            html_body: the comment's `html_body` with `<redact>...</redact>` around what is to
                go, instead of `texts`.
            attachments: the files that are to go, or what their `content_url` says.

        Returns:
            The comment, as it is now.

        Raises:
            InvalidValue: there is nothing to redact, the comment does not say a text in one
                piece, or it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace
        """
        session = self._session()
        files = [
            each
            if isinstance(each, str)
            else require_object(Attachment, each, session, "redact_in_workspace").content_url
            for each in require_many(attachments, "redact_in_workspace")
        ]
        if texts and html_body is not None:
            raise InvalidValue("redact_in_workspace() wants texts, or html_body, not both")
        if html_body is not None and "redact" not in html_body:
            raise InvalidValue("html_body: wants <redact>...</redact> around what is to go")
        if not (texts or html_body or files):
            raise InvalidValue("redact_in_workspace() wants texts, html_body or attachments")
        if texts:
            html_body = marked(self.html_body or "", texts)
        body: dict[str, Any] = {"ticket_id": self.ticket_id}
        if html_body is not None:
            body["html_body"] = html_body
        if files:
            body["external_attachment_urls"] = files
        return self._redacted(self._call("redact_in_workspace", body))

    def redact_attachment(self, attachment: Attachment | int) -> Attachment:
        """Take a file out of the comment, for good; an empty `redacted.txt` is in its place.

        Args:
            attachment: one of the comment's attachments, or its id.

        Returns:
            The attachment, as it is now.

        Raises:
            InvalidValue: the attachment is none, or the comment was never saved.
            ValidationError: the ticket is closed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/#redact-comment-attachment
        """
        session = self._session()
        pk = session.id_of(Attachment, attachment, "redact_attachment")
        made = attachment if isinstance(attachment, Attachment) else session.refer(Attachment, pk)
        answer = actions.act(session, self, "redact_attachment", {}, path={"attachment": pk}).data
        if answer:
            row = answer["attachment"]
            take_over(session, made, row)
            files = [row if each.get("id") == pk else each for each in self._files()]
            self._changed({"attachments": files})
        return made

    def _files(self) -> list[dict[str, Any]]:
        return self._row.get("attachments") or []

    def _redacted(self, answer: Any) -> Self:
        if not answer:
            return self
        row: Row = answer["comment"]
        # Of the texts, the answer may hold one alone; the others still say what was to go.
        kept = {key: value for key, value in self._row.items() if key not in _TEXTS}
        texts = {key: row[key] for key in _TEXTS if row.get(key)}
        if "body" not in texts and "plain_body" in texts:
            texts["body"] = texts["plain_body"]
        return self._changed({**kept, **row, **texts}, whole=True)

    def _changed(self, row: Row, *, whole: bool = False) -> Self:
        """Take over what is known now; the audit, and the ticket, are read anew."""
        session = self._session()
        if session.outbox is not None:
            return self
        self.absorb(type(self._row)(row if whole else {**self._row, **row}))
        session.account.rows.forget(type(self), self._key)
        if self._row.get("audit_id"):
            audit: Any = registry.find("Audit", "support")
            session.forget(audit, audit._meta.key(self._row, self._row["audit_id"]))
        actions.outdated(session, self.ticket)
        return self
