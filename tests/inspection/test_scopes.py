"""The scopes of programs, read from their text, and the requests that the programs send."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import runpy
import sys
import types
from pathlib import Path

import pytest

from tests.inspection.programs import PROGRAMS
from zendesk_orm import InvalidValue, Manager, Model, connect
from zendesk_orm.cli import main
from zendesk_orm.http.scopes import KNOWN_SCOPES, granted, scopes_for
from zendesk_orm.inspection.operations import of_method, returns_query
from zendesk_orm.inspection.scopes import scopes_of, scopes_of_files
from zendesk_orm.schema import registry


ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Return what runs a program on the demonstration's rows: `run(text)`."""
    monkeypatch.chdir(tmp_path)

    def started(text):
        connect("emulator://?seed=demo")
        module = types.ModuleType("program")
        monkeypatch.setitem(sys.modules, "program", module)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, "program.py", "exec"), vars(module))

    return started


def _scope(text):
    return " ".join(scopes_of([("program.py", text)]).scopes)


def _places(text, scope):
    return [each.line for each in scopes_of([("program.py", text)]).places(scope)]


def _unclear(text):
    return [str(each) for each in scopes_of([("program.py", text)]).unclear]


def _uncovered(report, requests):
    """Return requests of which the report says nothing, or that its scopes do not allow."""
    needed = [(each.method, each.path, scopes_for(each.method, each.path)) for each in requests]
    return [
        (method, path)
        for method, path, need in needed
        if not granted(report.scopes, method, path) or (need and need not in report.needs)
    ]


# -- what is sent is covered -------------------------------------------------


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_scopes_cover_every_request_that_a_program_sends(name, run, sent):
    """Each request that goes out was foreseen, with the scopes of its own endpoint."""
    report = scopes_of([("program.py", PROGRAMS[name])])

    run(PROGRAMS[name])

    assert sent
    assert _uncovered(report, sent) == []
    assert report.unclear == ()
    assert set(report.scopes) <= KNOWN_SCOPES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_scopes_cover_every_request_of_an_example(example, sent, tmp_path, monkeypatch):
    """The programs of examples/ are understood as a whole."""
    monkeypatch.chdir(tmp_path)
    report = scopes_of_files([example])

    with contextlib.redirect_stdout(io.StringIO()):
        runpy.run_path(str(example), run_name="__main__")

    assert sent
    assert _uncovered(report, sent) == []
    assert report.complete


def test_a_program_that_is_not_understood_is_given_no_narrow_scope(run, sent):
    """Where it is not known what is asked, the broad scope covers what is sent."""
    text = """
import os
from zendesk_orm import Ticket

given = dict(each.split("=") for each in os.environ.get("GIVEN", "external_id=x").split(","))
print(list(Ticket.objects.filter(**given).fresh().scan()[:1]))
"""
    report = scopes_of([("program.py", text)])

    run(text)

    assert [granted(report.scopes, each.method, each.path) for each in sent] == [True]
    assert report.scopes == ("read",)
    assert not report.complete


# -- what is told ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ticket.objects.get(1)", "tickets:read"),
        ("Ticket.objects.get(pk)", "tickets:read"),
        ("list(Ticket.objects.filter(status='new'))", "read"),
        ("list(Ticket.objects.filter(status=word))", "read"),
        ("Ticket.objects.filter(status='new')", ""),
        ("Ticket.objects.filter(status='new').explain()", ""),
        ("Ticket.objects.get(1).requester.name", "tickets:read users:read"),
        ("Ticket.objects.get(1).requester_id", "tickets:read"),
        ("Organization.objects.get(1).group.name", "groups:read organizations:read"),
        ("Ticket(subject='a').save()", "tickets:write"),
        ("t = Ticket(subject='a')\nt.save()\nt.save()", "tickets:read tickets:write"),
        ("Ticket(id=1).save()", "tickets:read tickets:write"),
        ("Group.objects.create(name='a')", "groups:write"),
        ("Group.objects.get(1).delete()", "groups:read groups:write"),
        ("Ticket.objects.bulk_create([])", "tickets:write read"),
        ("Ticket.objects.get(1).tags.add('a')", "tickets:read write"),
        ("Ticket.objects.get(1).merge(2)", "tickets:write read"),
        ("connect().acting_as('a@example.com')", "impersonate"),
        ("with connect().acting_as(user): Ticket.objects.get(1)", "tickets:read impersonate"),
        ("connect().raw.get('/api/v2/brands', page=1)", "brands:read"),
        ("connect().raw.put('/api/v2/users/1', {})", "users:write"),
        ("connect().raw.post('/api/v2/views/preview', {})", "ticket_views:read"),
        ("connections['a'].raw.delete('/api/v2/new/1')", "write"),
        ("connect().raw.get(path)", "read"),
        ("account.raw.get('/api/v2/groups')", "groups:read"),
        ("Ticket.objects.none().count()", ""),
        ("Job.load('x').wait()", "read"),
        ("for t in Ticket.objects.fresh(): print(t.group)", "tickets:read"),
        ("print(1 + 1)", ""),
    ],
)  # fmt: skip
def test_a_line_needs_these_scopes(text, expected):
    """The scopes stand in one line, ready for `scope=`; the narrow ones before the broad ones."""
    names = "Group, Job, Organization, Ticket, connect, connections"

    assert expected == _scope(f"from zendesk_orm import {names}\n{text}\n")


def test_broad_scopes_take_the_place_of_narrow_ones():
    """Reading tickets is covered by `read`, which the search needs; writing them is not."""
    text = """
from zendesk_orm import Ticket

for ticket in Ticket.objects.filter(status="new"):
    Ticket.objects.get(ticket.id).requester.name
    ticket.save()
"""

    assert "tickets:write read" == _scope(text)


def test_each_place_is_told():
    """A scope comes with the lines that need it."""
    text = """
from zendesk_orm import Ticket, User

ticket = Ticket.objects.get(1)
print(ticket.requester.name)
user = User.objects.get(1)
user.save()
"""

    assert "tickets:read users:read users:write" == _scope(text)
    assert [4] == _places(text, "tickets:read")
    # Saving may read the row again, to merge its tags.
    assert [5, 6, 7] == _places(text, "users:read")
    assert [7] == _places(text, "users:write")


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.remove('precious')",
        "raise SystemExit(3)",
        "import does_not_exist",
        "from .nowhere import thing",
        "while True: pass",
        "def f(): return f()\nf()",
        "class A(A): pass",
        "x = [x for x in x]",
        "lambda *a, **k: (yield)",
        "@undefined\nasync def f(a, /, b, *, c=1): await a",
        "try: pass\nexcept* ValueError: pass" if sys.version_info >= (3, 11) else "pass",
        "match 1:\n    case [1, *rest] | {'a': rest}: pass",
        "del x, y[0]\nglobal_ = (yield_ := 3)",
        "from zendesk_orm import *\nTicket.objects.first()",
        "import zendesk_orm.help_center as hc\nhc.Article.objects.nothing_such()",
        "from zendesk_orm import Ticket\nTicket.objects[:'x'][{}].a.b.c()[0]()",
        "from zendesk_orm import Ticket\nfor a, (b, *c) in Ticket.objects.filter(nope=1): a.save()",
        "from zendesk_orm import nothing_such, Ticket\nTicket.objects.values_list(x, flat=True)[0]",
    ],
)  # fmt: skip
def test_a_program_is_neither_imported_nor_run(text):
    """Any Python is read, whatever it would do, and whether or not it would work."""
    assert scopes_of([("program.py", text)]).scopes is not None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from shop import rows\nrows().save()", "program.py:2: it is not known what .save is"),
        ("from zendesk_orm import connect\nconnect().raw.get(p)", "program.py:2: the path of raw"),
        ("from zendesk_orm import Ticket\nTicket.objects.filter(**x).count()", "program.py:2: it"),
        (
            "from shop import sell\nfrom zendesk_orm import Ticket\nsell(Ticket.objects.get(1))",
            "program.py:3: what sell does with it is not known",
        ),
        ("from zendesk_orm import Ticket\ngetattr(Ticket.objects.get(1), x)", "program.py:2: it"),
        ("from zendesk_orm import Ticket\nTicket.objects.filter(nope=1)", "program.py:2: filter()"),
    ],
)
def test_what_is_not_understood_is_told(text, told):
    """The place is listed, and the scopes are said to be the least."""
    (found,) = _unclear(text)

    assert found.startswith(told)
    assert "at least" in str(scopes_of([("program.py", text)]))


#: Methods that read what is at hand, or of which nothing is declared.
UNDECLARED = {"events_of", "verify"}


@pytest.mark.parametrize("product", registry.PRODUCTS)
def test_every_method_of_a_model_has_its_scopes(product):
    """Of each method it is known what it asks for, from its declaration or its code."""
    registry.load(product)
    unknown = {
        f"{model.__name__}.{name}"
        for model in registry.models()
        if model._meta.app_label == product
        for owner, base in ((model, Model), (type(model.objects), Manager))
        for name, function in inspect.getmembers(owner, inspect.isfunction)
        if not name.startswith("_")
        and not hasattr(base, name)
        and not returns_query(function)
        and of_method(model, name, function) is None
    }

    assert {each.partition(".")[2] for each in unknown} <= UNDECLARED


# -- several files, and the command ------------------------------------------


def test_several_programs_are_told_together():
    """What any of them needs, all of them need."""
    texts = {
        "a.py": "from zendesk_orm import User\nUser.objects.get(1)",
        "b.py": "from zendesk_orm import Group\nGroup.objects.get(1)",
    }

    report = scopes_of(texts.items())

    assert "groups:read users:read\ngroups:read: b.py:2\nusers:read: a.py:2" == str(report)


def test_a_file_that_is_no_program_is_refused(tmp_path):
    """The message names the file."""
    file = tmp_path / "a.py"
    file.write_text("for x in", encoding="utf-8")

    with pytest.raises(InvalidValue, match=r"a\.py must be a Python program"):
        scopes_of_files([file])


def test_the_command_prints_the_scopes(tmp_path, capsys):
    """The first line is what to paste; a line for each scope follows."""
    file = tmp_path / "a.py"
    file.write_text("from zendesk_orm import User\nprint(User.objects.get(1))", encoding="utf-8")

    main(["scopes", str(file)])

    assert f"users:read\nusers:read: {file}:2\n" == capsys.readouterr().out


def test_the_command_prints_json(tmp_path, capsys):
    """A machine is told the same."""
    file = tmp_path / "a.py"
    file.write_text("from zendesk_orm import User\nUser.objects.get(1)\nx.save()", encoding="utf-8")

    main(["scopes", "--json", str(file)])

    assert {
        "scope": "users:read",
        "complete": False,
        "places": {"users:read": [f"{file}:2"]},
        "unclear": [f"{file}:3: it is not known what .save is read from"],
    } == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("content", [None, b"for x in", b"\xff\xfe\xfa", b"a\0b"])
def test_the_command_ends_with_2_where_there_is_no_program(content, tmp_path, capsys):
    """A file that cannot be read, or is no Python, is told by its name."""
    file = tmp_path / "a.py"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SystemExit) as stopped:
        main(["scopes", str(file)])

    assert 2 == stopped.value.code
    assert "a.py must be" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["x = " + "-" * 50_000 + "1", "x = 1" + " + 1" * 5_000, "#" * 10_000_001]
)
def test_a_file_that_cannot_be_followed_is_refused(tmp_path, text):
    """It is nested too deeply, or longer than any program."""
    file = tmp_path / "a.py"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidValue, match=r"a\.py (is nested too deeply|must be a program of at)"):
        scopes_of_files([file])
