"""`zendesk-orm inspect`: the custom fields and custom objects of an account, as a module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import Parameter, isfunction, signature
from typing import Any
from unicodedata import east_asian_width

from attrs import field, frozen

import zendesk_orm
from zendesk_orm.account import Account
from zendesk_orm.inspection import kinds
from zendesk_orm.inspection.names import attribute, class_name, unique
from zendesk_orm.query.lookups import is_keyword
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.support import CustomObject, CustomObjectRecord, Organization, Ticket, User


#: The length of the longest line.
_WIDTH = 88

_HEADER = '''"""The custom fields and custom objects of {host}.

Written by `zendesk-orm inspect`. `zendesk-orm check` compares it with the account; run
`inspect` again to include changes.
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
        """Return a name for a class or a `Literal` that nothing else in the module has."""

        def taken(each: str) -> bool:
            return each in self._names or hasattr(zendesk_orm, each) or each in _RESERVED

        found = unique(name, taken, "Record" if hasattr(zendesk_orm, name) else "")
        self._names.add(found)
        return found

    def _add(self, made: _Class, known: Definitions, *, always: bool = False) -> None:
        fields = [each for each in known if each.active]
        if not fields and not always:
            return
        names = {*_RESERVED, *_parameters(made.base)}
        for each in fields:
            name = self._attribute(each, made.base, names)
            made.lines.extend(self._declaration(name, each, known))
        self._classes.append(made)

    @staticmethod
    def _attribute(each: Definition, base: type[Any], names: set[str]) -> str:
        """Return a name for a field that nothing else in its class has, and add it to the names."""

        def taken(name: str) -> bool:
            used = {name, _display(name)} if each.chosen else {name}
            return any(one in names or _has_meaning(one, base) for one in used)

        texts = (each.key, each.title, each.tag)
        if not isinstance(each.wire, str):
            texts = (each.title, each.key, each.tag)
        name = unique(attribute(texts, f"field_{each.id}"), taken, "_field")
        names |= {name, _display(name)} if each.chosen else {name}
        return name

    def _declaration(self, name: str, each: Definition, known: Definitions) -> Iterator[str]:
        """Yield the lines of one field."""
        type_ = self._type(each)
        self._used.add("CustomField")
        head = f"    {name} = CustomField[{type_}]("
        parts = list(_arguments(each, known))
        line = f"{head}{', '.join(parts)})"
        if _width(line) <= _WIDTH and not each.options:
            yield line
        else:
            yield head
            yield from (f"        {part}," for part in parts)
            if each.options:
                yield "        options={"
                for tag, title in each.options.items():
                    yield f"            {_quoted(tag)}: {_quoted(title)},"
                yield "        },"
            yield "    )"
        if each.chosen:
            self._used.add("Display")
            yield f"    {_display(name)} = Display()"

    def _type(self, each: Definition) -> str:
        """Return the annotation of a field, after writing the `Literal` of its options."""
        one = kinds.python_type(each)
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
        tags = [_quoted(tag) for tag in each.options]
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
#: The names that a module uses besides those of its own classes and of zendesk_orm.
_RESERVED = _IMPORTED | {"Meta", "annotations", "bool", "float", "int", "list", "str"}


def _display(name: str) -> str:
    return f"get_{name}_display"


def _has_meaning(name: str, base: type[Any]) -> bool:
    """Return whether a name is an attribute of a model or a keyword of its queries."""
    return hasattr(base, name) or is_keyword(base._meta, name)


def _parameters(base: type[Any]) -> set[str]:
    """Return the parameters of all methods that also take the names of fields: `defaults`."""
    found: set[str] = set()
    for owner in (base, type(base.objects)):
        for name in dir(owner):
            method = getattr(owner, name, None)
            if isfunction(method):
                parameters = signature(method).parameters.values()
                if any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
                    found |= {each.name for each in parameters}
    return found


def _arguments(each: Definition, known: Definitions) -> Iterator[str]:
    """Yield the arguments of a declaration, except for its options."""
    by_key = each.wire == each.key
    known_as = known.unique_name(each, (each.key if by_key else each.title,))
    yield _quoted(known_as)
    if known_as != each.id and not by_key:
        yield f"id={each.id!r}"
    yield f"type={_quoted(each.type)}"
    if each.required:
        yield "required=True"
    if each.pattern:
        yield f"pattern={_quoted(each.pattern)}"


def _imported(module: str, names: Iterable[str]) -> Iterator[str]:
    listed = sorted(names)
    line = f"from {module} import {', '.join(listed)}"
    if listed and len(line) <= _WIDTH:
        yield line
    elif listed:
        yield f"from {module} import ("
        yield from (f"    {name}," for name in listed)
        yield ")"


def _width(line: str) -> int:
    """Return the columns that a line takes, as formatters count them."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in line)


def _quoted(value: Any) -> str:
    """Return a value as code: a text in double quotes, unless that needs more escapes."""
    if not isinstance(value, str):
        return repr(value)
    quote = "'" if '"' in value and "'" not in value else '"'
    return quote + "".join(_escaped(each, quote) for each in value) + quote


def _escaped(character: str, quote: str) -> str:
    if character in ("\\", quote):
        return f"\\{character}"
    return character if character.isprintable() else repr(character)[1:-1]


def inspect(account: Account) -> str:
    """Return a module with the custom fields and custom objects of an account.

    Args:
        account: the account.

    Raises:
        ApiError, TransportError.
    """
    return Module(account).text().rstrip("\n") + "\n"
