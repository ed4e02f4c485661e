"""Search: what each keyword finds."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator


@pytest.fixture
def shelf(zendesk):
    """Make a few rows of each type, and return their ids by name."""
    ids = {}
    ids["acme"] = zendesk.made("organizations", name="Acme Foods", tags=["vip"])["id"]
    ids["hardware"] = zendesk.made("groups", name="Hardware")["id"]
    ids["ada"] = zendesk.made(
        "users",
        name="Ada Lovelace",
        email="ada@acme.example",
        role="agent",
        phone="+49301",
        default_group_id=ids["hardware"],
    )["id"]
    ids["ben"] = zendesk.made(
        "users", name="Ben Bit", organization_id=ids["acme"], user_fields={"plan": "gold"}
    )["id"]
    field = {"type": "tagger", "title": "Product"}
    answer = zendesk.send("POST", "ticket_fields", {"ticket_field": field})
    ids["product"] = answer.json()["ticket_field"]["id"]
    ids["fire"] = zendesk.ticket(
        subject="Printer on fire",
        comment={"body": "Smoke everywhere"},
        priority="urgent",
        tags=["vip", "printer"],
        assignee_id=ids["ada"],
        type="incident",
    )["id"]
    zendesk.clock.sleep(86_400)
    ids["toner"] = zendesk.ticket(
        subject="Toner and photographs",
        comment={"body": "None left", "public": False},
        priority="low",
        tags=["printer"],
        requester_id=ids["ben"],
        custom_fields=[{"id": ids["product"], "value": "laser"}],
        external_id="X-1",
        collaborators=[ids["ada"]],
    )["id"]
    zendesk.clock.sleep(86_400)
    ids["plain"] = zendesk.ticket(
        subject="Question", status="solved", due_at="2026-10-01T00:00:00Z"
    )["id"]
    return ids


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "plain toner fire"),
        ("*", "plain toner fire"),
        ("fire", "fire"),
        ("FIR", "fire"),
        ("ire", ""),
        ("smoke", "fire"),
        ("printer fire", "fire"),
        ('"on fire"', "fire"),
        ('"fire on"', ""),
        ("-fire", "plain toner"),
        ("subject:photo", ""),
        ("subject:photo*", "toner"),
        ('subject:"on fire"', "fire"),
        ("-subject:toner", "plain fire"),
        ("description:smoke", "fire"),
        ("comment:left", "toner"),
        ("status:new", "toner"),
        ("status:new status:solved", "plain toner"),
        ("status<solved", "toner fire"),
        ("status>=solved", "plain"),
        ("-status:solved", "toner fire"),
        ("priority>low", "fire"),
        ("priority<=normal", "toner"),
        ("priority:none", "plain"),
        ("-priority:low", "plain fire"),
        ("ticket_type:incident", "fire"),
        ("tags:vip", "fire"),
        ("tags:VIP", "fire"),
        ("tags:pri*", "toner fire"),
        ("tags:vip tags:laser", "toner fire"),
        ('tags:"vip printer"', "fire"),
        ('tags:"vip laser"', ""),
        ("tags:none", "plain"),
        ("-tags:vip -tags:laser", "plain"),
        ("created:2026-09-22", "toner"),
        ("created>2026-09-21", "plain toner"),
        ("created>=2026-09-22", "plain toner"),
        ("created<2026-09-22", "fire"),
        ("created<=2026-09-22", "toner fire"),
        ("created>2026-09-21T14:13:20Z", "plain toner"),
        ("created>=2026-09-21T16:13:20+02:00", "plain toner fire"),
        ("created>25hours", "plain toner"),
        ("created<25hours", "fire"),
        ("created>30hours created<20hours", "toner"),
        ("solved>1weeks", "plain"),
        ("due_date:2026-10-01", "plain"),
        ("due_date:none", "toner fire"),
        ("requester:me", "plain fire"),
        ("requester:ben", "toner"),
        ("requester:be*", "toner"),
        ("-requester:ben", "plain fire"),
        ("assignee:ada@acme.example", "fire"),
        ("assignee:+49301", "fire"),
        ("assignee:none", "plain toner"),
        ("commenter:me", "plain toner fire"),
        ("cc:ada", "toner"),
        ("group:hardware", "fire"),
        ("group:none", "plain toner"),
        ('organization:"acme foods"', "toner"),
        ("organization:none", "plain fire"),
        ("brand:emulator", "plain toner fire"),
        ("via:api", "plain toner fire"),
        ("via:mail", ""),
        ("fieldvalue:laser", "toner"),
        ("external_id:x-1", "toner"),
        ("has_attachment:true", ""),
        ("has_attachment:false", "plain toner fire"),
        ("nonsense:1", ""),
    ],
)
def test_tickets_are_found(zendesk, shelf, query, names):
    """A query finds these tickets, the newest first."""
    assert [shelf[name] for name in names.split()] == zendesk.found(f"type:ticket {query}")


def test_tickets_are_found_by_ids(zendesk, shelf):
    """Ids name persons, groups, organizations, fields, and tickets by themselves."""
    queries = {
        f"{shelf['toner']}": "toner",
        f"requester:{shelf['ben']}": "toner",
        f"assignee:{shelf['ada']}": "fire",
        f"group:{shelf['hardware']}": "fire",
        f"organization:{shelf['acme']}": "toner",
        f"custom_field_{shelf['product']}:laser": "toner",
    }

    found = {query: zendesk.found(f"type:ticket {query}") for query in queries}

    assert {query: [shelf[name]] for query, name in queries.items()} == found


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("type:user ada", "ada"),
        ("type:user name:lovelace", "ada"),
        ("type:user email:ada@acme.example", "ada"),
        ('type:user email:"acme.example"', "ada"),
        ("type:user role:agent", "ada"),
        ("type:user phone:+49301", "ada"),
        ("type:user group:hardware", "ada"),
        ("type:user organization:acme", "ben"),
        ("type:user plan:gold", "ben"),
        ("type:organization tags:vip", "acme"),
        ("type:organization name:acme", "acme"),
        ("type:group name:hardware", "hardware"),
        ("lovelace", "ada"),
    ],
)
def test_other_types_are_found(zendesk, shelf, query, name):
    """A query finds this row."""
    assert [shelf[name]] == zendesk.found(query)


def test_each_result_says_its_type(zendesk, shelf):
    """A search over all types gives rows of each, and each says what it is."""
    results = zendesk.get("search", query="created>1970-01-01")["results"]

    assert {"ticket", "user", "organization", "group"} == {row["result_type"] for row in results}


def test_results_are_sorted(zendesk, shelf):
    """`sort_by`, or `order_by:` in the query, sorts; the default is descending."""
    fire, toner, plain = shelf["fire"], shelf["toner"], shelf["plain"]

    # A ticket without a priority is the last of ascending ones.
    assert [plain, fire, toner] == zendesk.found("type:ticket", sort_by="priority")
    assert [toner, fire, plain] == zendesk.found(
        "type:ticket", sort_by="priority", sort_order="asc"
    )
    assert [fire, toner, plain] == zendesk.found("type:ticket order_by:created sort:asc")


def test_search_stops_at_a_thousand(demo_zendesk):
    """The tenth page of a hundred is the last; the count is true, and the link leads on."""
    last = demo_zendesk.get("search", query="type:ticket", page=10)

    beyond = demo_zendesk.send("GET", last["next_page"])

    assert 3000 == last["count"] == demo_zendesk.get("search/count", query="type:ticket")["count"]
    assert (422, "invalid") == (beyond.status_code, beyond.json()["error"])


def test_an_export_gives_everything_once(demo_zendesk):
    """An export walks past the thousand, the newest first, and each row comes once."""
    params = {"query": "", "filter[type]": "ticket", "page[size]": 1000}
    data = demo_zendesk.get("search/export", **params)
    rows = data["results"]
    while data["meta"]["has_more"]:
        data = demo_zendesk.get(data["links"]["next"])
        rows += data["results"]

    assert list(range(3000, 0, -1)) == [row["id"] for row in rows]
    assert data["links"]["prev"] is None


def test_the_cursor_of_an_export_expires(zendesk, shelf):
    """An hour after it was given, the cursor of an export leads nowhere."""
    params = {"query": "", "filter[type]": "ticket", "page[size]": 1}
    first = zendesk.get("search/export", **params)["links"]["next"]
    zendesk.clock.sleep(3599)
    second = zendesk.get(first)["links"]["next"]

    zendesk.clock.sleep(3599)
    answer = zendesk.send("GET", first)

    assert (400, "InvalidCursor") == (answer.status_code, answer.json()["errors"][0]["code"])
    assert zendesk.get(second)["results"]


def test_how_long_a_cursor_lasts_is_a_switch(zendesk, shelf):
    """How long it lasts, and what is answered then, can be changed: the latter is unconfirmed."""
    zendesk.emulator.switches.export_cursor_seconds = 60
    zendesk.emulator.switches.expired_cursor_status = 422
    params = {"query": "", "filter[type]": "ticket", "page[size]": 1}
    link = zendesk.get("search/export", **params)["links"]["next"]

    zendesk.clock.sleep(61)

    assert 422 == zendesk.send("GET", link).status_code


def test_a_search_without_a_type_finds_all_types(zendesk, shelf):
    """Every row says its type; sorted, they are walked page by page, each once."""
    params = {"query": "vip ada hardware", "per_page": 2}
    assert [] == zendesk.get("search", **params)["results"]

    params = {"query": "created>2026-01-01", "sort_by": "created_at", "sort_order": "asc"}
    link, seen = None, []
    while link or not seen:
        data = zendesk.get(link) if link else zendesk.get("search", per_page=3, **params)
        seen += data["results"]
        link = data["next_page"]

    types = [row["result_type"] for row in seen]
    assert {"ticket", "user", "organization", "group"} == set(types)
    assert data["count"] == len(seen) == len({(row["result_type"], row["id"]) for row in seen})
    assert sorted(row["created_at"] for row in seen) == [row["created_at"] for row in seen]
    assert [shelf["toner"], shelf["plain"]] == [row["id"] for row in seen[-2:]]
    backwards = zendesk.get("search", **{**params, "sort_order": "desc"})["results"]
    assert types[::-1] == [row["result_type"] for row in backwards]


@pytest.mark.parametrize("params", [{}, {"filter[type]": "brand"}])
def test_an_export_wants_a_type(zendesk, params):
    """An export of no type, or of one that search does not know, is refused."""
    assert 400 == zendesk.send("GET", "search/export", params=params).status_code


def test_a_date_has_to_be_one(zendesk):
    """A query with a date that is none is invalid."""
    answer = zendesk.send("GET", "search", params={"query": "created>yesterday"})

    assert (422, "invalid") == (answer.status_code, answer.json()["error"])


def test_search_can_lag(zendesk):
    """With a lagging index, rows are found as they were some seconds ago."""
    zendesk.emulator.switches.index_lag = 60
    pk = zendesk.ticket()["id"]

    at_once = zendesk.found("type:ticket")
    zendesk.clock.sleep(60)
    later = zendesk.found("type:ticket printer")
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "Toner"}})
    before = zendesk.found("type:ticket subject:toner"), zendesk.found("type:ticket printer")
    zendesk.clock.sleep(60)

    assert ([], [pk]) == (at_once, later)
    assert ([], [pk]) == before
    assert [pk] == zendesk.found("type:ticket subject:toner")


def test_days_can_begin_at_midnight(zendesk):
    """Whether `>` a day begins after it is unconfirmed, so there is a switch."""
    pk = zendesk.ticket()["id"]
    zendesk.emulator.switches.days_are_whole = False

    assert [pk] == zendesk.found("type:ticket created>2026-09-21")
    assert [] == zendesk.found("type:ticket created<=2026-09-21")


def test_tickets_may_not_be_found_by_external_id(zendesk):
    """Whether search knows the external ids of tickets is unconfirmed, so there is a switch."""
    zendesk.ticket(external_id="X-1")
    zendesk.emulator.switches.external_id_searchable = False

    assert [] == zendesk.found("type:ticket external_id:X-1")


def test_a_query_cannot_reach_the_database():
    """What looks like SQL is looked for like any other word, or is no keyword at all."""
    with Emulator() as emulator, signed_in_session(emulator) as session:
        answers = [
            session.get("https://emulator.zendesk.com/api/v2/search", params={"query": query})
            for query in ("' OR 1=1 --", "type:user \"');--", "type:user x.y:1", 'type:user a"b:1')
        ]

    assert [200] * 4 == [answer.status_code for answer in answers]
