"""Definitions of an account's custom fields: their names and the values that they accept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from zendesk_orm.errors import FieldError, InvalidValue, UnexpectedValue
from zendesk_orm.http.values import plain, to_json, to_text
from zendesk_orm.messages import display, suggestion, with_article
from zendesk_orm.schema import registry
from zendesk_orm.schema.loading import load_date, parse_number
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.values import KINDS


#: Types of ticket fields that stand for a field of the ticket itself.
_OWN = frozenset(
    {
        "assignee",
        "basic_priority",
        "custom_status",
        "description",
        "group",
        "priority",
        "status",
        "subject",
        "tickettype",
    }
)
#: Zendesk's name of a lookup's target -> the model.
TARGETS: Mapping[str, str] = {
    "zen:organization": "Organization",
    "zen:ticket": "Ticket",
    "zen:user": "User",
}
#: How Zendesk calls the records of a custom object: by its key, behind this.
RECORDS = "zen:custom_object:"
#: Types with options.
CHOSEN = frozenset({"dropdown", "multiselect", "tagger"})
#: Options that a message names at most.
_NAMED = 20


def fold_name(text: Any) -> str:
    """Return a title, key, tag or id as names are compared: in any case, in either Unicode form."""
    return unicodedata.normalize("NFC", str(text).casefold())


@frozen(eq=False)
class Definition:
    """One custom field of an account.

    Attributes:
        wire: the id or key of its values: its id in a list, its key in a dictionary.
        id: its id.
        key: its key, or "".
        title: its name for people.
        tag: the tag that it sets, or "".
        type: Zendesk's name of its type: `tagger`, `date`, `integer`.
        options: the titles of its options, by their tags.
        required: whether a ticket cannot be solved, or a record made, without a value.
        pattern: the regular expression that values match, or "".
        active: whether it is in use.
        raw_title: its title as it is kept, which may be a placeholder.
        target: Zendesk's name of a lookup's target: `zen:user`; or "".
        row: the row of the field.
    """

    wire: Any
    id: Any
    key: str
    title: str
    tag: str = ""
    type: str = "text"
    options: Mapping[str, str] = field(factory=dict)
    required: bool = False
    pattern: str = ""
    active: bool = True
    raw_title: str = ""
    target: str = ""
    row: Row = field(factory=dict, repr=False)

    @property
    def leads_to(self) -> tuple[str, dict[str, Any]] | None:
        """The model that a lookup points to, and further keys of the target row; or None."""
        if self.target.startswith(RECORDS):
            return "CustomObjectRecord", {"custom_object_key": self.target.removeprefix(RECORDS)}
        model = TARGETS.get(self.target)
        return None if model is None else (model, {})

    @property
    def chosen(self) -> bool:
        """Whether its values are among options."""
        return self.type in CHOSEN

    @property
    def multiple(self) -> bool:
        """Whether it has several values at once."""
        return self.type == "multiselect"

    def clean(self, value: Any) -> Any:
        """Return an assigned value as it is sent: the tag of an option, a date as text.

        Raises:
            InvalidValue: the field cannot have it.
        """
        if value is None:
            return None
        if self.multiple:
            try:
                members = KINDS["list"].accept(value)
            except InvalidValue as error:
                raise InvalidValue(f"{self.title}: {error}") from None
            return [self.to_query_value(member) for member in members]
        result = self.to_query_value(value)
        if self.type == "lookup":
            return to_text(result)
        return to_json(result)

    def to_query_value(self, value: Any) -> Any:
        """Return one value as it is compared with: the tag of an option, a date as it is.

        Raises:
            InvalidValue: the field cannot have it.
        """
        accept = self._option if self.chosen else _ACCEPTED.get(self.type)
        if self.type == "lookup":
            accept = self._to_target_id
        accept = accept or plain
        try:
            result = accept(value)
        except InvalidValue as error:
            raise InvalidValue(f"{self.title}: {error}") from None
        if self.target in TARGETS:
            return parse_number(result)
        if self.pattern and self.type == "regexp" and not _matches(self.pattern, result):
            raise InvalidValue(f"{self.title}: {display(result)} does not match {self.pattern}")
        return result

    def read(self, raw: Any) -> Any:
        """Return the value that a row has, converted: a date as one, a number as one.

        Raises:
            UnexpectedValue: Zendesk sent a value of another type.
        """
        load = _LOADED.get(self.type)
        if load is None or raw in (None, ""):
            return raw
        try:
            return load(raw)
        except UnexpectedValue as error:
            raise UnexpectedValue(f"{self.title}: {error}") from None

    def display(self, value: Any) -> str:
        """Return a value for display: the titles of its options."""
        if value is None:
            return ""
        if isinstance(value, (list, tuple)):
            return ", ".join(self.display(member) for member in value)
        return self.options.get(str(value), str(value))

    def blank(self, raw: Any) -> bool:
        """Return True if a value does not satisfy `required`; a checkbox must be checked."""
        return raw in (None, "", []) or (self.type == "checkbox" and raw is False)

    def require_kind(self, value: Any) -> None:
        """Raise if an object is not of the kind that the lookup leads to.

        Raises:
            InvalidValue: the object has another model, or the field is not a lookup.
        """
        if self.leads_to is None:
            raise InvalidValue(
                f"{self.title} is {with_article(self.type)} field and cannot hold an object"
            )
        if hasattr(value, "_meta"):
            name, keys = self.leads_to
            alike = all(value._row.get(key) == expected for key, expected in keys.items())
            if not alike or not isinstance(value, registry.find(name)):
                kind = keys.get("custom_object_key") or name
                raise InvalidValue(f"must be {with_article(kind)} or its id, not {display(value)}")

    def _to_target_id(self, value: Any) -> Any:
        """Return the id of the object that is assigned to a lookup, or the assigned id."""
        if self.leads_to is not None:
            self.require_kind(value)
        pk = getattr(value, "pk", value)
        if pk is None:
            raise InvalidValue(f"{display(value)} has no id yet; save it first")
        if isinstance(pk, (int, str)) and not isinstance(pk, bool):
            return plain(pk)
        raise InvalidValue(f"must be an object or its id, not {display(value)}")

    def _option(self, value: Any) -> str:
        """Return the tag of an option that is named by its tag, or by its title in any case."""
        if not self.options:
            # A warehouse may define fields without their options.
            return str(KINDS["str"].accept(value))
        if isinstance(value, str):
            if value in self.options:
                return str.__str__(value)
            same = self._find_tags(value)
            if len(same) == 1:
                return same[0]
            if same:
                raise InvalidValue(
                    f"several options have the title {display(value)}: {', '.join(same)}"
                )
        options = [f"{display(title)} ({tag})" for tag, title in self.options.items()][:_NAMED]
        ellipsis = "" if len(options) == len(self.options) else ", ..."
        raise InvalidValue(f"must be one of {', '.join(options)}{ellipsis}, not {display(value)}")

    def _find_tags(self, title: str) -> list[str]:
        """Return the tags of the options with a title; in another case only if none is equal."""
        equal = [tag for tag, option_title in self.options.items() if option_title == title]
        return equal or [
            tag
            for tag, option_title in self.options.items()
            if fold_name(option_title) == fold_name(title)
        ]


class Definitions:
    """The custom fields that an account has for one model.

    Args:
        known: the fields.
        what: the rows that have them, for messages: `tickets`.
    """

    def __init__(self, definitions: Iterable[Definition], what: str) -> None:
        self._definitions = tuple(definitions)
        self._what = what
        self._wired = {definition.wire: definition for definition in self._definitions}
        self._by_name: dict[Any, Definition] = {}

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._definitions)

    def find_by_wire(self, wire: Any) -> Definition | None:
        """Return the field whose values lie under an id, or a key; or None."""
        return self._wired.get(wire)

    def find(self, name: str | int) -> Definition:
        """Return the field with an id, a key, a title or a tag, in this order, in any case.

        Raises:
            FieldError: no field, or several fields have the name.
        """
        definition = self._by_name.get(name)
        if definition is None:
            definition = self._by_name[name] = self._find(name)
        return definition

    def display_name(self, definition: Definition) -> str:
        """Return the title of a field; its key or its id if `find()` needs that."""
        return str(self.unique_name(definition, (definition.title, str(definition.wire))))

    def unique_name(self, definition: Definition, names: Iterable[str]) -> Any:
        """Return the first name by which `find()` returns the field; its id if none does."""
        return next((name for name in names if self._finds(name, definition)), definition.id)

    def _finds(self, name: str, definition: Definition) -> bool:
        try:
            return self.find(name) is definition
        except FieldError:
            return False

    def _find(self, name: str | int) -> Definition:
        matches = self.find_all(name)
        if len(matches) > 1:
            ids = ", ".join(str(definition.id) for definition in matches)
            raise FieldError(
                f"several custom fields of {self._what} have the name {display(name)}; use an "
                f"id: {ids}"
            )
        if matches:
            return matches[0]
        titles = [definition.title for definition in self._definitions if definition.active]
        raise FieldError(
            f"{self._what} have no custom field {display(name)}" + suggestion(str(name), titles)
        )

    def find_all(self, name: str | int) -> list[Definition]:
        """Return the fields with a name: the active ones, or the inactive ones if all are."""
        for index in self._indexes:
            matches = index.get(fold_name(name))
            if matches:
                return [definition for definition in matches if definition.active] or matches
        return []

    @cached_property
    def _indexes(self) -> list[dict[str, list[Definition]]]:
        """The fields by each kind of name."""
        return [_index(self._definitions, names) for names in _NAMES]


def _index(
    definitions: Iterable[Definition], names: Callable[[Definition], Iterable[Any]]
) -> dict[str, list[Definition]]:
    index: dict[str, list[Definition]] = {}
    for definition in definitions:
        for name in {fold_name(name) for name in names(definition)} - {""}:
            index.setdefault(name, []).append(definition)
    return index


def parse_definition(row: Row, *, by_id: bool) -> Definition | None:
    """Return the definition in the row of a field; None if it is a standard field.

    Args:
        row: the row of a ticket field, a user field and so on.
        by_id: whether values lie under the id.
    """
    if str(row.get("type")) in _OWN or (row.get("key") is None and not by_id):
        return None
    listed = row.get("custom_field_options")
    options = {
        str(option.get("value")): str(
            option.get("name") or option.get("raw_name") or option.get("value")
        )
        for option in (listed if isinstance(listed, list) else ())
        if isinstance(option, dict)
    }
    names = ("key", "title", "tag", "type", "regexp_for_validation", "raw_title")
    texts = {name: str(row.get(name) or "") for name in (*names, "relationship_target_type")}
    return Definition(
        wire=row.get("id") if by_id else texts["key"],
        id=row.get("id"),
        key=texts["key"],
        title=texts["title"] or texts["key"] or str(row.get("id")),
        tag=texts["tag"],
        type=texts["type"] or "text",
        options=options,
        required=bool(row.get("required")),
        pattern=texts["regexp_for_validation"],
        active=row.get("active") is not False,
        raw_title=texts["raw_title"],
        target=texts["relationship_target_type"],
        row=row,
    )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # Zendesk's expressions are Ruby's, and not all are Python's; it checks itself.
        return True


def _to_int(raw: Any) -> Any:
    try:
        return int(raw)
    except (OverflowError, TypeError, ValueError):
        return raw


def _to_number(raw: Any) -> Any:
    try:
        return raw if isinstance(raw, int) else float(raw)
    except (OverflowError, TypeError, ValueError):
        return raw


#: Names by which fields are found, in this order.
_NAMES: tuple[Callable[[Definition], tuple[Any, ...]], ...] = (
    lambda field: (field.id,),
    lambda field: (field.key,),
    lambda field: (field.title, field.raw_title),
    lambda field: (field.tag,),
)
_ACCEPTED: Mapping[str, Callable[[Any], Any]] = {
    "checkbox": KINDS["bool"].accept,
    "date": KINDS["date"].accept,
    "decimal": KINDS["float"].accept,
    "integer": KINDS["int"].accept,
    "partialcreditcard": KINDS["str"].accept,
    "regexp": KINDS["str"].accept,
    "text": KINDS["str"].accept,
    "textarea": KINDS["str"].accept,
}
_LOADED: Mapping[str, Callable[[Any], Any]] = {
    # A date field of users holds a date and time; one of tickets holds a date.
    "date": load_date,
    "decimal": _to_number,
    "integer": _to_int,
}
