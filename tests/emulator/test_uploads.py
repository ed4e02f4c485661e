"""Files: uploaded, attached, given back."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import Comment, Ticket, Upload
from zendesk_orm.emulator import Emulator


#: Bytes that are no text in any encoding.
BYTES = bytes(range(256)) * 40


def _uploaded(zendesk, name="README.md", content=BYTES, **params):
    return zendesk.send(
        "POST",
        "uploads",
        params={"filename": name, **params},
        data=content,
        headers={"Content-Type": "application/binary"},
    )


def test_a_file_is_uploaded(zendesk):
    """The answer is JSON that calls itself text, with a token and all about the file."""
    answer = _uploaded(zendesk)

    upload = answer.json()["upload"]
    attachment = upload["attachment"]
    assert (201, "text/plain; charset=utf-8") == (
        answer.status_code,
        answer.headers["Content-Type"],
    )
    assert attachment["url"] == answer.headers["Location"]
    assert ("README.md", "application/binary", len(BYTES)) == tuple(
        attachment[key] for key in ("file_name", "content_type", "size")
    )
    assert [attachment] == upload["attachments"]
    assert "2026-09-21T15:13:20Z" == upload["expires_at"]
    assert {"attachment": attachment} == zendesk.get(f"attachments/{attachment['id']}")


def test_a_file_is_given_back(zendesk):
    """Its address, which is the account's, streams the very bytes; an unknown one is 404."""
    address = _uploaded(zendesk, name="a b.bin").json()["upload"]["attachment"]["content_url"]

    answer = zendesk.send("GET", address, stream=True)

    assert address.startswith("https://emulator.zendesk.com/attachments/token/")
    assert b"".join(answer.iter_content(1000)) == BYTES
    assert "application/binary" == answer.headers["Content-Type"]
    assert "a%20b.bin" in answer.headers["Content-Disposition"]
    unknown = "https://emulator.zendesk.com/attachments/token/x/?name=y"
    assert 404 == zendesk.send("GET", unknown).status_code
    assert 404 == zendesk.send("GET", "https://emulator.zendesk.com/tickets").status_code


def test_files_gather_under_a_token(zendesk):
    """A token takes further files; an unknown one, or a file without a name, is refused."""
    first = _uploaded(zendesk).json()["upload"]

    second = _uploaded(zendesk, name="b.txt", token=first["token"]).json()["upload"]

    assert first["token"] == second["token"]
    assert ["README.md", "b.txt"] == [each["file_name"] for each in second["attachments"]]
    assert 404 == _uploaded(zendesk, token="x").status_code
    assert 400 == zendesk.send("POST", "uploads", data=b"x").status_code


def test_an_upload_is_deleted(zendesk):
    """The files of a deleted upload are gone, and a second deletion finds nothing."""
    upload = _uploaded(zendesk).json()["upload"]

    assert 204 == zendesk.send("DELETE", f"uploads/{upload['token']}").status_code

    assert 404 == zendesk.send("GET", upload["attachment"]["content_url"]).status_code
    assert 404 == zendesk.send("GET", f"attachments/{upload['attachment']['id']}").status_code
    assert 404 == zendesk.send("DELETE", f"uploads/{upload['token']}").status_code


@pytest.mark.parametrize("as_list", [True, False])
def test_a_comment_takes_the_files(zendesk, as_list):
    """The files of the tokens are attachments of the comment; a token is spent by that."""
    token = _uploaded(zendesk).json()["upload"]["token"]
    _uploaded(zendesk, name="b.txt", token=token)
    comment = {"body": "see these", "uploads": [token] if as_list else token}

    ticket = zendesk.ticket(comment=comment)

    (row,) = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert ["README.md", "b.txt"] == [each["file_name"] for each in row["attachments"]]
    assert BYTES == zendesk.send("GET", row["attachments"][0]["content_url"]).content
    assert [ticket["id"]] == zendesk.found("type:ticket has_attachment:true")
    again = zendesk.send("PUT", f"tickets/{ticket['id']}", {"ticket": {"comment": comment}})
    assert (422, ["uploads"]) == (again.status_code, list(again.json()["details"]))


def test_a_token_lasts_an_hour(zendesk):
    """An old token is none; whether that is refused, and how long it lasts, are switches."""
    token = _uploaded(zendesk).json()["upload"]["token"]
    zendesk.emulator.switches.upload_seconds = 3 * 86_400
    lasting = _uploaded(zendesk).json()["upload"]["token"]
    zendesk.emulator.switches.unknown_uploads_refused = False
    zendesk.clock.sleep(3601)

    ticket = zendesk.ticket(comment={"body": "x", "uploads": [token, lasting]})

    (row,) = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert 1 == len(row["attachments"])


def test_files_have_a_largest_size(zendesk):
    """How large a file may be is unconfirmed, so there is a switch."""
    zendesk.emulator.switches.largest_file = 10

    assert 201 == _uploaded(zendesk, content=b"x" * 10).status_code
    assert 413 == _uploaded(zendesk, content=b"x" * 11).status_code


@pytest.mark.parametrize(("private", "status"), [(False, 200), (True, 401)])
def test_files_can_be_private(private, status):
    """Who knows the address has the file, unless the account keeps files private."""
    with Emulator(token="secret", private_attachments=private) as emulator:
        session = signed_in_session(emulator)
        answer = session.post(
            "https://emulator.zendesk.com/api/v2/uploads",
            params={"filename": "a.txt"},
            data=b"x",
            auth=("owner@example.com/token", "secret"),
        )

        address = answer.json()["upload"]["attachment"]["content_url"]

        assert "text/plain" == answer.json()["upload"]["attachment"]["content_type"]
        assert status == session.get(address).status_code


def test_the_library_knows_an_upload_by_its_token(emulator):
    """An upload is made of its row, attached through a comment, or deleted."""
    session = signed_in_session(emulator)
    address = "https://emulator.zendesk.com/api/v2/uploads?filename=a.txt"
    one, two = (
        Upload.from_row(Upload._meta.identified(session.post(address, data=b"x").json()["upload"]))
        for _ in range(2)
    )

    ticket = Ticket.objects.create(comment=Comment(body="x", uploads=[one.token]))
    two.delete()

    assert (one.token, one.token) == (one.id, one.pk)
    (comment,) = ticket.comments.all()
    assert ["a.txt"] == [each.file_name for each in comment.attachments]
    assert 404 == session.delete(address.replace("?", f"/{two.token}?")).status_code
