"""Files of articles."""

from __future__ import annotations

import io

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, NotFound
from zendesk_orm.help_center import ArticleAttachment, GuideMedia


@pytest.fixture
def plan(tmp_path):
    """Return the path of a file."""
    path = tmp_path / 'the "plan".txt'
    path.write_bytes(b"first this, then that")
    return path


def test_a_file_is_put_on_an_article(article, plan, account, count_requests, sent):
    """In a form, in one request, and it knows its article."""
    with count_requests(account, 1):
        attachment = article.attachments.upload(plan)

    assert sent[-1].headers["Content-Type"].startswith("multipart/form-data; boundary=")
    with count_requests(account, 0):
        assert article is attachment.article
        assert ('the "plan".txt', 21) == (attachment.file_name.replace("%22", '"'), attachment.size)
        assert ("text/plain", False) == (attachment.content_type, attachment.inline)
    with count_requests(account, 1):
        assert b"first this, then that" == attachment.read()


@pytest.mark.parametrize("content", [b"", b"x", b"\r\n--\r\n" * 9])
def test_files_arrive_as_they_are(article, content):
    """Whatever is in them, from bytes and from open files alike."""
    for each in (content, io.BytesIO(content)):
        assert content == article.attachments.upload(each, "a.bin").read()


def test_a_pipe_is_sent_to_its_end(article):
    """What cannot be put back is sent once, as it comes."""

    class Pipe(io.RawIOBase):
        """Bytes that come once."""

        def __init__(self):
            self._left = [b"one, ", b"two", b""]

        def readable(self):
            """Tell that it can be read."""
            return True

        def read(self, size=-1):
            """Return what comes next."""
            return self._left.pop(0)

    assert b"one, two" == article.attachments.upload(Pipe(), "pipe.txt").read()


def test_a_file_may_belong_into_the_text(article, plan, account, count_requests):
    """And is told from those that are listed below."""
    inline = article.attachments.upload(plan, inline=True, locale="en-us")
    block = article.attachments.upload(b"...", "b.txt")

    assert (True, "en-us") == (inline.inline, inline.locale)
    with count_requests(account, 1):
        assert [inline] == list(article.attachments.filter(inline_only=True))
    with count_requests(account, 1):
        assert [block] == list(article.attachments.filter(block_only=True))
    with count_requests(account, 1):
        assert {inline, block} == set(article.attachments.all())


def test_attachments_are_read_by_the_path_of_a_locale(german, emulator):
    """As end users have to."""
    german.attachments.upload(b"...", "b.txt")

    assert 1 == len(german.attachments.filter(locale="de", block_only=True))
    path = f"help_center/de/articles/{german.pk}/attachments/block"
    assert f"GET {path}" == emulator.requests[-1]


def test_files_wait_for_an_article(article, account, count_requests):
    """Twenty are put on it by each request."""
    waiting = [ArticleAttachment.objects.upload(b"x", f"{n}.txt") for n in range(21)]
    assert {None} == {each.article_id for each in waiting}
    with count_requests(account, 2):
        article.attach(*waiting[:20], waiting[20].pk)

    assert set(waiting) == set(article.attachments.all())
    with count_requests(account, 0), pytest.raises(InvalidValue, match="uploaded"):
        article.attach()
    with count_requests(account, 0), pytest.raises(InvalidValue, match="save it first"):
        article.attach(ArticleAttachment())


def test_a_file_of_the_media_library_is_used(article, account, count_requests):
    """Without being sent again."""
    place = GuideMedia.objects.upload_url("image/png", 5)
    media = GuideMedia.objects.register(place["asset_upload_id"], "lens.png")
    with count_requests(account, 1):
        attachment = article.attachments.use(media, inline=True)

    assert ("lens.png", True) == (attachment.file_name, attachment.inline)
    assert "lens.png" == article.attachments.use(media.pk).file_name
    with pytest.raises(NotFound):
        article.attachments.use("none")


def test_a_file_is_read_by_its_id_and_deleted(article, account, count_requests):
    """With its article, or without it."""
    attachment = article.attachments.upload(b"x", "x.txt")
    with count_requests(account, 1):
        assert attachment == ArticleAttachment.objects.get(attachment.pk)
    with count_requests(account, 1):
        attachment.delete()
    with pytest.raises(NotFound):
        attachment.read()
    assert [] == list(article.attachments.all())


def test_a_file_is_written_to_a_path(article, plan, tmp_path):
    """And replaces none that nobody gave up."""
    attachment = article.attachments.upload(plan, "plan.txt")

    path = attachment.download(tmp_path)
    assert plan.read_bytes() == path.read_bytes()
    with pytest.raises(FileExistsError):
        attachment.download(tmp_path)
    target = io.BytesIO()
    attachment.download(target)
    assert plan.read_bytes() == target.getvalue()


def test_progress_is_told(article):
    """To the end of what is sent."""
    seen = []
    article.attachments.upload(b"x" * 1000, "x", progress=lambda *each: seen.append(each))

    done, total = seen[-1]
    assert done == total > 1000


def test_what_zendesk_would_refuse_is_not_sent(article, tmp_path, account, count_requests):
    """Files without a name, and those that are too large."""
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="Zendesk takes"):
            article.attachments.upload(large)
        with pytest.raises(InvalidValue, match="name"):
            article.attachments.upload(b"x")
        with pytest.raises(NoEndpoint, match="article"):
            list(ArticleAttachment.objects.all())


def test_nothing_is_sent_in_a_dry_run(article, account, count_requests):
    """But what would be is told."""
    with account.dry_run() as diff, count_requests(account, 0):
        article.attachments.upload(b"x", "x.txt")

    assert "upload" in str(diff)
