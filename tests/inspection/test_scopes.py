"""OAuth scopes of programs, derived from their text and compared with their requests."""

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
from zendesk_orm.inspection.operations import returns_query, scopes_for_method
from zendesk_orm.inspection.scopes import scopes_of, scopes_of_files
from zendesk_orm.schema import registry


ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


@pytest.fixture
def run_program(monkeypatch, tmp_path):
    """Return a function that runs a program on the demo data: `run_program(text)`."""
    monkeypatch.chdir(tmp_path)

    def run(text):
        connect("emulator://?seed=demo")
        module = types.ModuleType("program")
        monkeypatch.setitem(sys.modules, "program", module)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, "program.py", "exec"), vars(module))

    return run


def _find_scopes(text):
    return " ".join(scopes_of([("program.py", text)]).scopes)


def _find_places(text, scope):
    return [place.line for place in scopes_of([("program.py", text)]).places(scope)]


def _find_unclear(text):
    return [str(place) for place in scopes_of([("program.py", text)]).unclear]


def _find_uncovered_requests(report, requests):
    """Return requests that the report does not mention or its scopes do not allow."""
    needed = [
        (request.method, request.path, scopes_for(request.method, request.path))
        for request in requests
    ]
    return [
        (method, path)
        for method, path, need in needed
        if not granted(report.scopes, method, path) or (need and need not in report.needs)
    ]


# Coverage of requests


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_scopes_cover_every_request_that_a_program_sends(name, run_program, sent):
    """The scopes of a program cover every request that it sends."""
    report = scopes_of([("program.py", PROGRAMS[name])])

    run_program(PROGRAMS[name])

    assert sent
    assert _find_uncovered_requests(report, sent) == []
    assert report.unclear == ()
    assert set(report.scopes) <= KNOWN_SCOPES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_scopes_cover_every_request_of_an_example(example, sent, tmp_path, monkeypatch):
    """The scopes of the programs in examples/ cover every request, and are complete."""
    monkeypatch.chdir(tmp_path)
    report = scopes_of_files([example])

    with contextlib.redirect_stdout(io.StringIO()):
        runpy.run_path(str(example), run_name="__main__")

    assert sent
    assert _find_uncovered_requests(report, sent) == []
    assert report.complete


def test_an_unclear_program_gets_a_broad_scope(run_program, sent):
    """A program whose queries are unknown gets a broad scope that covers its requests."""
    text = """
import os
from zendesk_orm import Ticket

given = dict(each.split("=") for each in os.environ.get("GIVEN", "external_id=x").split(","))
print(list(Ticket.objects.filter(**given).fresh().scan()[:1]))
"""
    report = scopes_of([("program.py", text)])

    run_program(text)

    assert [granted(report.scopes, request.method, request.path) for request in sent] == [True]
    assert report.scopes == ("read",)
    assert not report.complete


# Reports


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
def test_narrow_scopes_are_listed_first(text, expected):
    """The scopes of a line are listed with narrow ones first, as an argument of `scope=`."""
    names = "Group, Job, Organization, Ticket, connect, connections"

    assert _find_scopes(f"from zendesk_orm import {names}\n{text}\n") == expected


def test_broad_scopes_replace_narrow_ones():
    """A broad scope replaces the narrow ones that it covers."""
    text = """
from zendesk_orm import Ticket

for ticket in Ticket.objects.filter(status="new"):
    Ticket.objects.get(ticket.id).requester.name
    ticket.save()
"""

    assert _find_scopes(text) == "tickets:write read"


def test_a_scope_has_its_lines():
    """Each scope is reported with the lines that need it."""
    text = """
from zendesk_orm import Ticket, User

ticket = Ticket.objects.get(1)
print(ticket.requester.name)
user = User.objects.get(1)
user.save()
"""

    assert _find_scopes(text) == "tickets:read users:read users:write"
    assert _find_places(text, "tickets:read") == [4]
    # Saving may read the row again, to merge its tags.
    assert _find_places(text, "users:read") == [5, 6, 7]
    assert _find_places(text, "users:write") == [7]


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
    """Any Python text is analyzed without being imported or run."""
    assert scopes_of([("program.py", text)]).scopes is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from shop import rows\nrows().save()", "program.py:2: the object whose .save is read"),
        ("from zendesk_orm import connect\nconnect().raw.get(p)", "program.py:2: the path of raw"),
        ("from zendesk_orm import Ticket\nTicket.objects.filter(**x).count()", "program.py:2: the"),
        (
            "from shop import sell\nfrom zendesk_orm import Ticket\nsell(Ticket.objects.get(1))",
            "program.py:3: the effect of sell on it is unknown",
        ),
        ("from zendesk_orm import Ticket\ngetattr(Ticket.objects.get(1), x)", "program.py:2: the"),
        ("from zendesk_orm import Ticket\nTicket.objects.filter(nope=1)", "program.py:2: filter()"),
    ],
)
def test_unclear_lines_are_reported(text, expected):
    """A line that cannot be analyzed is reported, and the scopes are a lower bound."""
    (line,) = _find_unclear(text)

    assert line.startswith(expected)
    assert "at least" in str(scopes_of([("program.py", text)]))


#: Methods that send no request, or that are not declared.
UNDECLARED = {
    *("events_of", "verify"),
    # They send nothing, or requests that other methods declare.
    *("child_ticket", "history", "slack_channel", "teams_channel"),
}


@pytest.mark.parametrize("product", registry.PRODUCTS)
def test_every_method_of_a_model_has_its_scopes(product):
    """The scopes of every method of a model are known from its declaration or its code."""
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
        and scopes_for_method(model, name, function) is None
    }

    assert {name.partition(".")[2] for name in unknown} <= UNDECLARED


# Files and the command


def test_scopes_of_several_programs_are_combined():
    """The scopes of several programs are combined in one report."""
    texts = {
        "a.py": "from zendesk_orm import User\nUser.objects.get(1)",
        "b.py": "from zendesk_orm import Group\nGroup.objects.get(1)",
    }

    report = scopes_of(texts.items())

    assert str(report) == "groups:read users:read\ngroups:read: b.py:2\nusers:read: a.py:2"


def test_a_file_that_is_not_python_is_rejected(tmp_path):
    """A file that is not Python raises `InvalidValue`, which names the file."""
    file = tmp_path / "a.py"
    file.write_text("for x in", encoding="utf-8")

    with pytest.raises(InvalidValue, match=r"a\.py must be a Python program"):
        scopes_of_files([file])


def test_the_command_prints_the_scopes(tmp_path, capsys):
    """The first line of the output is the value of `scope=`; each scope follows with its lines."""
    file = tmp_path / "a.py"
    file.write_text("from zendesk_orm import User\nprint(User.objects.get(1))", encoding="utf-8")

    main(["scopes", str(file)])

    assert capsys.readouterr().out == f"users:read\nusers:read: {file}:2\n"


def test_the_command_prints_json(tmp_path, capsys):
    """`--json` prints the report as JSON."""
    file = tmp_path / "a.py"
    file.write_text("from zendesk_orm import User\nUser.objects.get(1)\nx.save()", encoding="utf-8")

    main(["scopes", "--json", str(file)])

    assert json.loads(capsys.readouterr().out) == {
        "scope": "users:read",
        "complete": False,
        "places": {"users:read": [f"{file}:2"]},
        "unclear": [f"{file}:3: the object whose .save is read is unknown"],
    }


@pytest.mark.parametrize("content", [None, b"for x in", b"\xff\xfe\xfa", b"a\0b"])
def test_the_command_exits_with_2_for_an_invalid_file(content, tmp_path, capsys):
    """A file that cannot be read, or is not Python, is named in the error output."""
    file = tmp_path / "a.py"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SystemExit) as caught:
        main(["scopes", str(file)])

    assert caught.value.code == 2
    assert "a.py must be" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["x = " + "-" * 50_000 + "1", "x = 1" + " + 1" * 5_000, "#" * 10_000_001]
)
def test_a_file_that_is_too_large_is_rejected(tmp_path, text):
    """A file that is nested too deeply or too long raises `InvalidValue`."""
    file = tmp_path / "a.py"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidValue, match=r"a\.py (is nested too deeply|must be a program of at)"):
        scopes_of_files([file])
