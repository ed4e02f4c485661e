"""Kinds of values: how they are loaded, serialized and validated.

One table. Values whose type is the `exact` one of their kind need no conversion, so that reading
them costs one comparison.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import dump_datetime, is_lazy, is_list, plain, to_json, to_text
from zendesk_orm.messages import display
from zendesk_orm.schema.loading import (
    load_bool,
    load_choice,
    load_date,
    load_datetime,
    load_dict,
    load_float,
    load_id,
    load_int,
    load_list,
    load_str,
    load_text_id,
    parse_number,
    parser,
)
from zendesk_orm.schema.row import copy_json


class Untouched(list[Any]):
    """The list that a missing value is read as; while it is empty, it is not a change."""


class UntouchedDict(dict[str, Any]):
    """The same for a dictionary."""


UNTOUCHED = (Untouched, UntouchedDict)


def _refuse(value: Any, *args: Any, **kwargs: Any) -> Any:
    raise InvalidValue(
        f"{value.name} cannot be edited in place, because its present value is not known and would "
        "be overwritten; fetch the object first (get(), refresh_from_db()), or assign a value"
        f"{value.remedy}"
    )


class UnknownList(Untouched):
    """The list of an object whose values are unknown: it cannot be edited in place.

    Attributes:
        name: the field, for the message.
        remedy: a further remedy in the message.
    """

    name = ""
    remedy = ""

    if not TYPE_CHECKING:  # Checkers compare the signatures with those of a list.
        append = extend = insert = pop = remove = clear = sort = reverse = _refuse
        __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse


class UnknownDict(UntouchedDict):
    """The same for a dictionary."""

    name = ""
    remedy = ""

    if not TYPE_CHECKING:  # Checkers compare the signatures with those of a dictionary.
        update = setdefault = pop = popitem = clear = _refuse
        __setitem__ = __delitem__ = __ior__ = _refuse


#: The kinds of which "" is a value.
_TEXTUAL = frozenset({"str", "Any"})


@frozen(eq=False)
class Kind:
    """One kind of value.

    Attributes:
        name: for messages: `str`, `datetime`.
        accept: assigned value -> stored value; raises `InvalidValue`.
        load: JSON value -> Python value, lenient; raises `UnexpectedValue`. None if they are equal.
        exact: the type of values on the wire that are not loaded, because they are right as they
            are; None if all are.
        dump: Python value -> JSON value; None if they are equal.
        absent: makes the value of a field that the row does not have.
        unknown: makes the value of a field of which only Zendesk knows the value; None if it
            can be edited nevertheless, because only changed parts are sent.
        to_row: Python value -> JSON value of a row, for values that cannot be compared directly.
        attach: attaches a value, or its members, to the session that it came through.
        part: JSON value of the row, Python value -> the part to send, if Zendesk accepts parts.
        choices: the values there are, from the lowest to the highest; often ().
        key: value, or member of a list -> the form in which Zendesk compares it; None if
            Zendesk compares values as they are.
        item: the name of the kind of the members of a list; "" if they are of any kind.
    """

    name: str
    accept: Callable[[Any], Any]
    load: Callable[[Any], Any] | None = None
    dump: Callable[[Any], Any] | None = None
    absent: Callable[[], Any] | None = None
    to_row: Callable[[Any], Any] | None = None
    attach: Callable[[Any, Any], None] | None = None
    part: Callable[[Any, Any], Any] | None = None
    choices: tuple[Any, ...] = ()
    key: Callable[[Any], Any] | None = None
    unknown: Callable[[], Any] | None = None
    exact: type | None = None
    item: str = ""

    @property
    def is_ordered(self) -> bool:
        """Whether a value is less or greater than another: lists and objects are not."""
        return self.absent is None and self.attach is None

    @property
    def has_empty_text(self) -> bool:
        """Whether "" is a value, and does not stand for none."""
        return self.name in _TEXTUAL or "" in self.choices


def aware(value: Any) -> datetime:
    """Return the value as an aware datetime.

    Raises:
        InvalidValue: it is naive, or no moment at all.
    """
    if isinstance(value, str):
        text = value
        try:
            value = parser().isoparse(text)
        except ValueError:
            raise InvalidValue(f"{display(text)} is not a date and time in ISO 8601") from None
        if value.tzinfo is None:
            raise InvalidValue(
                f"{display(text)} has no time zone, so the moment is unknown; "
                f"give it one: {display(value.isoformat() + 'Z')} is in UTC"
            )
    if not isinstance(value, datetime):
        raise InvalidValue(f"must be a datetime with a time zone, not {display(value)}")
    moment: datetime = plain(value)
    try:
        moment.astimezone(timezone.utc)
    except OverflowError:
        raise InvalidValue(f"{display(value)} has no counterpart in UTC") from None
    return moment


def _day(value: Any) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise InvalidValue(f"{display(value)} is not a date in ISO 8601") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        day: date = plain(value)
        return day
    raise InvalidValue(f"must be a date, not {display(value)}")


def _exactly(*types: type) -> Callable[[Any], Any]:
    expected = types[0].__name__

    def accept(value: Any) -> Any:
        is_scalar = isinstance(value, (str, float)) or hasattr(type(value), "__index__")
        if is_scalar or is_lazy(value):
            reduced = plain(value)
            if type(reduced) in types:
                return reduced
        kind = type(value).__name__
        raise InvalidValue(f"must be {expected}, not {kind}: {display(value, 200)}")

    return accept


def members_of(value: Any) -> list[Any]:
    """Return the members of a list, as they are.

    Raises:
        InvalidValue: the value is not a list, or None is among its members.
    """
    if not is_list(value):
        raise InvalidValue(f"must be a list, not {display(value)}")
    members = list(value)
    if any(member is None for member in members):
        raise InvalidValue("None cannot be a member of a list; leave it out")
    return members


def _list(value: Any) -> list[Any]:
    return [plain(member) for member in members_of(value)]


def _dict(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        values: dict[str, Any] = plain(value)
        return values
    raise InvalidValue(f"must be a dictionary, not {display(value)}")


def _dump_list(value: Any) -> Any:
    return to_json(members_of(value))


def _changed_values(raw: Any, value: Any) -> Any:
    """Return the values by key that differ from the row's; Zendesk leaves the others alone."""
    before = raw if isinstance(raw, dict) else {}
    return {key: item for key, item in value.items() if key not in before or before[key] != item}


def _changed_items(raw: Any, value: Any) -> Any:
    """Return the items by id whose value differs from the row's."""
    items = raw if isinstance(raw, list) else ()
    before = {pk: item.get("value") for item in items if (pk := _item_id(item)) is not None}
    return [
        item
        for item in value
        if (pk := _item_id(item)) not in before or before[pk] != item.get("value")
    ]


def _item_id(item: Any) -> int | str | None:
    """Return the id of an item; None if it is missing or of another type."""
    pk = item.get("id") if isinstance(item, dict) else None
    return pk if isinstance(pk, (int, str)) else None


#: Functions that return the changed part of a field with values by key, by kind.
PARTS: Mapping[str, Callable[[Any, Any], Any]] = {"dict": _changed_values, "list": _changed_items}

#: Text that Zendesk compares without regard to case; declared as `Field[CaseInsensitiveStr]`.
CaseInsensitiveStr = str
#: The same, of which Zendesk cuts off blanks at both ends.
TrimmedCaseInsensitiveStr = str


def fold_case(value: Any) -> Any:
    """Return text in the form in which it is compared without regard to case."""
    return value.casefold() if isinstance(value, str) else value


def fold_case_and_trim(value: Any) -> Any:
    """Return text in the form in which it is compared without case and outer blanks."""
    return value.strip().casefold() if isinstance(value, str) else value


KINDS: Mapping[str, Kind] = {
    "str": Kind("str", _exactly(str), load_str, exact=str),
    "CaseInsensitiveStr": Kind("str", _exactly(str), load_str, key=fold_case, exact=str),
    "TrimmedCaseInsensitiveStr": Kind(
        "str", _exactly(str), load_str, key=fold_case_and_trim, exact=str
    ),
    "int": Kind("int", _exactly(int), load_int, exact=int),
    "float": Kind("float", _exactly(float, int), load_float, exact=float),
    "bool": Kind("bool", _exactly(bool), load_bool, exact=bool),
    "datetime": Kind("datetime", aware, load_datetime, dump_datetime),
    "date": Kind("date", _day, load_date, date.isoformat),
    "list": Kind("list", _list, load_list, _dump_list, Untouched, unknown=UnknownList),
    "dict": Kind("dict", _dict, load_dict, to_json, UntouchedDict, unknown=UnknownDict),
    "Any": Kind("Any", plain, copy_json, to_json),
}


def list_kind(item: str) -> Kind:
    """Return the kind of a field that holds a list of values of one kind."""
    kind = KINDS[item]
    load: Callable[[Any], list[Any]] = load_list
    if kind.load is not None and item != "Any":
        load = _members_loader(kind.load, dict if item == "dict" else kind.exact)
    return evolve(KINDS["list"], key=kind.key, item=item, load=load)


def _members_loader(load: Callable[[Any], Any], exact: type | None) -> Callable[[Any], list[Any]]:
    """Return a function that loads a list, without nulls.

    Args:
        load: loads a member.
        exact: the type of members that need no conversion, if there is one.
    """

    def load_members(raw: Any) -> list[Any]:
        members = load_list(raw)
        if set(map(type, members)) <= {exact}:
            return members
        return [
            member if type(member) is exact else load(member)
            for member in members
            if member is not None
        ]

    return load_members


def _row_id(value: Any) -> Any:
    """Return the id of a row, which may be given as text."""
    return KINDS["int"].accept(
        parse_number(plain(value)) if isinstance(value, str) or is_lazy(value) else value
    )


#: The id of a row, if it is a number; that of a row that exists once is a text, its name.
ROW_ID = evolve(KINDS["int"], accept=_row_id, load=load_id)
#: A list of such ids.
ROW_IDS = evolve(
    list_kind("int"),
    accept=lambda value: [parse_number(item) for item in _list(value)],
    load=_members_loader(load_text_id, int),
)
#: The id behind a relation; and one that Zendesk writes as text, though it is a number.
ID = Kind("id", plain, load_id, exact=int)
TEXT_ID = Kind("id", plain, load_text_id, to_text, exact=int)


def chosen(choices: tuple[Any, ...]) -> Kind:
    """Return the kind of a field with fixed choices.

    Only assignments are checked: a new choice of Zendesk's must not break reading.
    """

    def accept(value: Any) -> Any:
        if value in choices:
            # The choice, because the value may be of a subclass: a member of an enumeration.
            return choices[choices.index(value)]
        listed = ", ".join(repr(choice) for choice in choices)
        raise InvalidValue(f"must be one of {listed}, not {display(value, 200)}")

    return Kind("choice", accept, load_choice, choices=choices)


def relativedelta(**lengths: int) -> Any:
    """Return a length of time that months and years are part of."""
    # Seam: the same.
    return importlib.import_module("dateutil.relativedelta").relativedelta(**lengths)


#: Ids without a row: -1 is Zendesk itself, and 0 means no user.
NOBODY: frozenset[Any] = frozenset({0, -1, "0", "-1"})


def real_id(pk: Any) -> Any:
    """Return an id, or None for one that no row can have."""
    return None if isinstance(pk, (int, str)) and pk in NOBODY else pk


def are_plain_ids(ids: list[Any]) -> bool:
    """Return whether the ids of rows need neither a conversion nor `real_id()`, as nearly all."""
    return set(map(type, ids)) <= _PLAIN_IDS and NOBODY.isdisjoint(ids)


_PLAIN_IDS = frozenset({int, type(None)})
