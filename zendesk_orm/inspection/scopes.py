"""The least scopes that programs need, read from their text: `zendesk-orm scopes FILE...`.

Nothing is imported or run. What a program does with the library is followed through its
assignments, loops, calls and relations; each query is planned, and each change is looked up in
the declarations, so that the scopes are those of the endpoints that will be asked.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.scopes import least_scopes
from zendesk_orm.inspection.programs import Program
from zendesk_orm.plan.plan import Needs


#: Characters of a program, at most.
_LONGEST = 10_000_000


@frozen(order=True)
class Place:
    """A line of a program.

    Attributes:
        file: the name of the file.
        line: the number of the line.
        about: what is there, where that has to be said.
    """

    file: str
    line: int
    about: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f": {self.about}" if self.about else "")


@frozen
class Report:
    """What some programs need.

    Attributes:
        needs: the scopes of which any one suffices, to the places that need one of them.
        unclear: the places of which it cannot be told what they need.
    """

    needs: dict[tuple[str, ...], tuple[Place, ...]] = field(factory=dict)
    unclear: tuple[Place, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The least scopes that meet all needs."""
        return least_scopes(self.needs)

    @property
    def complete(self) -> bool:
        """Whether all was understood; otherwise the programs need at least these scopes."""
        return not self.unclear

    def places(self, scope: str) -> tuple[Place, ...]:
        """Return the places that need one of the least scopes."""
        found = {place for need, places in self.needs.items() if scope in need for place in places}
        return tuple(sorted(found))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield " ".join(self.scopes)
        yield from (f"{each}: {', '.join(map(str, self.places(each)))}" for each in self.scopes)
        if self.unclear:
            yield "at least; not understood are:"
            yield from (f"  {each}" for each in self.unclear)

    def as_json(self) -> str:
        """Return the same for machines."""
        found: dict[str, Any] = {
            "scope": " ".join(self.scopes),
            "complete": self.complete,
            "places": {each: [str(one) for one in self.places(each)] for each in self.scopes},
            "unclear": [str(each) for each in self.unclear],
        }
        return json.dumps(found, indent=2)


class _Noting(Program):
    """A program whose needs are collected."""

    def __init__(self, tree: ast.Module, name: str) -> None:
        super().__init__(tree)
        self._name = name
        self.needs: dict[tuple[str, ...], set[Place]] = {}
        self.places: set[Place] = set()

    def need(self, found: Needs, node: ast.AST) -> None:
        for each in found:
            if each:
                self.needs.setdefault(each, set()).add(self._place(node))

    def unclear(self, what: str, node: ast.AST) -> None:
        self.places.add(self._place(node, what))

    def _place(self, node: ast.AST, about: str = "") -> Place:
        return Place(self._name, getattr(node, "lineno", 1), about)


def scopes_of(programs: Iterable[tuple[str, str]]) -> Report:
    """Return what programs need.

    Args:
        programs: the name and the text of each file.

    Raises:
        InvalidValue: a text is no Python.
    """
    needs: dict[tuple[str, ...], set[Place]] = {}
    unclear: set[Place] = set()
    for name, text in programs:
        try:
            program = _Noting(ast.parse(text, name), name)
            program.follow()
        except (SyntaxError, ValueError) as error:
            raise InvalidValue(f"{name} must be a Python program: {error}") from error
        except (RecursionError, MemoryError):
            raise InvalidValue(f"{name} is nested too deeply to be read") from None
        unclear |= program.places
        for need, places in program.needs.items():
            needs.setdefault(need, set()).update(places)
    return Report({k: tuple(sorted(v)) for k, v in needs.items()}, tuple(sorted(unclear)))


def scopes_of_files(paths: Iterable[Path]) -> Report:
    """Return what the programs in some files need.

    Raises:
        InvalidValue: a file cannot be read, or is no Python program.
    """
    return scopes_of((str(path), _text(path)) for path in paths)


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            # Reading a device might never end.
            text = file.read(_LONGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{path} must be a file that can be read: {error}") from error
    if len(text) > _LONGEST:
        raise InvalidValue(f"{path} must be a program of at most {_LONGEST:,} characters")
    return text
