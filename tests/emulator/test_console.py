"""The console: its pages show an account, and its forms control the emulator."""

from __future__ import annotations

import re
import socket
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from tests.tokens import signed_in_session
from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.emulator.console import requests
from zendesk_orm.emulator.console.overview import FAILURES, STEPS


HOST = "https://emulator.zendesk.com"
CONSOLE = "/_emulator/console"
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
VOID = {"br", "hr", "input", "link", "meta"}


class Page(HTMLParser):
    """The elements of a page: names with attributes, and the text."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.open = [], "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def find(self, tag):
        """Return the attributes of the elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def browser(emulator):
    """Return a client that sends the headers of a browser."""
    return Client(emulator.wsgi)


def post(browser, path, **form):
    """Submit a form of the console, as a browser does."""
    headers = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
    return browser.post(f"{CONSOLE}/{path}", data=form, headers=headers, base_url=HOST)


def follow_links(browser, start="/", limit=60):
    """Return the pages of the console that links lead to, by address."""
    pages, addresses = {}, [start]
    while addresses and len(pages) < limit:
        address = addresses.pop(0)
        if address in pages:
            continue
        response = browser.get(address, base_url=HOST)
        assert response.status_code == 200, address
        pages[address] = Page(response.text)
        addresses += [
            link["href"]
            for link in pages[address].find("a")
            if link["href"].startswith("/") and "/api/" not in link["href"]
        ]
    return pages


def test_pages_are_well_formed_and_labelled(emulator, browser):
    """Elements are closed, ids are unique, fields have labels, and no content is external."""
    emulator.make(Ticket, 2)
    emulator.faults.add(Fault(status=503, chance=0))
    Ticket.objects.get(1)
    problems = []
    for address, page in follow_links(browser).items():
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        problems += [f"{address}: open {page.open}"] if page.open else []
        problems += [f"{address}: ids {ids}"] if len(ids) > len(set(ids)) else []
        problems += [f"{address}: h1"] if len(page.find("h1")) != 1 else []
        for attributes in (*page.find("section"), *page.find("a")):
            if attributes.get("aria-labelledby", "x") not in {*ids, "x"}:
                problems.append(f"{address}: {attributes}")
        sources = re.findall(r"(?:src|href|action)': '((?:https?:)?//[^']*)", str(page.elements))
        problems += [f"{address}: {source}" for source in sources]
        problems += [f"{address}: style" for _, item in page.elements if "style" in item]

    assert problems == []


def test_values_are_escaped(emulator, browser):
    """Values of rows, requests and faults never become elements, whatever they contain."""
    emulator.make(Ticket, 1, subject=ATTACK, external_id=ATTACK, tags=["a"])
    emulator.faults.add(Fault(f"GET /{ATTACK.replace(' ', '')}*", status=503, body=ATTACK))
    with signed_in_session(emulator) as session:
        session.get(f"{HOST}/api/v2/search", params={"query": f"type:ticket {ATTACK}:x"})
        session.put(f"{HOST}/api/v2/tickets/1", json={"ticket": {ATTACK: ATTACK}})
        session.get(f"{HOST}/api/v2/{ATTACK}")
    pages = follow_links(browser)
    pages["error"] = Page(post(browser, "clock", step=ATTACK).text)
    pages["missing"] = Page(browser.get(f"{CONSOLE}/records/support.Ticket/{ATTACK}").text)

    assert [page.find("img") for page in pages.values() if page.find("img")] == []
    scripts = {str(script) for page in pages.values() for script in page.find("script")}
    assert scripts == {str({"src": f"{CONSOLE}/console.js", "defer": None})}
    assert sum("<script>alert(1)" in page.text for page in pages.values()) >= 6


def test_addresses_of_rows_are_no_scripts(emulator, browser):
    """A value that is an address is a link only if it leads to the emulator."""
    emulator.make(Ticket, 1, subject="javascript:alert(1)")

    page = Page(browser.get(f"{CONSOLE}/records/support.Ticket/1", base_url=HOST).text)

    assert "javascript:alert(1)" in page.text
    assert {link["href"] for link in page.find("a") if not link["href"].startswith("/")} == {
        "#content"
    }


def test_responses_forbid_foreign_content(browser):
    """The headers forbid external content, scripts in pages, and frames."""
    for path in ("/", f"{CONSOLE}/records", f"{CONSOLE}/console.js", f"{CONSOLE}/nonsense"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": HOST},
        {"Origin": "http://emulator.zendesk.com"},
    ],
)
def test_other_sites_cannot_control_the_emulator(emulator, browser, headers):
    """Pages of other sites can neither submit a form nor send a request to the control."""
    emulator.faults.add(Fault(status=503))
    before, rows = emulator.clock.now(), emulator.count_rows()
    statuses = {
        browser.open(path, method=method, data=body, headers=headers, base_url=HOST).status_code
        for method, path, body in (
            ("POST", f"{CONSOLE}/clock", {"step": "1 day"}),
            ("POST", f"{CONSOLE}/faults/clear", {}),
            ("POST", "/_emulator/clock", '{"days": 1}'),
            ("POST", "/_emulator/reset", ""),
            ("PATCH", "/_emulator/switches", '{"index_lag": 1}'),
            ("DELETE", "/_emulator/faults", ""),
        )
    }

    assert statuses == {403}
    assert (emulator.clock.now(), emulator.count_rows()) == (before, rows)
    assert (len(emulator.faults), emulator.switches.index_lag) == (1, 0)


def test_names_of_other_sites_read_and_change_nothing(emulator, browser):
    """A request from this machine must use one of its names, not one that another site gave it."""
    local = {"environ_base": {"REMOTE_ADDR": "127.0.0.1"}}
    paths = ("/", f"{CONSOLE}/records", "/_emulator/rows", "/api/v2/users/me", "/oauth/tokens")
    hosts = ("127.0.0.1:8080", "localhost", "acme.localhost:1", "[::1]:1", "192.168.1.2:8080")
    foreign = ("evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "evil")

    def request(host):
        responses = [browser.get(path, base_url=f"http://{host}", **local) for path in paths]
        origin = {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        options = {"data": {"step": "1 minute"}, "base_url": f"http://{host}", "headers": origin}
        responses.append(browser.post(f"{CONSOLE}/clock", **options, **local))
        return {response.status_code == 403 for response in responses}

    rejected = {host: request(host) for host in (*hosts, *foreign, socket.gethostname())}
    emulator.switches.allowed_hosts = "evil.example tunnel.example"

    assert [host for host, answer in rejected.items() if answer == {True}] == list(foreign)
    assert [host for host, answer in rejected.items() if answer not in ({True}, {False})] == []
    assert request("evil.example:8080") == {False}
    # Other machines may have other names for this one.
    assert browser.get("/", base_url="http://emulator.internal").status_code == 200


def test_programs_may_control_the_emulator(emulator, browser):
    """Programs, which send no `Origin`, need no header."""
    assert browser.post("/_emulator/clock", data='{"days": 1}').status_code == 200


def test_buttons_advance_the_clock(emulator, browser):
    """Each button advances the clock by its duration, and leads back to the overview."""
    before = emulator.clock.now()
    responses = [post(browser, "clock", step=step) for step in STEPS]
    page = Page(browser.get("/").text)

    assert {(response.status_code, response.location) for response in responses} == {
        (303, "/#clock")
    }
    assert emulator.clock.now() - before == 60 + 3600 + 86_400 * 31
    assert [item["value"] for item in page.find("button") if item.get("name") == "step"] == list(
        STEPS
    )


def test_faults_are_injected_and_removed(emulator, browser):
    """Each failure of the form is injected as a fault, and removed by its own button."""
    for name in FAILURES:
        post(browser, "faults", route=" GET /api/v2/users* ", failure=name, chance="50", times="3")
    added = list(emulator.faults)
    page = Page(browser.get("/").text)
    hidden = [item["value"] for item in page.find("input") if item.get("name") == "fault"]
    numbers = []
    for value in hidden:
        assert post(browser, "faults/remove", fault=value).status_code == 303
        numbers.append(len(emulator.faults))

    assert {(fault.route, fault.chance, fault.times) for fault in added} == {
        ("GET /api/v2/users*", 0.5, 3)
    }
    assert numbers == list(range(len(FAILURES) - 1, -1, -1))


def test_all_faults_are_removed(emulator, browser):
    """A button removes all faults."""
    for status in (500, 503):
        emulator.faults.add(Fault(status=status))

    assert post(browser, "faults/clear").status_code == 303
    assert len(emulator.faults) == 0


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("clock", {}),
        ("clock", {"step": "1 year"}),
        ("faults", {}),
        ("faults", {"failure": "503 Service Unavailable", "route": "nonsense"}),
        ("faults", {"failure": "503 Service Unavailable", "route": "*", "chance": "x"}),
        ("faults", {"failure": "503 Service Unavailable", "route": "*", "chance": "900"}),
        ("faults", {"failure": "503 Service Unavailable", "route": "*", "times": "0"}),
        ("faults/remove", {"fault": "{"}),
        ("faults/remove", {"fault": "[]"}),
        ("faults/remove", {"fault": "[" * 100_000}),
        ("faults/remove", {"fault": '{"nonsense": 1}'}),
    ],
)
def test_invalid_forms_are_rejected(emulator, browser, path, form):
    """An invalid form changes nothing, and the overview shows the reason."""
    before = emulator.clock.now()

    response = post(browser, path, **form)
    page = Page(response.text)

    assert response.status_code == 400
    assert [item for _, item in page.elements if item.get("role") == "alert"]
    assert (emulator.clock.now(), len(emulator.faults)) == (before, 0)


def test_every_row_is_on_one_page(emulator, browser):
    """The pages of a model show each of its rows once, the one with the highest id first."""
    emulator.make(Ticket, 120)
    emulator.archive(7)
    ids, address = [], f"{CONSOLE}/records/support.Ticket"
    addresses = []
    while address:
        addresses.append(address)
        page = Page(browser.get(address).text)
        prefix = f"{CONSOLE}/records/support.Ticket/"
        ids += [int(a["href"][len(prefix) :]) for a in page.find("a") if prefix in a["href"]]
        links = [a["href"] for a in page.find("a") if "before=" in a["href"]]
        address = links[0] if links else None
    back = [a["href"] for a in page.find("a") if "after=" in a["href"]]
    previous = Page(browser.get(back[0]).text)

    assert ids == list(range(120, 0, -1))
    assert len(addresses) == 3
    assert f"{CONSOLE}/records/support.Ticket/70" in {a["href"] for a in previous.find("a")}
    assert "archived" in Page(browser.get(f"{CONSOLE}/records/support.Ticket/7").text).text


def test_a_distant_page_of_generated_rows_builds_few_rows(emulator, browser):
    """A page in the middle of a million generated rows builds the rows of this page alone."""
    numbers = []
    emulator.generate(Ticket, 1_000_000, lambda number: numbers.append(number) or {"subject": "x"})
    numbers.clear()

    response = browser.get(f"{CONSOLE}/records/support.Ticket?before=500000")

    assert "499950" in response.text
    assert len(set(numbers)) < 1000


def test_a_row_leads_to_its_relations(emulator, browser):
    """The page of a row links the rows that it refers to, and those that belong to it."""
    ticket = emulator.make(Ticket)[0]
    page = Page(browser.get(f"{CONSOLE}/records/support.Ticket/1").text)
    links = {link["href"] for link in page.find("a")}

    assert f"{CONSOLE}/records/support.User/{ticket.requester_id}" in links
    assert f"{CONSOLE}/records/support.Comment?parent=1" in links
    comments = Page(browser.get(f"{CONSOLE}/records/support.Comment?parent=1").text)
    assert "Please help with 1." in comments.text


def test_models_that_do_not_exist_have_no_page(browser):
    """The status of a page of an unknown model is 404."""
    for kind in ("nonsense", "support.Nonsense", "support", ".", ATTACK):
        path = f"{CONSOLE}/records/{quote(kind, safe='')}"
        statuses = [browser.get(f"{path}{suffix}").status_code for suffix in ("", "/1")]
        assert statuses == [404, 404], kind


def test_a_page_that_fails_is_an_error(emulator, browser, monkeypatch):
    """A fault of a page is an error page, and is logged; further requests are answered."""
    monkeypatch.setattr(requests, "build_requests", lambda emulator: {}["x"])

    response = browser.get(f"{CONSOLE}/requests")

    assert (response.status_code, Page(response.text).find("h1")) == (500, [{}])
    assert browser.get("/").status_code == 200


def test_an_id_opens_a_row(browser):
    """The form of a model leads to the row with an id."""
    response = browser.get(f"{CONSOLE}/records/support.Ticket?id=+17/2")

    assert response.location == f"{CONSOLE}/records/support.Ticket/17%2F2"
    assert browser.get(response.location).status_code == 404


def test_secrets_are_not_shown(browser):
    """Secrets of requests and rows are replaced by dots."""
    with Emulator(token="key-of-api") as emulator:
        client = Client(emulator.wsgi)
        headers = {"Authorization": "Basic b3duZXJAZXhhbXBsZS5jb20vdG9rZW46a2V5LW9mLWFwaQ=="}
        body = {"user": {"name": "Ada", "password": "unseen-1"}}
        client.post("/api/v2/users?access_token=unseen-2", json=body, headers=headers)
        texts = [
            client.get(path).text
            for path in ("/", f"{CONSOLE}/requests", f"{CONSOLE}/requests/1", f"{CONSOLE}/records")
        ]

    assert "Ada" in texts[2]
    assert [text for text in texts if "unseen" in text or "key-of-api" in text] == []


def test_new_requests_are_sent_to_the_script(emulator, browser):
    """The script gets the requests after a number as rows, with their total and the time."""
    emulator.make(Ticket)
    Ticket.objects.get(1)
    total = emulator.log.total
    Ticket.objects.filter(status="open").count()

    new = browser.get(f"{CONSOLE}/requests/rows?after={total}")
    none = browser.get(f"{CONSOLE}/requests/rows?after={total + 1}")
    restarted = browser.get(f"{CONSOLE}/requests/rows?after=99")

    assert (new.headers["X-Total"], new.text.count("<tr>")) == (str(total + 1), 1)
    assert none.text == ""
    assert restarted.text.count("<tr>") == total + 1
    assert new.headers["X-Clock"].endswith("UTC")


def test_the_cost_of_requests_is_logged(emulator):
    """The log has the duration of each request, its limits, and their remaining requests."""
    emulator.switches.requests_per_minute = 100
    with signed_in_session(emulator) as session:
        emulator.clear_log()
        for path in ("search?query=x", "incremental/tickets/cursor?start_time=1", "users/me"):
            session.get(f"{HOST}/api/v2/{path}")
    entries = [entry for entry in emulator.log if entry.path.startswith("/api")]

    assert [entry.limits for entry in entries] == [
        ("account", "search-index"),
        ("account", "incremental-exports"),
        ("account",),
    ]
    assert [entry.remaining for entry in entries] == [99, 98, 97]
    assert all(entry.milliseconds > 0 for entry in entries)


def test_pages_are_not_requests_to_the_api(emulator, browser):
    """Pages of the console are neither logged nor limited, and no fault applies to them."""
    emulator.switches.requests_per_minute = 1
    emulator.faults.add(Fault("*", status=500))
    emulator.clear_log()

    statuses = {browser.get(path).status_code for path in ("/", f"{CONSOLE}/requests", "/")}

    assert statuses == {200}
    assert (emulator.requests, len(emulator.log)) == ([], 0)


def test_paths_of_the_api_are_not_pages(emulator, browser):
    """Every path other than `/` and those below `/_emulator/` belongs to the API."""
    for path in ("/api/v2", "/api/v2/records", "/records", "//", "/console", "/agent/tickets/1"):
        response = browser.get(path)
        assert response.headers.get("Content-Security-Policy") is None, path
        assert "text/html" not in response.headers.get("Content-Type", ""), path
