"""Attachments of articles."""

from __future__ import annotations

import io

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, NotFound
from zendesk_orm.help_center import ArticleAttachment, GuideMedia


@pytest.fixture
def plan(tmp_path):
    """Return the path of a text file with quotes in its name."""
    path = tmp_path / 'the "plan".txt'
    path.write_bytes(b"first this, then that")
    return path


def test_a_file_is_uploaded_as_a_form(article, plan, account, count_requests, sent):
    """A file is uploaded to an article as a multipart form in one request."""
    with count_requests(account, 1):
        attachment = article.attachments.upload(plan)

    assert sent[-1].headers["Content-Type"].startswith("multipart/form-data; boundary=")
    with count_requests(account, 0):
        assert attachment.article is article
        assert (attachment.file_name.replace("%22", '"'), attachment.size) == ('the "plan".txt', 21)
        assert (attachment.content_type, attachment.inline) == ("text/plain", False)
    with count_requests(account, 1):
        assert attachment.read() == b"first this, then that"


@pytest.mark.parametrize("content", [b"", b"x", b"\r\n--\r\n" * 9])
def test_any_content_is_uploaded_unchanged(article, content):
    """Bytes and open files are uploaded unchanged, whatever they contain."""
    for item in (content, io.BytesIO(content)):
        assert article.attachments.upload(item, "a.bin").read() == content


def test_a_pipe_is_uploaded(article):
    """A stream that cannot be rewound is uploaded up to its end, and never repeated."""

    class Pipe(io.RawIOBase):
        """A stream that can be read once."""

        def __init__(self):
            self._left = [b"one, ", b"two", b""]

        def readable(self):
            """Return True."""
            return True

        def read(self, size=-1):
            """Return the next bytes."""
            return self._left.pop(0)

    assert article.attachments.upload(Pipe(), "pipe.txt").read() == b"one, two"


def test_inline_and_block_attachments_are_distinguished(article, plan, account, count_requests):
    """Inline attachments and attachments below the text are listed separately."""
    inline = article.attachments.upload(plan, inline=True, locale="en-us")
    block = article.attachments.upload(b"...", "b.txt")

    assert (inline.inline, inline.locale) == (True, "en-us")
    with count_requests(account, 1):
        assert list(article.attachments.filter(inline_only=True)) == [inline]
    with count_requests(account, 1):
        assert list(article.attachments.filter(block_only=True)) == [block]
    with count_requests(account, 1):
        assert set(article.attachments.all()) == {inline, block}


def test_attachments_are_listed_in_a_locale(german, emulator):
    """With a locale, attachments are listed by the path that end users have to use."""
    german.attachments.upload(b"...", "b.txt")

    assert len(german.attachments.filter(locale="de", block_only=True)) == 1
    path = f"help_center/de/articles/{german.pk}/attachments/block"
    assert emulator.requests[-1] == f"GET {path}"


def test_attach_adds_uploaded_files_in_chunks(article, account, count_requests):
    """`attach()` adds twenty uploaded files per request to an article."""
    uploads = [ArticleAttachment.objects.upload(b"x", f"{n}.txt") for n in range(21)]
    assert {upload.article_id for upload in uploads} == {None}
    with count_requests(account, 2):
        article.attach(*uploads[:20], uploads[20].pk)

    assert set(article.attachments.all()) == set(uploads)
    with count_requests(account, 0), pytest.raises(InvalidValue, match="uploaded"):
        article.attach()
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        article.attach(ArticleAttachment())


def test_a_file_of_the_media_library_is_attached(article, account, count_requests):
    """`use()` attaches a file of the media library without uploading it again."""
    upload = GuideMedia.objects.upload_url("image/png", 5)
    media = GuideMedia.objects.register(upload["asset_upload_id"], "lens.png")
    with count_requests(account, 1):
        attachment = article.attachments.use(media, inline=True)

    assert (attachment.file_name, attachment.inline) == ("lens.png", True)
    assert article.attachments.use(media.pk).file_name == "lens.png"
    with pytest.raises(NotFound):
        article.attachments.use("none")


def test_an_attachment_is_fetched_by_id_and_deleted(article, account, count_requests):
    """An attachment is fetched by id, and deleted in one request."""
    attachment = article.attachments.upload(b"x", "x.txt")
    with count_requests(account, 1):
        assert ArticleAttachment.objects.get(attachment.pk) == attachment
    with count_requests(account, 1):
        attachment.delete()
    with pytest.raises(NotFound):
        attachment.read()
    assert list(article.attachments.all()) == []


def test_download_never_overwrites_a_file(article, plan, tmp_path):
    """`download()` writes to a folder or a file object, and raises if the file exists."""
    attachment = article.attachments.upload(plan, "plan.txt")

    path = attachment.download(tmp_path)
    assert plan.read_bytes() == path.read_bytes()
    with pytest.raises(FileExistsError):
        attachment.download(tmp_path)
    target = io.BytesIO()
    attachment.download(target)
    assert plan.read_bytes() == target.getvalue()


def test_upload_reports_progress(article):
    """`upload()` reports progress until all bytes are sent."""
    reports = []
    article.attachments.upload(b"x" * 1000, "x", progress=lambda *report: reports.append(report))

    done, total = reports[-1]
    assert done == total > 1000


def test_invalid_uploads_are_rejected(article, tmp_path, account, count_requests):
    """Files that are too large or have no name raise before any request."""
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="the maximum is"):
            article.attachments.upload(large)
        with pytest.raises(InvalidValue, match="name"):
            article.attachments.upload(b"x")
        with pytest.raises(NoEndpoint, match="article"):
            list(ArticleAttachment.objects.all())


def test_a_dry_run_describes_an_upload(article, account, count_requests):
    """A dry run describes an upload and sends nothing."""
    with account.dry_run() as diff, count_requests(account, 0):
        article.attachments.upload(b"x", "x.txt")

    assert "upload" in str(diff)
