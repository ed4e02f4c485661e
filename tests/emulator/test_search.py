"""Search: keywords, sorting, pages and exports."""

from __future__ import annotations

from random import Random

import pytest

from tests.emulator.conftest import Client
from tests.tokens import signed_in_session
from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.search import handlers
from zendesk_orm.emulator.storage.store import ARCHIVED


@pytest.fixture
def rows_by_name(zendesk):
    """Create a few rows of each type, and return their ids by name."""
    ids = {}
    ids["acme"] = zendesk.create("organizations", name="Acme Foods", tags=["vip"])["id"]
    ids["hardware"] = zendesk.create("groups", name="Hardware")["id"]
    ids["ada"] = zendesk.create(
        "users",
        name="Ada Lovelace",
        email="ada@acme.example",
        role="agent",
        phone="+49301",
        default_group_id=ids["hardware"],
    )["id"]
    zendesk.create("user_fields", type="text", title="Plan", key="plan")
    ids["ben"] = zendesk.create(
        "users", name="Ben Bit", organization_id=ids["acme"], user_fields={"plan": "gold"}
    )["id"]
    field = {"type": "tagger", "title": "Product"}
    response = zendesk.send("POST", "ticket_fields", {"ticket_field": field})
    ids["product"] = response.json()["ticket_field"]["id"]
    ids["fire"] = zendesk.create_ticket(
        subject="Printer on fire",
        comment={"body": "Smoke everywhere"},
        priority="urgent",
        tags=["vip", "printer"],
        assignee_id=ids["ada"],
        type="incident",
    )["id"]
    zendesk.clock.sleep(86_400)
    ids["toner"] = zendesk.create_ticket(
        subject="Toner and photographs",
        comment={"body": "None left", "public": False},
        priority="low",
        tags=["printer"],
        requester_id=ids["ben"],
        custom_fields=[{"id": ids["product"], "value": "laser"}],
        external_id="X-1",
        email_ccs=[{"user_id": ids["ada"]}],
    )["id"]
    zendesk.clock.sleep(86_400)
    ids["plain"] = zendesk.create_ticket(
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
        ("assignee:none", "toner"),
        ("commenter:me", "plain toner fire"),
        ("cc:ada", "toner"),
        ("group:hardware", "fire"),
        ("group:none", "toner"),
        ('organization:"acme foods"', "toner"),
        ("organization:none", "plain fire"),
        ("brand:emulator", "plain toner fire"),
        ("via:api", "plain toner fire"),
        ("via:mail", ""),
        ("fieldvalue:laser", "toner"),
        ('form:"default ticket form"', "plain toner fire"),
        ("form:other", ""),
        ("satisfaction:good", ""),
        ("external_id:x-1", "toner"),
        ("has_attachment:true", ""),
        ("has_attachment:false", "plain toner fire"),
        ("nonsense:1", ""),
    ],
)
def test_a_query_finds_tickets(zendesk, rows_by_name, query, names):
    """A query returns the expected tickets, the newest first."""
    assert zendesk.search(f"type:ticket {query}") == [rows_by_name[name] for name in names.split()]


def test_a_query_finds_tickets_by_ids(zendesk, rows_by_name):
    """Tickets are found by their id, and by ids of users, groups, organizations and fields."""
    queries = {
        f"{rows_by_name['toner']}": "toner",
        f"requester:{rows_by_name['ben']}": "toner",
        f"assignee:{rows_by_name['ada']}": "fire",
        f"group:{rows_by_name['hardware']}": "fire",
        f"organization:{rows_by_name['acme']}": "toner",
        f"custom_field_{rows_by_name['product']}:laser": "toner",
    }

    results = {query: zendesk.search(f"type:ticket {query}") for query in queries}

    assert results == {query: [rows_by_name[name]] for query, name in queries.items()}


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
def test_a_query_finds_rows_of_other_types(zendesk, rows_by_name, query, name):
    """A query of another type returns the expected row."""
    assert zendesk.search(query) == [rows_by_name[name]]


def test_custom_fields_are_searched_by_type(zendesk):
    """Texts are searched by words, `*` finds any value, and checkboxes may be unset."""
    kinds = {
        "text": {},
        "checkbox": {},
        "tagger": {"custom_field_options": [{"name": "Red", "value": "a_red"}]},
    }
    text, box, color = (
        zendesk.create("ticket_fields", type=kind, title=kind, **values)["id"]
        for kind, values in kinds.items()
    )
    custom = [
        {"id": text, "value": "Serial 99"},
        {"id": box, "value": True},
        {"id": color, "value": "a_red"},
    ]
    first = zendesk.create_ticket(custom_fields=custom)["id"]
    second = zendesk.create_ticket(custom_fields=[{"id": box, "value": False}])["id"]
    third = zendesk.create_ticket()["id"]
    expected = {
        f"custom_field_{text}:serial": [first],
        f"custom_field_{text}:ser": [],
        f"custom_field_{text}:ser*": [first],
        f'custom_field_{text}:"serial 99"': [first],
        f"custom_field_{text}:*": [first],
        f"custom_field_{text}:none": [third, second],
        f"custom_field_{color}:red": [],
        f"custom_field_{color}:a_red": [first],
        f"custom_field_{box}:checked": [first],
        f"custom_field_{box}:unchecked": [third, second],
        "fieldvalue:99": [first],
    }

    assert {query: zendesk.search(f"type:ticket {query}") for query in expected} == expected


def test_users_are_found_by_their_groups_and_without_a_type(zendesk, rows_by_name):
    """The keyword `group` reads memberships, and `user` finds users by their names."""
    other = zendesk.create("groups", name="Software")["id"]
    membership = {"user_id": rows_by_name["ada"], "group_id": other}
    zendesk.send("POST", "group_memberships", {"group_membership": membership})

    for query in ("type:user group:software", "type:user group:hardware", "user:lovelace"):
        assert zendesk.search(query) == [rows_by_name["ada"]]
    assert rows_by_name["ben"] in zendesk.search("type:user group:none")
    assert zendesk.emulator.ignored.describe() == ""


def test_ratings_are_searched_with_their_comments(zendesk):
    """`good` finds all good ratings, and `goodwithcomment` those with a comment."""
    ids = []
    for rating in ({"score": "good", "comment": "Thanks"}, {"score": "good"}, {"score": "bad"}):
        pk = zendesk.create_ticket(status="solved")["id"]
        path = f"tickets/{pk}/satisfaction_rating"
        assert zendesk.send("POST", path, {"satisfaction_rating": rating}).ok
        ids.append(pk)

    assert zendesk.search("satisfaction:good") == [ids[1], ids[0]]
    assert zendesk.search("satisfaction:goodwithcomment") == [ids[0]]
    assert zendesk.search("satisfaction:badwithcomment") == []


def test_results_have_their_type(zendesk, rows_by_name):
    """A search of all types returns rows of each type with the key `result_type`."""
    results = zendesk.get("search", query="created>1970-01-01")["results"]

    assert {row["result_type"] for row in results} == {"ticket", "user", "organization", "group"}


def test_results_are_sorted(zendesk, rows_by_name):
    """`sort_by`, or `order_by:` in the query, sorts the results, in descending order by default."""
    fire, toner, plain = rows_by_name["fire"], rows_by_name["toner"], rows_by_name["plain"]

    # A ticket without a priority is the last in ascending order.
    assert zendesk.search("type:ticket", sort_by="priority") == [plain, fire, toner]
    assert zendesk.search("type:ticket", sort_by="priority", sort_order="asc") == [
        toner,
        fire,
        plain,
    ]
    assert zendesk.search("type:ticket order_by:created sort:asc") == [fire, toner, plain]


def test_search_is_limited_to_a_thousand_results(demo_zendesk):
    """The tenth page of a hundred results is the last, and the count is complete."""
    last = demo_zendesk.get("search", query="type:ticket", page=10)

    beyond = demo_zendesk.send("GET", last["next_page"])

    assert 3000 == last["count"] == demo_zendesk.get("search/count", query="type:ticket")["count"]
    assert (beyond.status_code, beyond.json()["error"]) == (422, "invalid")


def test_a_search_export_returns_all_rows(demo_zendesk):
    """An export returns more than a thousand rows once each, the newest first."""
    params = {"query": "", "filter[type]": "ticket", "page[size]": 1000}
    data = demo_zendesk.get("search/export", **params)
    rows = data["results"]
    while data["meta"]["has_more"]:
        data = demo_zendesk.get(data["links"]["next"])
        rows += data["results"]

    assert [row["id"] for row in rows] == list(range(3000, 0, -1))
    assert data["links"]["prev"] is None


def test_the_cursor_of_an_export_expires(zendesk, rows_by_name):
    """The cursor of a search export expires after an hour."""
    params = {"query": "", "filter[type]": "ticket", "page[size]": 1}
    first = zendesk.get("search/export", **params)["links"]["next"]
    zendesk.clock.sleep(3599)
    second = zendesk.get(first)["links"]["next"]

    zendesk.clock.sleep(3599)
    response = zendesk.send("GET", first)

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "InvalidCursor")
    assert zendesk.get(second)["results"]


def test_the_lifetime_of_a_cursor_is_a_switch(zendesk, rows_by_name):
    """Switches set the lifetime of a cursor, and the status of the error after it."""
    zendesk.emulator.switches.export_cursor_seconds = 60
    zendesk.emulator.switches.expired_cursor_status = 422
    params = {"query": "", "filter[type]": "ticket", "page[size]": 1}
    link = zendesk.get("search/export", **params)["links"]["next"]

    zendesk.clock.sleep(61)

    assert zendesk.send("GET", link).status_code == 422


def test_a_search_without_a_type_sorts_all_rows(zendesk, rows_by_name):
    """Rows of all types are sorted together, and each is on one page."""
    params = {"query": "vip ada hardware", "per_page": 2}
    assert zendesk.get("search", **params)["results"] == []

    params = {"query": "created>2026-01-01", "sort_by": "created_at", "sort_order": "asc"}
    link, seen = None, []
    while link or not seen:
        data = zendesk.get(link) if link else zendesk.get("search", per_page=3, **params)
        seen += data["results"]
        link = data["next_page"]

    types = [row["result_type"] for row in seen]
    assert set(types) == {"ticket", "user", "organization", "group"}
    assert data["count"] == len(seen) == len({(row["result_type"], row["id"]) for row in seen})
    assert sorted(row["created_at"] for row in seen) == [row["created_at"] for row in seen]
    assert [row["id"] for row in seen[-2:]] == [rows_by_name["toner"], rows_by_name["plain"]]
    backwards = zendesk.get("search", **{**params, "sort_order": "desc"})["results"]
    assert types[::-1] == [row["result_type"] for row in backwards]


@pytest.mark.parametrize("params", [{}, {"filter[type]": "brand"}])
def test_export_requires_a_type(zendesk, params):
    """An export without a type, or with an unknown one, is rejected."""
    assert zendesk.send("GET", "search/export", params=params).status_code == 400


def test_invalid_date_is_rejected(zendesk):
    """A query with an invalid date is rejected with 422."""
    response = zendesk.send("GET", "search", params={"query": "created>yesterday"})

    assert (response.status_code, response.json()["error"]) == (422, "invalid")


def test_the_index_lags(zendesk):
    """With an index lag, search returns the rows as they were some seconds before."""
    zendesk.emulator.switches.index_lag = 60
    pk = zendesk.create_ticket()["id"]

    at_once = zendesk.search("type:ticket")
    zendesk.clock.sleep(60)
    later = zendesk.search("type:ticket printer")
    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "Toner"}})
    before = zendesk.search("type:ticket subject:toner"), zendesk.search("type:ticket printer")
    zendesk.clock.sleep(60)

    assert (at_once, later) == ([], [pk])
    assert before == ([], [pk])
    assert zendesk.search("type:ticket subject:toner") == [pk]


def test_whole_days_are_a_switch(zendesk):
    """The switch `days_are_whole` sets the meaning of `>` with a date (unconfirmed)."""
    pk = zendesk.create_ticket()["id"]
    zendesk.emulator.switches.days_are_whole = False

    assert zendesk.search("type:ticket created>2026-09-21") == [pk]
    assert zendesk.search("type:ticket created<=2026-09-21") == []


def test_searching_external_ids_is_a_switch(zendesk):
    """With `external_id_searchable=False`, search does not find external ids (unconfirmed)."""
    zendesk.create_ticket(external_id="X-1")
    zendesk.emulator.switches.external_id_searchable = False

    assert zendesk.search("type:ticket external_id:X-1") == []


def test_sql_in_a_query_is_text():
    """SQL in a query is an ordinary word, or an unknown keyword."""
    with Emulator() as emulator, signed_in_session(emulator) as session:
        responses = [
            session.get("https://emulator.zendesk.com/api/v2/search", params={"query": query})
            for query in ("' OR 1=1 --", "type:user \"');--", "type:user x.y:1", 'type:user a"b:1')
        ]

    assert [response.status_code for response in responses] == [200] * 4


def test_any_tag_is_found(zendesk):
    """A tag in any script is found by its name, or by a prefix with `*`."""
    pk = zendesk.create_ticket(tags=["größe", "vip", "a-b.c"])["id"]
    many = " ".join(f"tags:t{number}" for number in range(200))

    results = [
        zendesk.search(f"type:ticket tags:{tag}") for tag in ("größe", "vip", "a-b.c", "vi*")
    ]

    assert results == [[pk]] * 4
    assert zendesk.search("type:ticket tags:vi") == []
    assert zendesk.search(f"type:ticket {many} tags:vip") == [pk]
    assert zendesk.search(f"type:ticket {many}") == []
    assert zendesk.search("type:ticket -tags:vip") == []


def test_the_index_of_words_follows_the_rows(zendesk):
    """The index follows changes, deletions and restorations of rows."""
    pk = zendesk.create_ticket(subject="Printer burns", comment={"body": "On fire 4711"})["id"]
    other = zendesk.create_ticket(subject="Burning")["id"]
    assert zendesk.search("type:ticket burn") == [other, pk]
    assert zendesk.search("type:ticket fire 471") == [pk]
    assert zendesk.search(f"type:ticket printer {pk}") == [pk]

    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "Printer is fine"}})
    assert zendesk.search("type:ticket burn") == [other]
    zendesk.send("DELETE", f"tickets/{other}")
    assert zendesk.search("type:ticket burn") == []
    zendesk.send("PUT", f"deleted_tickets/{other}/restore")
    assert zendesk.search("type:ticket burn") == [other]
    assert zendesk.search("type:ticket -burn") == [pk]


def test_files_without_an_index_get_one(tmp_path):
    """The words of a file of an earlier version are indexed when it is opened."""
    path = str(tmp_path / "z.db")
    with Emulator(path) as emulator:
        pk = Client(emulator).create_ticket(subject="Ünïcode_word")["id"]
        for name in (
            "words_insert",
            "words_delete",
            "values_insert",
            "values_update",
            "values_delete",
        ):
            emulator._store.execute(f"DROP TRIGGER row_{name}")
        for name in ("row_words", "row_values"):
            emulator._store.execute(f"DROP TABLE {name}")

    with Emulator(path) as emulator:
        assert emulator._store.has_word_index
        assert Client(emulator).search("type:ticket ünïcode_w") == [pk]


def test_searches_are_repeated_after_changes_alone(zendesk):
    """Pages of a search share the query of their rows, which is repeated after a change."""
    for _ in range(3):
        zendesk.create_ticket(subject="Printer", status="pending")
    store = zendesk.emulator._context.store
    statements = []
    store._connection.set_trace_callback(statements.append)

    def search(page):
        statements.clear()
        params = {"query": "type:ticket status:pending", "per_page": 2, "page": page}
        page = zendesk.get("search", **params)
        queries = [sql for sql in statements if "$.status" in sql]
        return [row["id"] for row in page["results"]], page["count"], len(queries)

    assert search(1) == ([3, 2], 3, 2)
    assert search(2) == ([1], 3, 0)
    zendesk.create_ticket(subject="Printer", status="pending")
    assert search(1) == ([4, 3], 4, 3)


def test_searches_notice_changes_of_other_processes(tmp_path):
    """A search includes rows that another emulator has written to the file."""
    with Emulator(tmp_path / "acme.db") as one, Emulator(tmp_path / "acme.db") as two:
        client, other = Client(one), Client(two)
        query = {"query": "type:ticket status:open"}
        assert client.get("search", **query)["count"] == 0
        other.create_ticket(subject="Printer", status="open")
        assert client.get("search", **query)["count"] == 1


@pytest.mark.slow
def test_the_index_changes_no_result(zendesk, monkeypatch):
    """Searches have the same pages and numbers of results with the index of words and without."""
    random = Random(7)
    # The last ones are joined by characters that the index may take for the end of a word.
    words = ["burn", "burning", "ink", "7", "12", "ünï", "a_b", "x\u200dburn", "\U0001f973ink"]
    store = zendesk.emulator._context.store
    for number in range(60):
        subject = " ".join(random.choices(words, k=random.randint(1, 4)))
        values = {
            "priority": random.choice(["low", "urgent"]),
            "type": random.choice(["task", None]),
        }
        zendesk.create_ticket(subject=subject, comment={"body": f"n{number}"}, **values)
    for pk in range(1, 20, 3):
        zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"status": "pending", "subject": "burn"}})
    zendesk.send("DELETE", "tickets/20")
    zendesk.emulator._context.store.set_state(Ticket._meta.label, 21, ARCHIVED)
    conditions = ["", "status:new", "-burning", "priority:urgent", "-tags:x", "status>new", "n1*"]

    def search(parameters):
        body = zendesk.get("search", **parameters)
        return [row["id"] for row in body["results"]], body["count"]

    differences = []
    for _ in range(120):
        text = " ".join(random.choices(words, k=random.randint(1, 2)))
        parameters = {
            "query": f"type:ticket {text} {random.choice(conditions)}",
            "sort_by": random.choice(["created_at", "updated_at", "priority", "status"]),
            "sort_order": random.choice(["asc", "desc"]),
        }
        expected = []
        for few in (5_000, 1):
            monkeypatch.setattr(handlers, "_FEW", few)
            expected.append(search(parameters))
        store.has_word_index = False
        store._forget_results()
        expected.append(search(parameters))
        store.has_word_index = True
        store._forget_results()
        if expected[0] != expected[2] or expected[1] != expected[2]:
            differences.append((parameters, expected))

    assert differences == []


@pytest.mark.slow
def test_counts_follow_changes(zendesk):
    """The number of results is that of the rows after every kind of change."""
    random = Random(11)
    emulator = zendesk.emulator
    queries = [
        "type:ticket status:open burns",
        "type:ticket -burns",
        "burns",
        "type:ticket tags:vip priority<high",
        "type:user ada",
        "type:ticket assignee:me",
        "type:ticket status<solved created>2020-01-01",
    ]
    zendesk.create("users", name="Ada Lovelace")
    emulator.make_ids(Ticket, 20, subject=lambda number: ("Printer burns", "Ink")[number % 2])
    snapshot = emulator.snapshot()

    def change():
        pk = random.randint(1, 20)
        values = {
            "status": random.choice(["open", "pending"]),
            "priority": random.choice(["low", "urgent"]),
            "subject": random.choice(["It burns", "Ink"]),
            "tags": random.choice([["vip"], []]),
        }
        changes = [
            lambda: zendesk.send("PUT", f"tickets/{pk}", {"ticket": values}),
            lambda: zendesk.send("DELETE", f"tickets/{pk}"),
            lambda: zendesk.send("PUT", f"deleted_tickets/{pk}/restore"),
            lambda: zendesk.create_ticket(**{**values, "subject": "New one"}),
            lambda: zendesk.create("users", name="Ada"),
            lambda: zendesk.send("PUT", f"tickets/{pk}", {"ticket": {**values, "priority": "no"}}),
            lambda: emulator.archive(1),
            lambda: emulator.make_ids(Ticket, 300) if random.random() < 0.2 else None,
            lambda: emulator.restore(snapshot) if random.random() < 0.2 else None,
        ]
        random.choice(changes)()

    def count():
        return {query: zendesk.get("search/count", query=query)["count"] for query in queries}

    differences = []
    for number in range(80):
        for _ in range(random.randint(1, 3)):
            change()
        counts = count()
        emulator._store._forget_results()
        # These count all rows; those above counted the changed ones.
        if (expected := count()) != counts:
            differences.append((number, counts, expected))

    assert differences == []


def test_broad_searches_count_only_changed_rows(zendesk, monkeypatch):
    """After a change, a search with many results counts the changed rows, and reads one page."""
    monkeypatch.setattr(handlers, "_FEW", 10)
    zendesk.emulator.make_ids(Ticket, 300, subject="Printer burns")
    params = {"query": "type:ticket burns", "per_page": 5}
    store = zendesk.emulator._store
    assert zendesk.get("search", **params)["count"] == 300
    zendesk.send("PUT", "tickets/7", {"ticket": {"subject": "Ink"}})
    zendesk.create_ticket(subject="It burns")
    steps = []
    store._connection.set_progress_handler(lambda: steps.append(1) and None, 10)

    page = zendesk.get("search", **params)

    store._connection.set_progress_handler(None, 0)
    assert page["count"] == 300
    assert page["results"][0]["subject"] == "It burns"
    # Reading 300 rows takes more instructions of SQLite.
    assert len(steps) < 300
