"""What an account says of its custom fields: what they are called, and which values each takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from zendesk_orm.errors import FieldError, InvalidValue, UnexpectedValue
from zendesk_orm.http.values import plain, to_json, to_text
from zendesk_orm.schema import registry
from zendesk_orm.schema.loading import load_date, numbered
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.values import KINDS
from zendesk_orm.suggestions import suggestion


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
#: What lookups lead to, as Zendesk calls it, and the model.
TARGETS: Mapping[str, str] = {
    "zen:organization": "Organization",
    "zen:ticket": "Ticket",
    "zen:user": "User",
}
#: How Zendesk calls the records of a custom object: by its key, behind this.
RECORDS = "zen:custom_object:"
#: Types with options.
_CHOSEN = frozenset({"dropdown", "multiselect", "tagger"})
#: Options that a message names at most.
_NAMED = 20


def folded(text: Any) -> str:
    """Return a title, key, tag or id as names are compared: in any case, in either Unicode form."""
    return unicodedata.normalize("NFC", str(text).casefold())


@frozen(eq=False)
class Definition:
    """One custom field of an account.

    Attributes:
        wire: what its values lie under: its id in a list, its key in a dictionary.
        id: its id.
        key: its key, or "".
        title: what people call it.
        tag: the tag that it sets, or "".
        type: Zendesk's name of its type: `tagger`, `date`, `integer`.
        options: the titles of its options, by their tags.
        required: whether a ticket cannot be solved, or a record made, without a value.
        pattern: the regular expression that values match, or "".
        active: whether it is in use.
        raw_title: its title as it is kept, which may be a placeholder.
        target: of a lookup, what Zendesk calls that to which it leads: `zen:user`.
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

    @property
    def leads_to(self) -> tuple[str, dict[str, Any]] | None:
        """The model that a lookup leads to, and what rows of it have besides an id; or None."""
        if self.target.startswith(RECORDS):
            return "CustomObjectRecord", {"custom_object_key": self.target.removeprefix(RECORDS)}
        model = TARGETS.get(self.target)
        return None if model is None else (model, {})

    @property
    def chosen(self) -> bool:
        """Whether its values are among options."""
        return self.type in _CHOSEN

    @property
    def multiple(self) -> bool:
        """Whether it has several values at once."""
        return self.type == "multiselect"

    def accepted(self, value: Any) -> Any:
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
            return [self.asked(member) for member in members]
        found = self.asked(value)
        if self.type == "lookup":
            return to_text(found)
        return to_json(found)

    def asked(self, value: Any) -> Any:
        """Return one value as it is compared with: the tag of an option, a date as it is.

        Raises:
            InvalidValue: the field cannot have it.
        """
        accept = self._option if self.chosen else _ACCEPTED.get(self.type)
        if self.type == "lookup":
            accept = self._pointed
        accept = accept or plain
        try:
            found = accept(value)
        except InvalidValue as error:
            raise InvalidValue(f"{self.title}: {error}") from None
        if self.target in TARGETS:
            return numbered(found)
        if self.pattern and self.type == "regexp" and not _matches(self.pattern, found):
            raise InvalidValue(f"{self.title}: {found!r} does not match {self.pattern}")
        return found

    def loaded(self, raw: Any) -> Any:
        """Return the value that a row has, converted: a date as one, a number as one.

        Raises:
            UnexpectedValue: Zendesk sent what the field cannot have.
        """
        load = _LOADED.get(self.type)
        if load is None or raw in (None, ""):
            return raw
        try:
            return load(raw)
        except UnexpectedValue as error:
            raise UnexpectedValue(f"{self.title}: {error}") from None

    def display(self, value: Any) -> str:
        """Return what people call a value: the titles of its options."""
        if value is None:
            return ""
        if isinstance(value, (list, tuple)):
            return ", ".join(self.display(each) for each in value)
        return self.options.get(str(value), str(value))

    def blank(self, raw: Any) -> bool:
        """Tell whether a value is none, as far as `required` goes: a checkbox wants its mark."""
        return raw in (None, "", []) or (self.type == "checkbox" and raw is False)

    def require_kind(self, value: Any) -> None:
        """Raise if an object is not of the kind that the lookup leads to.

        Raises:
            InvalidValue: it is of another kind, or the field is no lookup.
        """
        if self.leads_to is None:
            raise InvalidValue(f"{self.title} is a {self.type}, and does not lead to an object")
        if hasattr(value, "_meta"):
            name, known = self.leads_to
            alike = all(value._row.get(key) == wanted for key, wanted in known.items())
            if not alike or not isinstance(value, registry.find(name)):
                kind = known.get("custom_object_key") or name
                raise InvalidValue(f"wants a {kind} or its id, not {value!r}")

    def _pointed(self, value: Any) -> Any:
        """Return the id of what a lookup is to lead to: a record of its kind, or an id."""
        if self.leads_to is not None:
            self.require_kind(value)
        pk = getattr(value, "pk", value)
        if pk is None:
            raise InvalidValue(f"{value!r} has no id yet; save it first")
        if isinstance(pk, (int, str)) and not isinstance(pk, bool):
            return plain(pk)
        raise InvalidValue(f"wants a record or its id, not {value!r}")

    def _option(self, value: Any) -> str:
        """Return the tag of an option that is named by its tag, or by its title in any case."""
        if isinstance(value, str):
            if value in self.options:
                return str.__str__(value)
            same = self._titled(value)
            if len(same) == 1:
                return same[0]
            if same:
                raise InvalidValue(f"several options are called {value!r}: {', '.join(same)}")
        named = [f"{title!r} ({tag})" for tag, title in self.options.items()][:_NAMED]
        more = "" if len(named) == len(self.options) else ", ..."
        raise InvalidValue(f"wants one of {', '.join(named)}{more}, not {value!r}")

    def _titled(self, title: str) -> list[str]:
        """Return the tags of the options with a title; in another case only if none is equal."""
        equal = [tag for tag, known in self.options.items() if known == title]
        return equal or [
            tag for tag, known in self.options.items() if folded(known) == folded(title)
        ]


class Definitions:
    """The custom fields that an account has for one model.

    Args:
        known: the fields.
        what: the rows that have them, for messages: `tickets`.
    """

    def __init__(self, known: Iterable[Definition], what: str) -> None:
        self._known = tuple(known)
        self._what = what
        self._wired = {each.wire: each for each in self._known}
        self._found: dict[Any, Definition] = {}

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._known)

    def wired(self, wire: Any) -> Definition | None:
        """Return the field whose values lie under an id, or a key; or None."""
        return self._wired.get(wire)

    def find(self, name: str | int) -> Definition:
        """Return the field with an id, a key, a title or a tag, in this order, in any case.

        Raises:
            FieldError: no field, or several fields have the name.
        """
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._named(name)
        return found

    def called(self, definition: Definition) -> str:
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

    def _named(self, name: str | int) -> Definition:
        for index in self._indexes:
            found = index.get(folded(name), ())
            found = [each for each in found if each.active] or found
            if len(found) > 1:
                ids = ", ".join(str(each.id) for each in found)
                raise FieldError(
                    f"several custom fields of {self._what} are called {name!r}; name one by its "
                    f"id: {ids}"
                )
            if found:
                return found[0]
        titles = [each.title for each in self._known if each.active]
        raise FieldError(
            f"{self._what} have no custom field {name!r}" + suggestion(str(name), titles)
        )

    @cached_property
    def _indexes(self) -> list[dict[str, list[Definition]]]:
        """The fields by each kind of name."""
        return [_index(self._known, names) for names in _NAMES]


def _index(
    known: Iterable[Definition], names: Callable[[Definition], Iterable[Any]]
) -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = {}
    for each in known:
        for name in {folded(name) for name in names(each)} - {""}:
            found.setdefault(name, []).append(each)
    return found


def described(row: Row, *, by_id: bool) -> Definition | None:
    """Return what the row of a field describes; None where it is no custom field.

    Args:
        row: the row of a ticket field, a user field and so on.
        by_id: whether values lie under the id.
    """
    if str(row.get("type")) in _OWN or (row.get("key") is None and not by_id):
        return None
    listed = row.get("custom_field_options")
    options = {
        str(each.get("value")): str(each.get("name") or each.get("raw_name") or each.get("value"))
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
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
    )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        # Zendesk's expressions are Ruby's, and not all are Python's; it checks itself.
        return True


def _whole(raw: Any) -> Any:
    try:
        return int(raw)
    except (OverflowError, TypeError, ValueError):
        return raw


def _decimal(raw: Any) -> Any:
    try:
        return raw if isinstance(raw, int) else float(raw)
    except (OverflowError, TypeError, ValueError):
        return raw


#: Names by which fields are found, in this order.
_NAMES: tuple[Callable[[Definition], tuple[Any, ...]], ...] = (
    lambda each: (each.id,),
    lambda each: (each.key,),
    lambda each: (each.title, each.raw_title),
    lambda each: (each.tag,),
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
    # A field of users has a moment where one of tickets has a day.
    "date": load_date,
    "decimal": _decimal,
    "integer": _whole,
}
