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
    return _is_name(value) or (isinstance(value, (list, tuple)) and all(map(_is_name, value)))


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(map(_is_name, value))


def _are_pairs(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_pair, value))


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0


def _is_verbose_name(value: Any) -> bool:
    """Return True for a text; a lazy text of Django is of another class."""
    others = (bytes, int, float, list, tuple, set, frozenset, dict, type, type(None))
    return _is_name(value) if isinstance(value, str) else not isinstance(value, others)


def _is_mapping_to(is_value: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return a function that checks a mapping from names to values."""
    return lambda value: (
        isinstance(value, Mapping)
        and all(map(_is_name, value))
        and all(map(is_value, value.values()))
    )


def _is_limit(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


#: The descriptions of values, the functions that check them, and the options that have them.
_OPTIONS_BY_KIND: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    (
        "True or False",
        lambda value: isinstance(value, bool),
        "abstract camel_case enveloped proxy safe unique_ids",
    ),
    ("a number of at least 0", _is_number, "cache_seconds"),
    ("a text", lambda value: isinstance(value, str), "discriminator parent pk_key"),
    ("a text that is not empty", _is_name, "app_label plural singular"),
    ("a text that is not empty", _is_verbose_name, "verbose_name verbose_name_plural"),
    (
        "a name or a list of names",
        _are_names,
        "get_latest_by ordering required string_ids unique",
    ),
    ("pairs of names", _are_pairs, "aliases"),
    ("a pair of names", _is_pair, "custom"),
    ("a dictionary of values by name", _is_mapping_to(lambda _: True), "custom_object filter"),
    ("a dictionary of numbers by name", _is_mapping_to(_is_limit), "max_bytes max_lengths"),
    ("a dictionary of texts by name", _is_mapping_to(_is_name), "write_instead"),
    (
        "an Api: resource(...) + listing(...)",
        lambda value: isinstance(value, Api),
        "api",
    ),
)
#: The description of the values of each option, and the function that checks them.
OPTIONS = {
    name: (description, is_valid)
    for description, is_valid, names in _OPTIONS_BY_KIND
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
        description, is_valid = OPTIONS[name]
        if not is_valid(value):
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
