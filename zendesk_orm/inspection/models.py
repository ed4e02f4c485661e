"""`zendesk-orm inspect`: the custom fields and custom objects of an account, as a module."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import field, frozen

import zendesk_orm
from zendesk_orm.account import Account
from zendesk_orm.inspection import kinds
from zendesk_orm.inspection.names import attribute, class_name, unique
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.support import CustomObject, CustomObjectRecord, Organization, Ticket, User


#: The longest line, and the longest text on one of its own.
_WIDTH, _LONGEST = 88, 78

_HEADER = '''"""The custom fields and custom objects of {host}.

Written by `zendesk-orm inspect`. `zendesk-orm check` tells what has changed since, and
writing it anew takes that over.
"""

from __future__ import annotations
'''


@frozen
class _Class:
    """A class of the module, as far as it is written."""

    name: str
    base: type[Any]
    docstring: str
    filter: str = ""
    lines: list[str] = field(factory=list)


class Module:
    """The module that is being written.

    Args:
        account: whose fields it has.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._choices: list[str] = []
        self._classes: list[_Class] = []
        self._names: set[str] = set()
        self._used: set[str] = set()
        #: The classes of custom objects, by key.
        self._objects: dict[str, str] = {}

    def text(self) -> str:
        """Return the module; a request for each kind of fields, and for each custom object."""
        objects = list(CustomObject.objects.using(self._account.alias))
        for each in objects:
            name = class_name([str(each.title or ""), each.key], "CustomRecord")
            self._objects[each.key] = self._named(name)
        for base in (Ticket, User, Organization):
            article = "An" if base is Organization else "A"
            made = _Class(
                self._named(f"Account{base.__name__}"),
                base,
                f"{article} {base._meta.verbose_name}, with the custom fields of the account.",
            )
            self._add(made, self._definitions(base, {}))
        for each in objects:
            made = _Class(
                self._objects[each.key],
                CustomObjectRecord,
                f"A record of the custom object `{each.key}`.",
                filter=each.key,
            )
            known = self._definitions(CustomObjectRecord, {"custom_object": each.key})
            self._add(made, known, always=True)
        return "\n".join(self._lines())

    def _definitions(self, model: Any, scope: dict[str, Any]) -> Definitions:
        return self._account.current().definitions(model._meta, scope)

    def _named(self, name: str) -> str:
        """Return a name for a class or a choice that nothing else in the module has."""

        def taken(each: str) -> bool:
            return each in self._names or hasattr(zendesk_orm, each) or each in _IMPORTED

        found = unique(name, taken, "Record" if hasattr(zendesk_orm, name) else "")
        self._names.add(found)
        return found

    def _add(self, made: _Class, known: Definitions, *, always: bool = False) -> None:
        fields = [each for each in known if each.active]
        if not fields and not always:
            return
        names: set[str] = set()
        for each in fields:
            found = attribute((each.key, each.title, each.tag), f"field_{each.id}")
            if not isinstance(each.wire, str):
                found = attribute((each.title, each.key, each.tag), f"field_{each.id}")
            name = unique(found, lambda n: n in names or hasattr(made.base, n), "_field")
            names.add(name)
            made.lines.extend(self._declaration(name, each, known))
        self._classes.append(made)

    def _declaration(self, name: str, each: Definition, known: Definitions) -> Iterator[str]:
        """Yield the lines of one field."""
        type_ = self._type(each)
        by_key = each.wire == each.key
        known_as = each.key if by_key else known.called(each)
        given = [each.id if known_as == str(each.id) else known_as]
        told = [_quoted(value) for value in given]
        if not by_key and given != [each.id]:
            told.append(f"id={each.id!r}")
        self._used.add("CustomField")
        head = f"    {name} = CustomField[{type_}]("
        line = f"{head}{', '.join(told)})"
        if len(line) <= _WIDTH:
            yield line
        else:
            yield head
            for part in told:
                yield from _broken(part)
            yield "    )"
        if each.chosen:
            self._used.add("Display")
            yield f"    get_{name}_display = Display()"

    def _type(self, each: Definition) -> str:
        """Return the type of a field, after naming its options."""
        one = kinds.written(each)
        if each.type == "date":
            self._used.add("date")
        if each.leads_to is not None:
            return f'"{self._pointed(*each.leads_to)} | None"'
        if not each.chosen:
            return f"{one} | None"
        choices = self._choice(each) if each.options else "str"
        return f"list[{choices}] | None" if each.multiple else f"{choices} | None"

    def _pointed(self, model: str, known: dict[str, Any]) -> str:
        """Return the class that a lookup leads to: one of the module's, for a custom object."""
        found = self._objects.get(known.get("custom_object_key", ""), model)
        if found == model:
            self._used.add(model)
        return found

    def _choice(self, each: Definition) -> str:
        self._used.add("Literal")
        name = self._named(class_name((each.title, each.key), "Choice"))
        tags = [_quoted(tag) for tag in dict.fromkeys(each.options.values())]
        lines = [f"{name} = Literal[{tags[0]}]"]
        if len(tags) > 1:
            lines = [f"{name} = Literal[", *(f"    {tag}," for tag in tags), "]"]
        self._choices.append("\n".join(lines))
        return name

    def _lines(self) -> Iterator[str]:
        yield _HEADER.format(host=self._account.transport.base_url)
        yield from self._imports()
        for choice in self._choices:
            yield f"{choice}\n"
        for made in self._classes:
            yield f"\nclass {made.name}({made.base.__name__}):"
            yield f'    """{made.docstring}"""\n'
            yield from made.lines
            if made.filter:
                yield from [""] if made.lines else []
                yield f"    class Meta({made.base.__name__}.Meta):"
                yield f'        filter: ClassVar = {{"custom_object_key": {_quoted(made.filter)}}}'
            yield ""

    def _imports(self) -> Iterator[str]:
        bases = {made.base.__name__ for made in self._classes}
        if any(made.filter for made in self._classes):
            self._used.add("ClassVar")
        if "date" in self._used:
            yield "from datetime import date"
        typing = sorted(self._used & {"ClassVar", "Literal"})
        if typing:
            yield f"from typing import {', '.join(typing)}"
        if "date" in self._used or typing:
            yield ""
        yield from _imported("zendesk_orm", bases | (self._used - _IMPORTED))
        yield ""


_IMPORTED = frozenset({"ClassVar", "Literal", "date"})


def _imported(module: str, names: Iterable[str]) -> Iterator[str]:
    listed = sorted(names)
    line = f"from {module} import {', '.join(listed)}"
    if listed and len(line) <= _WIDTH:
        yield line
    elif listed:
        yield f"from {module} import ("
        yield from (f"    {name}," for name in listed)
        yield ")"


def _broken(quoted: str) -> Iterator[str]:
    """Yield the lines of an argument, of which a long text takes several."""
    if len(quoted) <= _LONGEST:
        yield f"        {quoted},"
        return
    text = ast.literal_eval(quoted)
    parts = [text[start : start + _LONGEST - 10] for start in range(0, len(text), _LONGEST - 10)]
    yield from (f"        {_quoted(part)}" for part in parts[:-1])
    yield f"        {_quoted(parts[-1])},"


def _quoted(value: Any) -> str:
    """Return a value as code, text in double quotes unless it has some itself."""
    if not isinstance(value, str) or ('"' in value and "'" not in value):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)


def inspect(account: Account) -> str:
    """Return a module with the custom fields and custom objects of an account.

    Args:
        account: the account.

    Raises:
        ApiError, TransportError.
    """
    return Module(account).text().rstrip("\n") + "\n"
