"""The narrowest scopes that programs need: `zendesk-orm scopes FILE...`.

Programs are neither imported nor run. Values are followed through assignments, loops, calls and
relations. Each query is planned, and each change is looked up in the declarations, so the scopes
are those of the endpoints that will be used.
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
from zendesk_orm.plan.scopes import Needs


#: The maximum length of a program in characters.
_MAX_CHARACTERS = 10_000_000


@frozen(order=True)
class Place:
    """A line of a program.

    Attributes:
        file: the name of the file.
        line: the number of the line.
        about: a description of the problem, or "".
    """

    file: str
    line: int
    about: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f": {self.about}" if self.about else "")


@frozen
class Report:
    """The scopes that programs need.

    Attributes:
        needs: the places that need one of several alternative scopes, by these scopes.
        unclear: the places whose scopes are unknown.
    """

    needs: dict[tuple[str, ...], tuple[Place, ...]] = field(factory=dict)
    unclear: tuple[Place, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The narrowest scopes that meet all needs."""
        return least_scopes(self.needs)

    @property
    def complete(self) -> bool:
        """Whether all code was followed; otherwise the programs need at least these scopes."""
        return not self.unclear

    def places(self, scope: str) -> tuple[Place, ...]:
        """Return the places that need one of the narrowest scopes."""
        matches = {
            place for need, places in self.needs.items() if scope in need for place in places
        }
        return tuple(sorted(matches))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        """Yield the lines of the report."""
        yield " ".join(self.scopes)
        yield from (f"{scope}: {', '.join(map(str, self.places(scope)))}" for scope in self.scopes)
        if self.unclear:
            yield "at least; the scopes of these lines are unknown:"
            yield from (f"  {place}" for place in self.unclear)

    def as_json(self) -> str:
        """Return the report as a JSON object."""
        report: dict[str, Any] = {
            "scope": " ".join(self.scopes),
            "complete": self.complete,
            "places": {
                scope: [str(place) for place in self.places(scope)] for scope in self.scopes
            },
            "unclear": [str(place) for place in self.unclear],
        }
        return json.dumps(report, indent=2)


class _ScopeCollector(Program):
    """A program whose scopes are collected."""

    def __init__(self, tree: ast.Module, name: str) -> None:
        super().__init__(tree)
        self._name = name
        self.needs: dict[tuple[str, ...], set[Place]] = {}
        self.places: set[Place] = set()

    def require(self, scopes: Needs, node: ast.AST) -> None:
        """Add a place to the needs of each alternative."""
        for alternatives in scopes:
            if alternatives:
                self.needs.setdefault(alternatives, set()).add(self._make_place(node))

    def report_unclear(self, reason: str, node: ast.AST) -> None:
        """Add a place whose scopes are unknown."""
        self.places.add(self._make_place(node, reason))

    def _make_place(self, node: ast.AST, about: str = "") -> Place:
        """Return the line of a node."""
        return Place(self._name, getattr(node, "lineno", 1), about)


def scopes_of(programs: Iterable[tuple[str, str]]) -> Report:
    """Return the scopes that programs need.

    Args:
        programs: the name and the text of each file.

    Raises:
        InvalidValue: a text is not valid Python.
    """
    needs: dict[tuple[str, ...], set[Place]] = {}
    unclear: set[Place] = set()
    for name, text in programs:
        try:
            program = _ScopeCollector(ast.parse(text, name), name)
            program.follow()
        except (SyntaxError, ValueError) as error:
            raise InvalidValue(f"{name} must be a Python program: {error}") from error
        except (RecursionError, MemoryError):
            raise InvalidValue(f"{name} is nested too deeply: split its expressions") from None
        unclear |= program.places
        for need, places in program.needs.items():
            needs.setdefault(need, set()).update(places)
    return Report({k: tuple(sorted(v)) for k, v in needs.items()}, tuple(sorted(unclear)))


def scopes_of_files(paths: Iterable[Path]) -> Report:
    """Return the scopes that the programs in files need.

    Raises:
        InvalidValue: a file cannot be read, or is not a Python program.
    """
    return scopes_of((str(path), _read_program(path)) for path in paths)


def _read_program(path: Path) -> str:
    """Return the text of a file."""
    try:
        with path.open(encoding="utf-8") as file:
            # Reading a device might never end.
            text = file.read(_MAX_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidValue(f"{path} must be a file that can be read: {error}") from error
    if len(text) > _MAX_CHARACTERS:
        raise InvalidValue(f"{path} must be a program of at most {_MAX_CHARACTERS:,} characters")
    return text
