"""Files of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import DELETE, SHOW, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide_media import GuideMedia
from zendesk_orm.help_center.locales import LocalizedManager, localize
from zendesk_orm.http.bodies import Progress
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.write.files import File, Outgoing, outgoing
from zendesk_orm.write.forms import send_form


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article

#: The maximum size of an attachment, in bytes.
MAX_BYTES = 20 * 1024 * 1024

_PATH = "help_center/articles/{article}/attachments"
_KEY = "article_attachments"


class ArticleAttachmentManager(LocalizedManager["ArticleAttachment"]):
    """`ArticleAttachment.objects` and `article.attachments`, which upload files."""

    @action("POST", _PATH, key="article_attachment")
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
        """Upload a file, and return the attachment.

        `article.attachments.upload("plan.pdf")` attaches the file to the article. Files uploaded
        without an article by `ArticleAttachment.objects.upload(...)` must be attached by
        `article.attach(attachment)`; otherwise, Zendesk deletes them after some time.

        The file is streamed and never loaded into memory as one object.

        Args:
            file: a path, bytes, or a file opened for reading bytes, which is not closed.
            filename: its name in Zendesk; by default the last part of its path.
            inline: whether the file is part of the text, by its `content_url`, instead of being
                listed below the article.
            locale: the locale of the translation that an inline file belongs to.
            content_type: its MIME type; by default guessed from its name.
            progress: is called with the bytes sent so far and the total or None.

        Raises:
            InvalidValue: the file has no name, is in text mode, or is larger than 20 MB.
            OSError: the file cannot be read.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/#create-article-attachment
        """
        upload = outgoing(file, filename, content_type)
        if upload.size is not None and upload.size > MAX_BYTES:
            raise InvalidValue(
                f"{display(upload.name)} has {upload.size} bytes; the maximum is {MAX_BYTES}"
            )

        return self._send(_form_fields(inline=inline, locale=locale), upload, progress)

    @check_arguments
    def use(
        self, media: GuideMedia | str, *, inline: bool = False, locale: str | None = None
    ) -> ArticleAttachment:
        """Attach a file of the media library to the article, and return the attachment.

        Args:
            media: the file, or its id.
            inline: whether the file is part of the text instead of being listed below.
            locale: the locale of the translation that an inline file belongs to.

        Raises:
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_attachments/#create-article-attachment
        """
        pk = self._session.id_of(GuideMedia, media, "use")
        return self._send({"guide_media_id": str(pk), **_form_fields(inline=inline, locale=locale)})

    def _send(
        self,
        fields: dict[str, str],
        file: Outgoing | None = None,
        progress: Progress | None = None,
    ) -> ArticleAttachment:
        article = self._query.exact_values.get("article")
        return send_form(
            self._session,
            ArticleAttachment,
            "upload" if article is not None else "upload without an article",
            file,
            fields=fields,
            path={"article": article},
            progress=progress,
            then=lambda row: self._from_rows([row])[0],
            in_dry_run=self.model.from_row({"file_name": file.name if file else None}),
        )


class ArticleAttachment(Model):
    """A file of an article, which is part of its text (inline) or listed below it."""

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
            localize(
                listing(_PATH, key=_KEY, fits_in_memory=True)
                + listing(
                    f"{_PATH}/inline", key=_KEY, required=("inline_only",), fits_in_memory=True
                )
                + listing(f"{_PATH}/block", key=_KEY, required=("block_only",), fits_in_memory=True)
            )
            + resource("help_center/articles/attachments", can=SHOW | DELETE, key=_KEY)
            + Api((Endpoint(Verb.SHOW, f"{_PATH}/{{id}}", _KEY),))
            + Api(
                tuple(
                    evolve(endpoint, name="upload without an article")
                    for endpoint in action_endpoint(
                        "upload",
                        "POST",
                        "help_center/articles/attachments",
                        "article_attachment",
                        call="upload()",
                    )
                )
            )
        )

    @check_arguments
    def download(
        self,
        to: Any = None,
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Path | Any:
        """Download the file to a path, into a directory, or into an open file.

        Args:
            to: a path, a directory, None for the current directory, or a file opened for
                writing bytes.
            overwrite: whether an existing file may be replaced.
            progress: is called with the bytes received so far and the total.

        Returns:
            The path, or the open file.

        Raises:
            FileExistsError: the path exists; nothing was requested.
            NotFound and the other `ApiError`s; `TransportError`; `ForeignHost`.
        """
        return self._file().download(to, overwrite=overwrite, progress=progress)

    def read(self) -> bytes:
        """Return the bytes of the file; see `download()` for the errors."""
        return self._file().read()

    def _file(self) -> Attachment:
        row = {"id": self.pk, "file_name": self.file_name, "size": self.size}
        return Attachment.from_row({**row, "content_url": self.content_url}, self._source)


def _form_fields(*, inline: bool, locale: str | None) -> dict[str, str]:
    fields = {"inline": "true" if inline else "false"}
    return fields if locale is None else {**fields, "locale": locale}
