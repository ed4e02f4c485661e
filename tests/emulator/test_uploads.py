"""Uploads, attachments and downloads of files."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import Comment, Ticket, Upload
from zendesk_orm.emulator import Emulator


#: Bytes that are not valid text in any encoding.
BYTES = bytes(range(256)) * 40


def _upload(zendesk, name="README.md", content=BYTES, **params):
    return zendesk.send(
        "POST",
        "uploads",
        params={"filename": name, **params},
        data=content,
        headers={"Content-Type": "application/binary"},
    )


def test_an_upload_returns_a_token(zendesk):
    """An upload returns a token and the attachment, as JSON with the type of text."""
    response = _upload(zendesk)

    upload = response.json()["upload"]
    attachment = upload["attachment"]
    assert (
        response.status_code,
        response.headers["Content-Type"],
    ) == (201, "text/plain; charset=utf-8")
    assert response.headers["Location"] == attachment["url"]
    assert tuple(attachment[key] for key in ("file_name", "content_type", "size")) == (
        "README.md",
        "application/binary",
        len(BYTES),
    )
    assert upload["attachments"] == [attachment]
    assert upload["expires_at"] == "2026-09-21T15:13:20Z"
    assert zendesk.get(f"attachments/{attachment['id']}") == {"attachment": attachment}


def test_a_file_is_downloaded(zendesk):
    """A file is downloaded unchanged from the account's host; an unknown address returns 404."""
    address = _upload(zendesk, name="a b.bin").json()["upload"]["attachment"]["content_url"]

    response = zendesk.send("GET", address, stream=True)

    assert address.startswith("https://emulator.zendesk.com/attachments/token/")
    assert b"".join(response.iter_content(1000)) == BYTES
    assert response.headers["Content-Type"] == "application/binary"
    assert "a%20b.bin" in response.headers["Content-Disposition"]
    unknown = "https://emulator.zendesk.com/attachments/token/x/?name=y"
    assert zendesk.send("GET", unknown).status_code == 404
    assert zendesk.send("GET", "https://emulator.zendesk.com/tickets").status_code == 404


def test_a_token_accepts_several_files(zendesk):
    """A token accepts more files; an unknown token or a file without a name is rejected."""
    first = _upload(zendesk).json()["upload"]

    second = _upload(zendesk, name="b.txt", token=first["token"]).json()["upload"]

    assert first["token"] == second["token"]
    assert [item["file_name"] for item in second["attachments"]] == ["README.md", "b.txt"]
    assert _upload(zendesk, token="x").status_code == 404
    assert zendesk.send("POST", "uploads", data=b"x").status_code == 400


def test_the_files_of_a_deleted_upload_are_not_found(zendesk):
    """The files of a deleted upload are not found, and a second deletion returns 404."""
    upload = _upload(zendesk).json()["upload"]

    assert zendesk.send("DELETE", f"uploads/{upload['token']}").status_code == 204

    assert zendesk.send("GET", upload["attachment"]["content_url"]).status_code == 404
    assert zendesk.send("GET", f"attachments/{upload['attachment']['id']}").status_code == 404
    assert zendesk.send("DELETE", f"uploads/{upload['token']}").status_code == 404


@pytest.mark.parametrize("as_list", [True, False])
def test_uploads_become_attachments_of_a_comment(zendesk, as_list):
    """The files of a comment's uploads become its attachments, and the token is used up."""
    token = _upload(zendesk).json()["upload"]["token"]
    _upload(zendesk, name="b.txt", token=token)
    comment = {"body": "see these", "uploads": [token] if as_list else token}

    ticket = zendesk.create_ticket(comment=comment)

    (row,) = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert [item["file_name"] for item in row["attachments"]] == ["README.md", "b.txt"]
    assert zendesk.send("GET", row["attachments"][0]["content_url"]).content == BYTES
    assert zendesk.search("type:ticket has_attachment:true") == [ticket["id"]]
    again = zendesk.send("PUT", f"tickets/{ticket['id']}", {"ticket": {"comment": comment}})
    assert (again.status_code, list(again.json()["details"])) == (422, ["uploads"])


def test_a_token_expires(zendesk):
    """Switches set the lifetime of a token, and whether an expired one is an error."""
    token = _upload(zendesk).json()["upload"]["token"]
    zendesk.emulator.switches.upload_seconds = 3 * 86_400
    lasting = _upload(zendesk).json()["upload"]["token"]
    zendesk.emulator.switches.reject_unknown_uploads = False
    zendesk.clock.sleep(3601)

    ticket = zendesk.create_ticket(comment={"body": "x", "uploads": [token, lasting]})

    (row,) = zendesk.get(f"tickets/{ticket['id']}/comments")["comments"]
    assert len(row["attachments"]) == 1


def test_the_size_of_a_file_is_limited(zendesk):
    """A switch sets the maximum size of a file (unconfirmed)."""
    zendesk.emulator.switches.max_file_size = 10

    assert _upload(zendesk, content=b"x" * 10).status_code == 201
    assert _upload(zendesk, content=b"x" * 11).status_code == 413


@pytest.mark.parametrize(("private", "status"), [(False, 200), (True, 401)])
def test_private_attachments_require_credentials(private, status):
    """A file can be downloaded without credentials, unless the account keeps files private."""
    with Emulator(token="secret", private_attachments=private) as emulator:
        session = signed_in_session(emulator)
        response = session.post(
            "https://emulator.zendesk.com/api/v2/uploads",
            params={"filename": "a.txt"},
            data=b"x",
            auth=("owner@example.com/token", "secret"),
        )

        address = response.json()["upload"]["attachment"]["content_url"]

        assert response.json()["upload"]["attachment"]["content_type"] == "text/plain"
        assert session.get(address).status_code == status


def test_models_create_and_delete_uploads(emulator):
    """An upload is created from a file, attached by a comment, or deleted."""
    session = signed_in_session(emulator)
    address = "https://emulator.zendesk.com/api/v2/uploads?filename=a.txt"
    one, two = (
        Upload.from_row(Upload._meta.with_id(session.post(address, data=b"x").json()["upload"]))
        for _ in range(2)
    )

    ticket = Ticket.objects.create(comment=Comment(body="x", uploads=[one.token]))
    two.delete()

    assert (one.token, one.token) == (one.id, one.pk)
    (comment,) = ticket.comments.all()
    assert [item.file_name for item in comment.attachments] == ["a.txt"]
    assert session.delete(address.replace("?", f"/{two.token}?")).status_code == 404
