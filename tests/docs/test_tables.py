"""Tables of the documentation, compared with the library."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from attrs import fields

from zendesk_orm.emulator.switches import Switches


DOCS = Path(__file__).resolve().parents[2] / "docs"
_ROW = re.compile(r"^\| `(\w+)` \| (.+?) \|", re.MULTILINE)


def test_switches_are_documented_with_their_defaults():
    """The table of switches contains each name once, with the default in `Switches`."""
    page = (DOCS / "emulator.md").read_text(encoding="utf-8")
    section = page.partition("\n## Switches\n")[2].partition("\n## ")[0]
    rows = [(name, ast.literal_eval(default)) for name, default in _ROW.findall(section)]
    defaults = {field.name: field.default for field in fields(Switches)}

    assert rows
    assert rows == list(dict(rows).items())
    assert rows == [(name, defaults.get(name, "no such switch")) for name, _ in rows]
    assert section.count("| switch | default | meaning |") == 1
