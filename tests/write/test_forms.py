"""The bodies of multipart forms."""

from __future__ import annotations

import io

import pytest
from werkzeug.wrappers import Request

from zendesk_orm.write.files import outgoing
from zendesk_orm.write.forms import form_body


def _parse(fields, file=None):
    """Return the fields, and the name and content of each file, as a server reads them."""
    with form_body(fields, file) as (body, content_type):
        data = b"".join(body)
    environment = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.input": io.BytesIO(data),
    }
    with Request(environment) as request:
        files = {key: (item.filename, item.read()) for key, item in request.files.items()}
        return request.form.to_dict(), files


@pytest.mark.parametrize("name", ["report.pdf", 'a "b".txt', "größe.txt", "a;b=c.txt"])
def test_a_server_reads_the_fields_and_the_file(name):
    """Names are quoted as browsers quote them."""
    fields, files = _parse({"locale": "en-us", "inline": "true"}, outgoing(b"content", name))

    assert fields == {"locale": "en-us", "inline": "true"}
    (file_name, content) = files["file"]
    assert (file_name.replace("%22", '"'), content) == (name, b"content")


def test_a_form_without_a_file_has_only_fields():
    """Such a form ends with the boundary, too."""
    assert _parse({"guide_media_id": "5"}) == ({"guide_media_id": "5"}, {})
