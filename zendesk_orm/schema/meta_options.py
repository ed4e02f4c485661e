"""Reads `class Meta` of a model, and checks its options when the class is declared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display, suggestion


if TYPE_CHECKING:
    from zendesk_orm.schema.options import Options


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_names(value: Any) -> bool:
    return all(map(_is_name, to_names(value)))


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(map(_is_name, value))


def _is_verbose_name(value: Any) -> bool:
    """Return True for a text; a lazy text of Django is of another class."""
    others = (bytes, int, float, list, tuple, set, frozenset, dict, type, type(None))
    return _is_name(value) if isinstance(value, str) else not isinstance(value, others)


def _is_limit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_values(is_value: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a function that checks the names and the values of a mapping."""
    return lambda value: all(map(_is_name, value)) and all(map(is_value, value.values()))


_MAPPING, _NAMES = (Mapping,), (str, tuple, list)
#: The types of values, their descriptions, the functions that check them, and their options.
_OPTIONS_BY_TYPE: tuple[tuple[tuple[type, ...], str, Callable[[Any], bool], str], ...] = (
    (
        (bool,),
        "True or False",
        lambda _: True,
        "abstract camel_case enveloped proxy safe unique_ids",
    ),
    (
        (int, float),
        "a number of at least 0",
        lambda value: not isinstance(value, bool) and 0 <= value < math.inf,
        "cache_seconds",
    ),
    ((str,), "a text", lambda _: True, "discriminator parent pk_key"),
    ((str,), "a text that is not empty", _is_name, "app_label plural singular"),
    ((object,), "a text that is not empty", _is_verbose_name, "verbose_name verbose_name_plural"),
    (_NAMES, "a name or names", _are_names, "get_latest_by ordering required string_ids unique"),
    ((tuple,), "pairs of names", lambda value: all(map(_is_pair, value)), "aliases"),
    ((tuple,), "a pair of names", _is_pair, "custom"),
    (_MAPPING, "values by name", _are_values(lambda _: True), "custom_object filter"),
    (_MAPPING, "numbers by name", _are_values(_is_limit), "max_bytes max_lengths"),
    (_MAPPING, "texts by name", _are_values(_is_name), "write_instead"),
    ((Api,), "an Api: resource(...) + listing(...)", lambda _: True, "api"),
)
#: The types of the values of each option, their description, and the function that checks them.
OPTIONS = {
    name: (types, description, is_valid)
    for types, description, is_valid, names in _OPTIONS_BY_TYPE
    for name in names.split()
}


def read_meta(cls: type) -> dict[str, Any]:
    """Return the options in the `Meta` of a class body.

    Raises:
        FieldError: `Meta` is not a class, or an option does not exist.
        InvalidValue: an option cannot have its value.
    """
    body = cls.__dict__.get("Meta")
    if body is not None and not isinstance(body, type):
        raise FieldError(f"{cls.__name__}.Meta must be a class, not {display(body)}")
    options = {} if body is None else {k: v for k, v in vars(body).items() if k[:2] != "__"}
    for name, value in options.items():
        if name not in OPTIONS:
            raise FieldError(
                f"{cls.__name__}.Meta has no option {display(name)}" + suggestion(name, OPTIONS)
            )
        types, description, is_valid = OPTIONS[name]
        is_of_type = isinstance(value, types)
        if not is_of_type and name != "api":
            description = f"of type {' or '.join(kind.__name__ for kind in types)}"
        if not is_of_type or not is_valid(value):
            raise InvalidValue(
                f"{cls.__name__}.Meta.{name} must be {description}, not {display(value)}"
            )
    return options


def to_names(names: Any) -> tuple[str, ...]:
    """Return the names in an option, which may be a single one."""
    return (names,) if isinstance(names, str) else tuple(names)


def check_names(meta: Mapping[str, Any], options: Options) -> None:
    """Check that the names in the `Meta` of a class are those of fields or relations.

    Raises:
        FieldError: the message names the nearest.
    """
    relations: dict[str, Any] = dict(options.relations)
    fields = {**options.fields, **relations}
    names_of_fields = ("filter", "max_bytes", "max_lengths", "required", "unique", "write_instead")
    choices = {
        **dict.fromkeys(names_of_fields, fields),
        **dict.fromkeys(("parent", "string_ids"), relations),
    }
    for option, allowed in choices.items():
        for name in to_names(meta.get(option, ())):
            if name and name not in allowed:
                raise FieldError(
                    f"{options.object_name}.Meta.{option} names {display(name)}, which does not "
                    f"exist{suggestion(name, allowed)}"
                )
    for option in ("get_latest_by", "ordering"):
        for name in to_names(meta.get(option, ())):
            options.get_field(name.removeprefix("-"))
