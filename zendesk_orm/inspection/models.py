"""Custom fields and custom objects of an account as a module: `zendesk-orm inspect`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import Parameter, isfunction, signature
from typing import Any

from attrs import field, frozen

import zendesk_orm
from zendesk_orm.account import Account
from zendesk_orm.inspection import field_types
from zendesk_orm.inspection.field_attributes import (
    get_attributes,
    get_default_option,
    get_object_attributes,
)
from zendesk_orm.inspection.literals import count_columns, format_item, quote
from zendesk_orm.inspection.names import make_attribute_name, make_class_name, make_unique
from zendesk_orm.query.keywords import is_keyword
from zendesk_orm.schema.custom_arguments import KEYED_TYPES, TICKET_TYPES
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.support import CustomObject, CustomObjectRecord, Organization, Ticket, User


#: The length of the longest written line.
_WIDTH = 88

_HEADER = '''"""The custom fields and custom objects of {account}.

Written by `zendesk-orm inspect`. `zendesk-orm check` compares it with the account; run
`inspect` again to include changes.
"""

from __future__ import annotations
'''


@frozen
class _Class:
    """A class of the module."""

    name: str
    base: type[Any]
    docstring: str
    filter: str = ""
    custom_object: dict[str, Any] = field(factory=dict)
    lines: list[str] = field(factory=list)


class Module:
    """The source code of a module with the models of an account.

    Args:
        account: the account.
        portable: whether ids and the address of the account are left out.
    """

    def __init__(self, account: Account, *, portable: bool = False) -> None:
        self._account = account
        self._portable = portable
        self._literals: list[str] = []
        self._classes: list[_Class] = []
        self._reserved: set[str] = set()
        self._used: set[str] = set()
        #: The classes of custom objects, by key.
        self._objects: dict[str, str] = {}

    def text(self) -> str:
        """Return the source code; sends a request for each model and each custom object."""
        objects = sorted(
            CustomObject.objects.using(self._account.alias), key=lambda item: str(item.key)
        )
        for custom_object in objects:
            name = make_class_name(
                [str(custom_object.title or ""), custom_object.key], "CustomRecord"
            )
            self._objects[custom_object.key] = self._reserve_class_name(name)
        for base in (Ticket, User, Organization):
            article = "An" if base is Organization else "A"
            class_ = _Class(
                self._reserve_class_name(f"Account{base.__name__}"),
                base,
                f"{article} {base._meta.verbose_name}, with the custom fields of the account.",
            )
            self._add_class(class_, self._definitions(base, {}))
        for custom_object in objects:
            class_ = _Class(
                self._objects[custom_object.key],
                CustomObjectRecord,
                f"A record of the custom object `{custom_object.key}`.",
                filter=custom_object.key,
                custom_object=get_object_attributes(custom_object._row),
            )
            definitions = self._definitions(
                CustomObjectRecord, {"custom_object": custom_object.key}
            )
            self._add_class(class_, definitions, always=True)
        return "\n".join(self._lines())

    def _definitions(self, model: Any, scope: dict[str, Any]) -> Definitions:
        """Return the custom fields of a model or a custom object."""
        return self._account.current().definitions(model._meta, scope)

    def _reserve_class_name(self, name: str) -> str:
        """Return a unique name for a class or a `Literal`, and reserve it."""

        def is_taken(candidate: str) -> bool:
            """Return whether a name is used already."""
            return (
                candidate in self._reserved
                or hasattr(zendesk_orm, candidate)
                or candidate in _RESERVED
            )

        unique_name = make_unique(name, is_taken, "Record" if hasattr(zendesk_orm, name) else "")
        self._reserved.add(unique_name)
        return unique_name

    def _add_class(self, class_: _Class, definitions: Definitions, *, always: bool = False) -> None:
        """Add a class with its active fields; without fields only if `always` is true."""
        fields = [definition for definition in definitions if definition.active]
        if not fields and not always:
            return
        names = {*_RESERVED, *_find_reserved_parameters(class_.base)}
        for definition in fields:
            name = self._reserve_attribute_name(definition, class_.base, names)
            class_.lines.extend(self._declare_field(name, definition, definitions))
        self._classes.append(class_)

    @staticmethod
    def _reserve_attribute_name(definition: Definition, base: type[Any], names: set[str]) -> str:
        """Return a unique name for a field, and add it to the names of its class."""

        def is_taken(name: str) -> bool:
            """Return whether a name is used already."""
            used = {name, _display_name(name)} if definition.chosen else {name}
            return any(candidate in names or _has_meaning(candidate, base) for candidate in used)

        texts = (definition.key, definition.title, definition.tag)
        if not isinstance(definition.wire, str):
            texts = (definition.title, definition.key, definition.tag)
        name = make_unique(make_attribute_name(texts, "field"), is_taken, "_field")
        names |= {name, _display_name(name)} if definition.chosen else {name}
        return name

    def _declare_field(
        self, name: str, definition: Definition, definitions: Definitions
    ) -> Iterator[str]:
        """Yield the lines that declare a field."""
        type_ = self._annotate(definition)
        self._used.add("CustomField")
        head = f"    {name} = CustomField[{type_}]("
        parts = list(_format_arguments(definition, definitions, portable=self._portable))
        attributes = get_attributes(definition)
        line = f"{head}{', '.join(parts)})"
        if count_columns(line) <= _WIDTH and not definition.options and not attributes:
            yield line
        else:
            fits = count_columns(head) <= _WIDTH
            yield from [head] if fits else _split_subscript(head)
            yield from (f"        {part}," for part in parts)
            if definition.options:
                yield from format_item("options=", dict(definition.options), 8)
            if attributes:
                yield from format_item("attributes=", attributes, 8)
            yield "    )"
        if definition.chosen:
            self._used.add("Display")
            yield f"    {_display_name(name)} = Display()"

    def _annotate(self, definition: Definition) -> str:
        """Return the annotation of a field; adds a `Literal` for its options."""
        type_name = field_types.get_python_type(definition)
        if definition.type == "date":
            self._used.add("date")
        if definition.leads_to is not None:
            target = self._get_target(*definition.leads_to)
            return f"{_ID} | None" if target is None else f'"{target} | None"'
        if not definition.chosen:
            return f"{type_name} | None"
        choices = self._add_literal(definition) if definition.options else "str"
        return f"list[{choices}] | None" if definition.multiple else f"{choices} | None"

    def _get_target(self, model: str, condition: dict[str, Any]) -> str | None:
        """Return the target class of a lookup field; for custom objects, a class of the module.

        The result is None if the custom object does not exist any more.
        """
        if condition:
            return self._objects.get(condition["custom_object_key"])
        self._used.add(model)
        return model

    def _add_literal(self, definition: Definition) -> str:
        """Add a `Literal` of the options of a field, and return its name."""
        self._used.add("Literal")
        name = self._reserve_class_name(
            make_class_name((definition.title, definition.key), "Choice")
        )
        tags = [quote(tag) for tag in definition.options]
        lines = [f"{name} = Literal[{tags[0]}]"]
        if len(tags) > 1:
            lines = [f"{name} = Literal[", *(f"    {tag}," for tag in tags), "]"]
        elif count_columns(lines[0]) > _WIDTH:
            lines = [f"{name} = Literal[", f"    {tags[0]}", "]"]
        self._literals.append("\n".join(lines))
        return name

    def _lines(self) -> Iterator[str]:
        """Yield the lines of the module."""
        base_url = self._account.transport.base_url
        yield _HEADER.format(account="an account" if self._portable else base_url)
        yield from self._imports()
        for choice in self._literals:
            yield f"{choice}\n"
        for class_ in self._classes:
            yield f"\nclass {class_.name}({class_.base.__name__}):"
            yield f'    """{class_.docstring}"""\n'
            yield from class_.lines
            if class_.filter:
                yield from [""] if class_.lines else []
                yield f"    class Meta({class_.base.__name__}.Meta):"
                yield from _format_filter(class_.filter)
                yield from format_item(
                    "custom_object: ClassVar = ", class_.custom_object, 8, after=""
                )
            yield ""

    def _imports(self) -> Iterator[str]:
        """Yield the lines of all imports."""
        bases = {class_.base.__name__ for class_ in self._classes}
        if any(class_.filter for class_ in self._classes):
            self._used.add("ClassVar")
        if "date" in self._used:
            yield "from datetime import date"
        typing = sorted(self._used & {"ClassVar", "Literal"})
        if typing:
            yield f"from typing import {', '.join(typing)}"
        if "date" in self._used or typing:
            yield ""
        yield from _format_import("zendesk_orm", bases | (self._used - _IMPORTED))
        yield ""


#: The type of values of a lookup field without a target.
_ID = "int | str"
_IMPORTED = frozenset({"ClassVar", "Literal", "date"})
#: Names that the module uses, except for its classes and those of zendesk_orm.
_RESERVED = _IMPORTED | {"Meta", "annotations", "bool", "float", "int", "list", "str"}


def _display_name(name: str) -> str:
    """Return the name of the method that returns the title of a choice."""
    return f"get_{name}_display"


def _has_meaning(name: str, base: type[Any]) -> bool:
    """Return whether a name is an attribute of a model or a keyword of its queries."""
    return hasattr(base, name) or is_keyword(base._meta, name)


def _find_reserved_parameters(base: type[Any]) -> set[str]:
    """Return the parameters of all methods that also accept names of fields: `defaults`."""
    names: set[str] = set()
    for owner in (base, type(base.objects)):
        for name in dir(owner):
            method = getattr(owner, name, None)
            if isfunction(method):
                parameters = signature(method).parameters.values()
                if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters):
                    names |= {parameter.name for parameter in parameters}
    return names


def _format_arguments(
    definition: Definition, definitions: Definitions, *, portable: bool
) -> Iterator[str]:
    """Yield the arguments of a declaration, except for its options and attributes."""
    by_key = definition.wire == definition.key
    known_as = definitions.unique_name(
        definition, (definition.key if by_key else definition.title,)
    )
    yield quote(known_as)
    if known_as != definition.id and not by_key and not portable:
        yield f"id={definition.id!r}"
    if definition.title != known_as:
        yield f"title={quote(definition.title)}"
    if definition.type in (KEYED_TYPES if by_key else TICKET_TYPES):
        # Other types, which Zendesk may have added, cannot be declared.
        yield f"type={quote(definition.type)}"
    if definition.required:
        yield "required=True"
    if definition.pattern:
        yield f"pattern={quote(definition.pattern)}"
    default = get_default_option(definition)
    if default is not None:
        yield f"default={quote(default)}"


def _format_filter(key: str) -> Iterator[str]:
    """Yield the lines that filter by the key of a custom object."""
    line = f'        filter: ClassVar = {{"custom_object_key": {quote(key)}}}'
    if count_columns(line) <= _WIDTH:
        yield line
    else:
        yield from format_item("filter: ClassVar = ", {"custom_object_key": key}, 8, after="")


def _split_subscript(head: str) -> Iterator[str]:
    """Yield the lines of `    name = CustomField[type](` that is too long for one."""
    before, _, after = head.partition("[")
    yield f"{before}["
    yield f"        {after.removesuffix('](')}"
    yield "    ]("


def _format_import(module: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the lines of an import."""
    sorted_names = sorted(names)
    line = f"from {module} import {', '.join(sorted_names)}"
    if sorted_names and len(line) <= _WIDTH:
        yield line
    elif sorted_names:
        yield f"from {module} import ("
        yield from (f"    {name}," for name in sorted_names)
        yield ")"


def inspect(account: Account, *, portable: bool = False) -> str:
    """Return a module with the custom fields and custom objects of an account.

    Args:
        account: the account.
        portable: leave out ids and the address of the account, so that the module describes any
            account that it is pushed to.

    Raises:
        ApiError, TransportError.
    """
    return Module(account, portable=portable).text().rstrip("\n") + "\n"
