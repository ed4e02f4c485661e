"""Dumps of all rows as lines of JSON, and files from which rows are added."""

from __future__ import annotations

import json

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import ConfigurationError, Group, Ticket, User
from zendesk_orm.emulator import Emulator


def _build_line(model, **row):
    return json.dumps({"model": model, "row": row})


def _dump_rows(emulator):
    """Return the lines of a dump."""
    return [json.loads(line) for line in emulator.dump_lines()]


def test_a_dump_contains_everything(tmp_path):
    """An emulator that loads a dump has its rows, states, files and sequences of ids."""
    path = tmp_path / "rows.jsonl"
    with Emulator() as first, Emulator(seed="demo") as second:
        first.connect("first")
        open_, archived, deleted = first.make(Ticket, 3)
        first.archive(archived.id)
        deleted.delete()
        with signed_in_session(first) as session:
            url = "https://emulator.zendesk.com/api/v2/uploads?filename=a.txt"
            session.post(url, data=b"\x00\xff")
        first.dump(path)
        number, rows = second.load(path), _dump_rows(second)
        second.connect("second")

        assert number == sum(line.get("model") is not None for line in _dump_rows(first))
        assert rows == _dump_rows(first)
        assert [row.id for row in Ticket.objects.using("second").fresh()] == [open_.id]
        assert Ticket.objects.using("second").count() == 2
        assert second.make(Ticket)[0].id == 4


def test_rows_are_added(emulator):
    """Lines without the header of a dump add rows with default values for missing keys."""
    number = emulator.load(
        [
            _build_line("User", id=42, name="Ann", email="ann@example.com"),
            "",
            _build_line("support.Ticket", id=7, subject="Fire", requester_id=42, tags=["hot"]),
            _build_line("Group", name="Night shift"),
        ]
    )

    ticket = Ticket.objects.get(7)
    assert number == 3
    assert (ticket.requester.name, ticket.status, ticket.tags) == ("Ann", "new", ["hot"])
    assert ticket.created_at is not None
    assert [row.id for row in Ticket.objects.search("fire")] == [7]
    assert {group.name for group in Group.objects.all()} == {"Support", "Night shift"}


def test_ids_of_loaded_rows_are_not_used_again(emulator):
    """A row that is created after loading gets an id that no loaded row has."""
    emulator.load([_build_line("Ticket", id=7, subject="Fire")])

    assert emulator.make(Ticket)[0].id == 8
    assert Ticket.objects.get(7).subject == "Fire"


def test_rows_are_replaced(emulator):
    """A loaded row replaces the row with the same id, also in caches of accounts."""
    user = emulator.make(User, name="Ann")[0]
    assert User.objects.get(user.id).name == "Ann"

    emulator.load([_build_line("User", id=user.id, name="Bea")])

    assert User.objects.get(user.id).name == "Bea"


def test_lines_have_states_and_parents(emulator):
    """A line can contain the state of its row, and the id of the row it belongs to."""
    emulator.load(
        [
            json.dumps({"model": "Ticket", "row": {"id": 7}, "state": "archived"}),
            json.dumps({"model": "Comment", "row": {"body": "Hello"}, "parent": 7}),
        ]
    )

    assert (Ticket.objects.count(), Ticket.objects.fresh().count()) == (1, 0)
    assert [comment.body for comment in Ticket.objects.get(7).comments.all()] == ["Hello"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("{", "2"),
        ("[]", "2"),
        ('{"model": "Ticket"}', "row"),
        ('{"row": {}}', "model"),
        ('{"model": "Tickt", "row": {}}', "Tickt"),
        ('{"model": "Ticket", "row": [1]}', "2"),
        ('{"model": "Ticket", "row": {"id": {}}}', "id"),
        ('{"model": "Ticket", "row": {"id": 9}, "state": "gone"}', "gone"),
        ('{"dump": 1, "owner_id": 1, "brand_id": 1}', "model"),
    ],
)
def test_invalid_lines_are_rejected(emulator, line, word):
    """An invalid line raises an error with its number, and no row is changed."""
    before = _dump_rows(emulator)

    with pytest.raises(ConfigurationError, match=word):
        emulator.load([_build_line("Ticket", id=7), line])

    assert _dump_rows(emulator) == before


def _find_error(emulator, path):
    """Return the message of the error with which a file is rejected, or ""."""
    try:
        emulator.load(path)
    except ConfigurationError as error:
        return str(error)
    return ""


def test_damaged_dumps_are_rejected(emulator, tmp_path):
    """Each damaged line of a dump raises an error with its number, and no row is changed."""
    emulator.make(Ticket, 3)
    lines, path = list(emulator.dump_lines()), tmp_path / "dump.jsonl"
    number = next(n for n, line in enumerate(lines, 1) if '"model":"support.Ticket"' in line)
    ticket = json.loads(lines[number - 1])
    changes = [
        {"row": "x"},
        {"row": None},
        {"id": None},
        {"id": True},
        {"id": [1]},
        {"id": 2**63},
        {"words": 5},
        {"parent": {}},
        {"state": []},
        {"model": 5},
        {"model": "Ticket"},
        {"stat": "archived"},
    ]
    damaged = {number: [json.dumps({**ticket, **change}).encode() for change in changes]}
    damaged[number] += [
        b"\xff",
        lines[number - 1].encode()[:50],
        b'{"table": "files", "token": "t", "name": "n", "kind": "k", "content": "%"}',
        b'{"table": "sequences", "name": [], "value": {}}',
        b'{"table": "sequences", "name": "tickets", "value": null}',
    ]
    damaged[1] = [b'{"dump": 1, "owner_id": "x", "brand_id": []}', b'{"dump": 1, "owner_id": null}']
    before, wrong = _dump_rows(emulator), []

    for position, texts in damaged.items():
        for text in texts:
            copy = [line.encode() for line in lines]
            copy[position - 1] = text
            path.write_bytes(b"\n".join(copy))
            message = _find_error(emulator, path)
            if not message.startswith(f"line {position} ") or _dump_rows(emulator) != before:
                wrong.append((text, message))

    assert wrong == []


def test_dumps_of_other_versions_are_rejected(emulator):
    """A dump of another version is rejected, and no row is changed."""
    before = _dump_rows(emulator)

    with pytest.raises(ConfigurationError, match="version"):
        emulator.load(['{"dump": 99, "owner_id": 1, "brand_id": 1}'])

    assert _dump_rows(emulator) == before


def test_inaccessible_files_raise(emulator, tmp_path):
    """A path that cannot be read or written raises."""
    with pytest.raises(ConfigurationError):
        emulator.load(tmp_path / "missing.jsonl")
    with pytest.raises(ConfigurationError):
        emulator.dump(tmp_path)
