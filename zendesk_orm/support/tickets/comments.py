"""Comments on tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.errors import InvalidValue, ZendeskError
from zendesk_orm.http.annotations import Self, Unpack
from zendesk_orm.http.retry import may_be_applied
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_many, require_object
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.row import Row
from zendesk_orm.session.action_bodies import object_of
from zendesk_orm.session.responses import accept_row, objects_in
from zendesk_orm.session.session import Session
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.support.tickets.uploads import Upload
from zendesk_orm.write.comment_events import LARGEST
from zendesk_orm.write.save import SaveOptions


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User


#: Keys of a comment that are copied from the audit of the update that created it.
_AUDIT_KEYS = ("created_at", "via", "metadata")
#: Keys that contain the text of a comment.
_TEXT_KEYS = ("body", "html_body", "plain_body")
_TAG = re.compile(r"(<[^>]*>)")


class Comment(Model):
    """A public comment or an internal note on a ticket."""

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

    #: The attachment that `redact_attachment()` redacts.
    attachment: Lookup[Attachment]
    #: Whether `attachments` includes inline images, as in
    #: `filter(ticket=5, include_inline_images=True)`.
    include_inline_images: Lookup[bool]

    class Meta:
        parent = "ticket"
        max_bytes: ClassVar = {"body": LARGEST, "html_body": LARGEST}
        api = listing(
            "tickets/{ticket}/comments",
            filters=("include_inline_images",),
            orders=("created_at",),
            default_order="created_at",
            includes=("users",),
            count=True,
            fits_in_memory=True,
            paging=(CURSOR,),
        )

    def _save(self, session: Session, **options: Unpack[SaveOptions]) -> None:
        """Add the comment to its ticket by updating the ticket.

        Raises:
            InvalidValue: the comment has no ticket, or was saved before.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        if self.pk is not None:
            raise InvalidValue("a saved comment cannot be changed")
        if not self.ticket_id:
            raise InvalidValue("a comment needs a ticket: ticket.comments.create(body=...)")
        self.attach_to(session)
        ticket = self.ticket
        draft, before = ticket.__dict__.get("comment"), ticket.last_audit
        ticket.comment = self
        try:
            ticket.save(update_fields=["comment"], using=session.alias)
        except ZendeskError as error:
            # A save of the ticket looks for a comment that may have been added.
            if draft is not None or not may_be_applied(error):
                _restore_draft(ticket, draft)
            raise
        _restore_draft(ticket, draft)
        # Within a batch, the ticket is sent at the end.
        if ticket.last_audit is not None and ticket.last_audit is not before:
            self._update_from_audit(ticket.last_audit)

    def _update_from_audit(self, audit: support.Audit) -> None:
        """Update the comment from the audit of the update that created it.

        Raises:
            MalformedResponse: the audit contains a comment without a valid id.
        """
        shared = {key: audit._row[key] for key in _AUDIT_KEYS if key in audit._row}
        for event in objects_in(audit._row, "events"):
            if event.get("type") == "Comment":
                row = {**shared, **event, "ticket_id": audit.ticket_id}
                self.update_from_row(accept_row(self._meta, row, None), sent=list(self.changes()))

    @action("PUT", "tickets/{ticket}/comments/{id}/make_private")
    def make_private(self) -> Self:
        """Make the comment an internal note, which cannot be undone.

        Returns:
            The comment.

        Raises:
            InvalidValue: the comment was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#make-comment-private
        """
        return self._call(
            "make_private",
            then=lambda _: self._store({**self._row, "public": False}),
            in_dry_run=self,
        )

    @action("PUT", "tickets/{ticket}/comments/{id}/redact", key="comment")
    def redact(self, text: str) -> Self:
        """Redact a text in the comment and its original e-mail, which cannot be undone.

        Use `redact_in_workspace()` in the Agent Workspace, and for closed tickets.

        Args:
            text: the text to redact; all occurrences in the comment are redacted.

        Returns:
            The updated comment.

        Raises:
            InvalidValue: `text` is empty, or the comment was never saved.
            ValidationError: the ticket is closed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-string-in-comment
        """
        if not text:
            raise InvalidValue("redact(): text must not be empty")
        return self._call("redact", {"text": text}, then=self._apply_redaction, in_dry_run=self)

    @action("PUT", "comment_redactions/{id}", key="comment")
    def redact_in_workspace(
        self,
        *texts: str,
        html_body: str | None = None,
        attachments: Iterable[Attachment | str] = (),
    ) -> Self:
        """Redact texts and attachments of the comment, which cannot be undone.

        Zendesk recommends this method for accounts with the Agent Workspace. It also works for
        closed and archived tickets, and for bold or linked text.

        Args:
            texts: the texts to redact; all occurrences in the comment are redacted.
            html_body: the comment's `html_body` with `<redact>...</redact>` around the text to
                redact, instead of `texts`.
            attachments: the attachments to redact, or their `content_url`.

        Returns:
            The updated comment.

        Raises:
            InvalidValue: all arguments are empty, the comment does not contain a text without
                markup inside, or the comment was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-ticket-comment-in-agent-workspace
        """
        session = self._session()
        files = [
            file
            if isinstance(file, str)
            else require_object(Attachment, file, session, "redact_in_workspace").content_url
            for file in require_many(attachments, "redact_in_workspace")
        ]
        if texts and html_body is not None:
            raise InvalidValue("redact_in_workspace() accepts texts or html_body, not both")
        if html_body is not None and "redact" not in html_body:
            raise InvalidValue("html_body must contain <redact>...</redact> around the text")
        if not (texts or html_body or files):
            raise InvalidValue("redact_in_workspace() requires texts, html_body or attachments")
        if texts:
            html_body = mark_texts(self.html_body or "", texts)
        body: dict[str, Any] = {"ticket_id": self.ticket_id}
        if html_body is not None:
            body["html_body"] = html_body
        if files:
            body["external_attachment_urls"] = files
        return self._call("redact_in_workspace", body, then=self._apply_redaction, in_dry_run=self)

    @action(
        "PUT", "tickets/{ticket}/comments/{id}/attachments/{attachment}/redact", key="attachment"
    )
    def redact_attachment(self, attachment: Attachment | int) -> Attachment:
        """Replace an attachment with an empty `redacted.txt`, which cannot be undone.

        Args:
            attachment: an attachment of the comment, or its id.

        Returns:
            The updated attachment.

        Raises:
            InvalidValue: `attachment` is invalid, or the comment was never saved.
            ValidationError: the ticket is closed.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/#redact-comment-attachment
        """
        session = self._session()
        pk = session.id_of(Attachment, attachment, "redact_attachment")
        record = attachment if isinstance(attachment, Attachment) else session.refer(Attachment, pk)

        def update(data: Any) -> Attachment:
            row = object_of(data, "attachment")
            session.store(record, row)
            files = objects_in(self._row, "attachments")
            files = [row if file.get("id") == pk else file for file in files]
            self._store({**self._row, "attachments": files})
            return record

        path = {"attachment": pk}
        return self._call("redact_attachment", {}, path=path, then=update, in_dry_run=record)

    def _apply_redaction(self, data: Any) -> Self:
        """Update the comment from the response to a redaction."""
        row = object_of(data, "comment")
        # The response may contain only one of the texts; the others are not redacted yet.
        others = {key: value for key, value in self._row.items() if key not in _TEXT_KEYS}
        texts = {key: row[key] for key in _TEXT_KEYS if row.get(key)}
        if "body" not in texts and "plain_body" in texts:
            texts["body"] = texts["plain_body"]
        return self._store({**others, **row, **texts})

    def _store(self, row: Row) -> Self:
        """Replace the row, and expire the audit and the ticket, which contain the comment."""
        session = self._session()
        place = self._meta.identifying_part(self._row)
        session.store(self, type(self._row)({**accept_row(self._meta, row, self.pk), **place}))
        if self._row.get("audit_id"):
            audit: Any = registry.find("Audit", "support")
            session.forget(audit, audit._meta.key(self._row, self._row["audit_id"]))
        session.expire(self.ticket)
        return self


def mark_texts(markup: str, texts: Iterable[str]) -> str:
    """Return HTML with `<redact>` around all occurrences of the texts.

    Args:
        markup: the HTML.
        texts: the texts to redact, without markup.

    Raises:
        InvalidValue: a text is empty, or does not occur in the HTML without markup inside.
    """
    # The longest first, because a text may be part of another.
    ordered = sorted(dict.fromkeys(texts), key=len, reverse=True)
    if "" in ordered:
        raise InvalidValue("texts to redact must not be empty")
    forms = {form: text for text in ordered for form in _html_forms(text)}
    matched: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        matched.add(forms[match[0]])
        return f"<redact>{match[0]}</redact>"

    pattern = re.compile("|".join(map(re.escape, forms)))
    parts = _TAG.split(markup)
    # Every second part is a tag.
    parts[::2] = [pattern.sub(mark, part) for part in parts[::2]] if forms else parts[::2]
    missing = [text for text in ordered if not any(text in other for other in matched)]
    if missing:
        raise InvalidValue(
            f"the comment does not contain {display(missing[0])} as one piece of text; "
            "pass html_body with <redact>...</redact> instead"
        )
    return "".join(parts)


def _html_forms(text: str) -> tuple[str, ...]:
    """Return the forms in which a text may occur in HTML."""
    return html.escape(text, quote=True), html.escape(text, quote=False), text


def _restore_draft(ticket: support.Ticket, draft: Comment | None) -> None:
    """Assign the comment again that a ticket had before another one was added to it."""
    ticket.__dict__.pop("comment", None)
    if draft is not None:
        ticket.comment = draft
