"""Parameters that change the form of rows, or which rows are returned."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket


_CREATOR = {"creator_app_name", "creator_user_id"}


def _list_ignored(zendesk):
    return sorted(map(str, zendesk.emulator.ignored))


def test_the_creator_of_ticket_fields_is_shown_on_request(zendesk):
    """Responses contain the creator of ticket fields with `creator=true` alone."""
    created = zendesk.create("ticket_fields", type="text", title="Code")
    path = f"ticket_fields/{created['id']}"

    def read(**params):
        body = {"ticket_field": {"title": "New"}}
        updated = zendesk.send("PUT", path, body, params=params).json()["ticket_field"]
        shown = zendesk.get(path, **params)["ticket_field"]
        (many,) = zendesk.get("ticket_fields/show_many", ids=created["id"], **params)[
            "ticket_fields"
        ]
        rows = zendesk.get("ticket_fields", **params)["ticket_fields"]
        return [_CREATOR & row.keys() for row in (updated, shown, many, *rows)]

    assert not _CREATOR & created.keys()
    assert (
        set(map(frozenset, read())) == set(map(frozenset, read(creator="false"))) == {frozenset()}
    )
    assert set(map(frozenset, read(creator="true"))) == {frozenset(_CREATOR)}
    assert _list_ignored(zendesk) == []


def test_the_creators_of_fields_are_side_loaded(zendesk):
    """The side-load of creators does not depend on their keys."""
    zendesk.create("ticket_fields", type="text", title="Code")

    users = zendesk.get("ticket_fields", include="users")["users"]

    assert zendesk.get("users/me")["user"]["id"] in {user["id"] for user in users}


def test_the_default_form_stands_in_for_unusable_forms(zendesk):
    """`fallback_to_default` returns the default form if no active and visible one is selected."""
    (default,) = zendesk.get("ticket_forms")["ticket_forms"]
    hidden = zendesk.create("ticket_forms", name="Hidden", end_user_visible=False)["id"]

    def select(path="ticket_forms/show_many", **params):
        return [row["id"] for row in zendesk.get(path, **params)["ticket_forms"]]

    assert select(ids=hidden) == [hidden]
    assert select(ids=hidden, fallback_to_default="true") == [default["id"]]
    assert select(ids=default["id"], fallback_to_default="true") == [default["id"]]
    assert select("ticket_forms", active="false", fallback_to_default="true") == [default["id"]]


def test_dynamic_content_is_resolved_on_request(zendesk):
    """`resolve_dc` and `locale` replace the placeholders of dynamic content in names."""
    german = next(row for row in zendesk.get("locales")["locales"] if row["locale"] == "de")["id"]
    variants = [
        {"locale_id": 1, "content": "Size", "default": True},
        {"locale_id": german, "content": "Groesse", "default": False},
    ]
    item = {"name": "Size", "default_locale_id": 1, "variants": variants}
    zendesk.send("POST", "dynamic_content/items", {"item": item})
    for kind in ("user_field", "organization_field"):
        body = {kind: {"key": "size", "type": "text", "title": "{{dc.size}}"}}
        assert zendesk.send("POST", f"{kind}s", body).status_code == 201
    field = zendesk.create("ticket_fields", type="text", title="{{dc.size}}")["id"]
    form = zendesk.create("ticket_forms", name="{{dc.size}}")["id"]

    def find(path, pk=None, **params):
        rows = zendesk.get(path, **params)[path]
        return next(row for row in rows if pk in (None, row["id"]) and "raw_" in str(row.keys()))

    for path in ("user_fields", "organization_fields"):
        row = find(path, resolve_dc="true")
        assert (row["title"], row["raw_title"]) == ("Size", "{{dc.size}}")
        assert find(path)["title"] == find(path, resolve_dc="false")["title"] == "{{dc.size}}"
    titles = [
        find("ticket_fields", field, locale=locale)["title_in_portal"]
        for locale in ("de", german, "en-US")
    ]
    assert titles == ["Groesse", "Groesse", "Size"]
    assert find("ticket_forms", form, locale="de")["name"] == "Groesse"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("tickets", "statsu"),
        ("tickets/1", "page"),
        ("users/me", "nonsense"),
        ("groups", "exclude_deleted"),
        ("search?query=x", "sort"),
    ],
)
def test_parameters_that_no_handler_reads_are_counted(zendesk, path, parameter):
    """A parameter without effect, such as a misspelt one, is counted as ignored."""
    zendesk.create_ticket()

    zendesk.get(path, **{parameter: "x" if parameter != "page" else "1"})

    (part,) = zendesk.emulator.ignored
    assert (part.kind, part.name) == ("parameter", parameter)


def test_parameters_of_failed_requests_are_not_counted(zendesk):
    """A request that fails ignores nothing."""
    assert zendesk.send("GET", "tickets/404", params={"x": "1"}).status_code == 404
    assert _list_ignored(zendesk) == []


@pytest.mark.parametrize("path", ["search", "search/count", "search/export?filter[type]=ticket"])
def test_searches_need_a_query(zendesk, path):
    """A search without `query` is an error, unless the switch is off; a blank one matches all."""
    response = zendesk.send("GET", path)
    assert (response.status_code, response.json()["error"]) == (400, "ParameterMissing")
    for query in ("", " "):
        assert zendesk.send("GET", path, params={"query": query}).status_code == 200

    zendesk.emulator.switches.query_required = False
    assert zendesk.send("GET", path).status_code == 200


def test_unusual_queries_are_answered(zendesk):
    """NUL characters match nothing; an unknown type is an error; unknown orders are counted."""
    zendesk.create_ticket()
    for query in ("\0", "a\0b", "subject:\0", '"\0"', "x\0y*"):
        assert zendesk.search(query) == []
    for params in ({}, {"filter[type]": ""}, {"filter[type]": "nonsense"}):
        response = zendesk.send("GET", "search/export", params={"query": "a", **params})
        assert response.status_code == 400
    assert len(zendesk.search("printer", sort_by="nonsense", sort_order="up")) == 1
    assert _list_ignored(zendesk) == [
        "GET search: parameter sort_by=nonsense",
        "GET search: parameter sort_order=up",
    ]


def test_rows_are_selected_by_described_parameters(zendesk):
    """Members have external ids, tickets change after a time, and users have telephone numbers."""
    user = zendesk.create(
        "users", name="Kim", email="kim@example.com", external_id="e-1", phone="+4930123"
    )
    organization = zendesk.create("organizations", name="Acme")
    zendesk.send("PUT", f"users/{user['id']}", {"user": {"organization_id": organization["id"]}})
    path = f"organizations/{organization['id']}/users"
    first = zendesk.create_ticket()["id"]
    zendesk.clock.sleep(100)
    second = zendesk.create_ticket()["id"]

    def select(path, **params):
        rows = next(iter(zendesk.get(path, **params).values()))
        return [row["id"] for row in rows]

    assert select(path, external_id="e-1") == [user["id"]]
    assert select(path, external_id="e-2") == []
    assert select("users/autocomplete", phone="+4930") == [user["id"]]
    assert {first, second} == set(select("tickets"))
    assert select("tickets", start_time=int(zendesk.clock.now()) - 50) == [second]


def test_deleted_users_are_shown_on_request(zendesk):
    """`include_deleted` adds deleted users to those with some ids."""
    pk = zendesk.create("users", name="Kim", email="kim@example.com")["id"]
    zendesk.send("DELETE", f"users/{pk}")

    assert zendesk.get("users/show_many", ids=pk)["users"] == []
    (user,) = zendesk.get("users/show_many", ids=pk, include_deleted="true")["users"]
    assert (user["id"], user["active"]) == (pk, False)


def test_triggers_are_found_by_attributes(zendesk):
    """`filter` is a JSON object of attributes; another text is an error."""
    status = {"field": "status", "operator": "is", "value": "new"}
    values = {"actions": [{"field": "status", "value": "open"}], "all": [status]}
    for title in ("Close", "Open"):
        zendesk.create("triggers", title=title, description=f"{title} a ticket", **values)

    def search(text):
        return zendesk.send("GET", "triggers/search", params={"filter": text})

    triggers = search('{"json": {"description": "close a ticket"}}').json()["triggers"]
    assert [row["title"] for row in triggers] == ["Close"]
    for text in ("x", "[]", '{"json": 1}', '{"json": {"a\'b": 1}}', '{"json": {"title": []}}'):
        assert search(text).status_code == 400


def test_metric_events_are_built_page_by_page(zendesk):
    """A page of metric events reads some hundred of many tickets; all pages have all events."""
    built = []

    def build(number):
        built.append(number)
        return {"subject": f"No. {number}"}

    zendesk.emulator.generate(Ticket, 50_000, build, days=300)
    path = "incremental/ticket_metric_events"

    body = zendesk.get(path, start_time=1)
    second = zendesk.get(path, start_time=body["end_time"])
    page = zendesk.get(path, start_time=1, **{"page[size]": 100})

    events = [row["id"] for row in body["ticket_metric_events"]]
    assert len(events) >= 1_000
    assert [row["id"] for row in page["ticket_metric_events"]] == events[:100]
    assert page["meta"]["has_more"]
    assert second["ticket_metric_events"][-1]["id"] not in events
    assert len(built) < 15_000


def test_metric_events_of_both_styles_are_equal(zendesk):
    """Pages by time and by cursor contain all events, each once and in the same order."""
    for _ in range(9):
        pk = zendesk.create_ticket()["id"]
        zendesk.create_ticket()
        zendesk.clock.sleep(3_600)
        zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"status": "solved"}})
    zendesk.clock.sleep(100)
    path, key = "incremental/ticket_metric_events", "ticket_metric_events"
    expected = [row["id"] for row in zendesk.get(path, start_time=1)[key]]
    by_time: dict[int, None] = {}
    start, rows = 1, [None]
    while rows:
        body = zendesk.get(path, start_time=start, per_page=7)
        rows = [row["id"] for row in body[key] if row["id"] not in by_time]
        by_time |= dict.fromkeys(rows)
        start = body["end_time"]
    by_cursor, params = [], {"page[size]": 7}
    while "page[after]" not in params or params["page[after]"]:
        body = zendesk.get(path, start_time=1, **params)
        by_cursor += [row["id"] for row in body[key]]
        params["page[after]"] = body["meta"]["has_more"] and body["meta"]["after_cursor"]

    assert len(expected) > 60
    assert list(by_time) == by_cursor == expected
