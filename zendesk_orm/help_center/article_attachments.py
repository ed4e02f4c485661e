"""Files of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide_media import GuideMedia
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.http.bodies import Progress
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.write import forms, uploads
from zendesk_orm.write.uploads import File, Outgoing


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article

#: Bytes that an attachment may have.
LARGEST = 20 * 1024 * 1024

_PATH = "help_center/articles/{article}/attachments"
_KEY = "article_attachments"


class ArticleAttachmentManager(LocalizedManager["ArticleAttachment"]):
    """`ArticleAttachment.objects` and `article.attachments`, which take files."""

    def upload(
        self,
        file: File,
        filename: str | None = None,
        *,
        inline: bool = False,
        locale: str | None = None,
        content_type: str | None = None,
        progress: Progress | None = None,
    ) -> ArticleAttachment:
        """Send a file, and return the attachment.

        `article.attachments.upload("plan.pdf")` puts it on the article. Without an article,
        `ArticleAttachment.objects.upload(...)`, it waits for `article.attach(attachment)`;
        Zendesk clears away what waits for long.

        It is sent as it is read, and never held whole in memory.

        Args:
            file: a path, bytes, or a file that is open for reading bytes and stays open.
            filename: what it will be called; by default the last part of its path.
            inline: whether it belongs into the text, by its `content_url`, and not into the
                list below.
            locale: of the translation that it belongs to, for one that is inline.
            content_type: its MIME type; by default what its name suggests.
            progress: is called with the bytes that are done, and those there are or None.

        Raises:
            InvalidValue: it has no name, gives text, or is larger than 20 MB.
            OSError: it cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/#create-article-attachment
        """
        found = uploads.outgoing(file, filename, content_type)
        if found.size is not None and found.size > LARGEST:
            raise InvalidValue(f"{found.name!r} has {found.size} bytes; Zendesk takes {LARGEST}")
        return self._sent(_said(inline=inline, locale=locale), found, progress)

    def use(
        self, media: GuideMedia | str, *, inline: bool = False, locale: str | None = None
    ) -> ArticleAttachment:
        """Put a file of the media library on the article, and return the attachment.

        Args:
            media: the file, or its id.
            inline: whether it belongs into the text, and not into the list below.
            locale: of the translation that it belongs to, for one that is inline.

        Raises:
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/#create-article-attachment
        """
        pk = self._session.id_of(GuideMedia, media, "use")
        return self._sent({"guide_media_id": str(pk), **_said(inline=inline, locale=locale)})

    def _sent(
        self,
        fields: dict[str, str],
        file: Outgoing | None = None,
        progress: Progress | None = None,
    ) -> ArticleAttachment:
        article = self._query.fixed.get("article")
        row = forms.send(
            self._session,
            ArticleAttachment,
            "upload" if article is not None else "upload without an article",
            file,
            fields=fields,
            places={"article": article},
            progress=progress,
        )
        if row is None:
            return self.model.from_row({"file_name": file.name if file else None})
        return self._made([row])[0]


class ArticleAttachment(Model):
    """A file of an article: listed below it, or, if it is inline, a part of its text."""

    objects = ArticleAttachmentManager.as_manager()

    url: ReadOnly[str]
    article: ReadOnlyRef[Article | None]
    article_id: Id[int | None]
    file_name: ReadOnly[str]
    content_url: ReadOnly[str]
    relative_path: ReadOnly[str | None]
    display_file_name: ReadOnly[str | None]
    content_type: ReadOnly[str]
    size: ReadOnly[int]
    inline: ReadOnly[bool]
    locale: ReadOnly[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    inline_only: Lookup[Literal[True]]
    block_only: Lookup[Literal[True]]

    class Meta:
        api = (
            localized(
                listed(_PATH, key=_KEY, small=True)
                + listed(f"{_PATH}/inline", key=_KEY, needs="inline_only", small=True)
                + listed(f"{_PATH}/block", key=_KEY, needs="block_only", small=True)
            )
            + resource("help_center/articles/attachments", can="show delete", key=_KEY)
            + Api((Endpoint(Verb.SHOW, f"{_PATH}/{{id}}", _KEY),))
            + action("upload", "POST", _PATH, "article_attachment")
            + Api(
                tuple(
                    evolve(each, name="upload without an article")
                    for each in action(
                        "upload",
                        "POST",
                        "help_center/articles/attachments",
                        "article_attachment",
                        call="upload()",
                    )
                )
            )
        )

    def download(
        self,
        to: Any = None,
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Path | Any:
        """Write the file to a path, into a directory, or into a file that is open.

        Args:
            to: a path; a directory; None for the present directory; or a file that is open for
                writing bytes.
            overwrite: whether a file that is at the path may be replaced.
            progress: is called with the bytes that are done, and those there are.

        Returns:
            The path, or the open file.

        Raises:
            FileExistsError: there is a file at the path, and nothing was asked for.
            NotFound and the other `ApiError`s; `TransportError`; `ForeignHost`.
        """
        return self._file().download(to, overwrite=overwrite, progress=progress)

    def read(self) -> bytes:
        """Return the bytes of the file; see `download()` for what is raised."""
        return self._file().read()

    def _file(self) -> Attachment:
        row = {"id": self.pk, "file_name": self.file_name, "size": self.size}
        return Attachment.from_row({**row, "content_url": self.content_url}, self._source)


def _said(*, inline: bool, locale: str | None) -> dict[str, str]:
    said = {"inline": "true" if inline else "false"}
    return said if locale is None else {**said, "locale": locale}
