"""What is taken out of comments and chats for good.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import audits, comments, plain, uploads
from zendesk_orm.emulator.refusals import complaint, invalid_record, missing_parameter, not_found
from zendesk_orm.emulator.store import Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import Attachment, Audit, Comment, Ticket


_AUDIT, _COMMENT, _TICKET = Audit._meta.label, Comment._meta.label, Ticket._meta.label
#: What is in the place of a file.
_EMPTY = {"file_name": "redacted.txt", "content_type": "text/plain", "size": 1}

_MARKED = re.compile(r"<redact>(.*?)</redact>", re.DOTALL)
_ELEMENT = re.compile(r"<(\w+)[^>]*\sredact(?:=\"[^\"]*\")?[^>]*>")


def in_workspace(world: World, call: Call, target: Target) -> Answer:
    """Answer with the comment, without what was marked and the files that were named.

    Raises:
        Refusal: there is no such comment on that ticket, or nothing was marked.
    """
    ticket, pk = call.body.get("ticket_id"), target.places[0]
    if ticket is None:
        raise missing_parameter("ticket_id")
    markup, files = call.body.get("html_body"), call.body.get("external_attachment_urls") or ()
    if not markup and not files:
        raise missing_parameter("html_body")
    plain.stored(world, Ticket._meta, ticket)

    def redacted(row: dict[str, Any]) -> dict[str, Any]:
        row = {**row, "attachments": [_emptied(world, each, files) for each in row["attachments"]]}
        if not markup:
            return row
        text = _without(markup)
        said = audits.plain_text(text)
        return {**row, "html_body": text, "body": said, "plain_body": said}

    row = comments.change(world, ticket, pk, redacted)
    comments.respeak(world, ticket, pk, row)
    told = ("id", "type", "author_id", "html_body", "plain_body", "public", "attachments")
    return Answer(text=dumped({"comment": {name: row[name] for name in told}}))


def attachment(world: World, call: Call, target: Target) -> Answer:
    """Answer with the attachment, which is an empty file now.

    Raises:
        Refusal: it is not there, or the ticket is closed.
    """
    ticket, pk, file = target.places
    if plain.stored(world, Ticket._meta, ticket).doc["status"] == "closed":
        raise invalid_record({"status": [complaint("closed prevents ticket update")]})
    row = plain.stored(world, Comment._meta, pk, {"ticket": ticket}).doc
    found = next((each for each in row["attachments"] if each["id"] == file), None)
    if found is None:
        raise not_found()
    empty = _emptied(world, found, [found["content_url"]])

    def without(row: dict[str, Any]) -> dict[str, Any]:
        files = [empty if each["id"] == file else each for each in row["attachments"]]
        return {**row, "attachments": files}

    comments.change(world, ticket, pk, without)
    return Answer(text=dumped({"attachment": empty}))


def make_private(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing much: the comment of an audit is a note between agents now.

    Raises:
        Refusal: the audit is not there, or has no comment.
    """
    ticket, pk = target.places
    audit = plain.stored(world, Audit._meta, pk, {"ticket": ticket}).doc
    found = [event["id"] for event in audit["events"] if event["type"] == "Comment"]
    if not found:
        raise not_found()
    for comment in found:
        comments.change(world, ticket, comment, lambda row: {**row, "public": False})
    return Answer(text="{}")


def chat(world: World, call: Call, target: Target) -> Answer:
    """Answer with a chat, in which a part of one message is blacked out."""
    text = str(call.body.get("text") or "")
    if not _MARKED.search(text):
        raise missing_parameter("text")
    said = {"message": _without(text)}
    return _chat(world, call, target, "ChatMessage", said, ("chat_index", "message_id"))


def chat_files(world: World, call: Call, target: Target) -> Answer:
    """Answer with a chat, some of whose files are gone."""
    said = {"filename": _EMPTY["file_name"]}
    return _chat(world, call, target, "ChatFileAttachment", said, ("chat_indexes", "message_ids"))


def _chat(
    world: World,
    call: Call,
    target: Target,
    kind: str,
    said: Mapping[str, Any],
    places: tuple[str, str],
) -> Answer:
    """Change some entries of a chat, and the audit that tells of it.

    Raises:
        Refusal: there is no such chat on the ticket, or nothing of that kind there.
    """
    ticket = target.places[0]
    plain.stored(world, Ticket._meta, ticket)
    indexes, messages = (_listed(call.body.get(name)) for name in places)
    for audit in world.store.docs(_AUDIT, Where("parent = ?", (ticket,))):
        for event in audit["events"]:
            value = event.get("value")
            if event["type"] != "ChatStartedEvent" or value["chat_id"] != call.body.get("chat_id"):
                continue
            meant = [
                each
                for each in value["history"]
                if each["type"] == kind
                and (each.get("chat_index") in indexes or each.get("message_id") in messages)
            ]
            if not meant:
                raise not_found()
            for each in meant:
                each.update(said)
            world.write(Audit._meta, audit, parent=ticket, words="")
            return Answer(text=dumped({"chat_event": event}))
    raise not_found()


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _without(markup: str) -> str:
    """Return a text whose marked parts are blacked out."""
    text = _ELEMENT.sub("", markup)
    return _MARKED.sub(lambda match: comments.BLOCK * len(match[1]), text)


def _emptied(world: World, file: dict[str, Any], urls: Any) -> dict[str, Any]:
    """Return an attachment; where it is among the addresses, as the empty file it is now."""
    if file["content_url"] not in urls:
        return file
    world.store.drop_file(uploads.place_of(file))
    empty = {**file, **_EMPTY, "thumbnails": []}
    world.write(Attachment._meta, empty)
    return empty


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("PUT", "comment_redactions/{}", _COMMENT): in_workspace,
    ("PUT", "tickets/{}/comments/{}/attachments/{}/redact", _COMMENT): attachment,
    ("PUT", "tickets/{}/audits/{}/make_private", _AUDIT): make_private,
    ("PUT", "chat_redactions/{}", _TICKET): chat,
    ("PUT", "chat_file_redactions/{}", _TICKET): chat_files,
}
