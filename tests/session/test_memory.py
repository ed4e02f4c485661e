"""Streaming a million rows takes the memory of a page or two."""

from __future__ import annotations

import gc
import subprocess
import sys
from weakref import ref

import pytest

from zendesk_orm import Ticket


STREAM = '''
import io, json, resource, sys
import requests
from urllib3 import HTTPResponse
from requests.adapters import BaseAdapter
from zendesk_orm import Ticket, connect
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS

ROWS, PAGE = int(sys.argv[1]), 1000


def stamp(n):
    return f"2024-01-{28 - n // 40_000:02}T{23 - n // 1_667 % 24:02}:00:00Z"


class Endless(BaseAdapter):
    """Answers every export with the next thousand rows."""

    at = 0

    def send(self, request, **kwargs):
        rows = [
            {"id": n, "subject": f"No. {n}", "created_at": stamp(n)}
            for n in range(self.at, self.at + PAGE)
        ]
        self.at += PAGE
        more = self.at < ROWS
        link = f"https://acme.zendesk.com/api/v2/search/export?page[after]={self.at}"
        body = {"results": rows, "meta": {"has_more": more}, "links": {"next": link}}
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 200, request, request.url
        answer.raw = HTTPResponse(io.BytesIO(json.dumps(body).encode()), preload_content=False)
        return answer

    def close(self):
        pass


session = requests.Session()
session.mount("https://", Endless())
connect(
    subdomain="acme", anonymous=True, session=session, endpoint_limits=NO_ENDPOINT_LIMITS
)
read = sum(1 for ticket in Ticket.objects.all().iterator())
assert read == ROWS, read
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
'''


@pytest.mark.slow
def test_memory_is_flat_over_a_million_rows(tmp_path):
    """Ten times the rows take no more memory: at most 8 MB of difference, in kilobytes here."""
    script = tmp_path / "stream.py"
    script.write_text(STREAM, encoding="utf-8")
    few, many = (_peak(script, rows) for rows in (100_000, 1_000_000))

    assert many - few < 8 * 1024


def test_pages_are_released_without_a_collection(demo):
    """No cycle refers to the objects of a page, so that they are freed when another is read."""
    pages = Ticket.objects.fresh().select_related("requester").iterator().pages()
    first, alive = [], []
    gc.disable()
    try:
        for page in pages:
            alive.append(sum(entry() is not None for entry in first))
            first.append(ref(page[0]))
    finally:
        gc.enable()

    assert len(alive) > 20
    assert max(alive) <= 1


def _peak(script, rows):
    command = [sys.executable, str(script), str(rows)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)
