"""Differences between declared custom fields and those of an account: `zendesk-orm check`."""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from zendesk_orm.account import Account
from zendesk_orm.errors import ConfigurationError, FeatureUnavailable, FieldError, NotFound
from zendesk_orm.inspection import field_types
from zendesk_orm.inspection.field_attributes import get_default_option, is_equal
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema import custom
from zendesk_orm.schema.custom_field import CustomField
from zendesk_orm.schema.definitions import Definition, Definitions, fold_name
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import Row
from zendesk_orm.support import CustomObject


def load_models(place: str) -> list[type[Model]]:
    """Load a module or a file, and return its models with custom fields or a custom object.

    Args:
        place: `shop.models`, or `shop/models.py`.

    Raises:
        ConfigurationError: the module cannot be loaded, or contains no such model.
    """
    try:
        if Path(place).suffix == ".py":
            names = runpy.run_path(place, run_name=Path(place).stem)
        else:
            names = vars(importlib.import_module(place))
    except (Exception, SystemExit) as error:
        # The file runs, and may raise anything; one that exits must not end the check.
        reason = f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"{place} cannot be loaded: {reason}") from error
    loaded = [
        model for model in names.values() if isinstance(model, type) and issubclass(model, Model)
    ]
    models = [model for model in dict.fromkeys(loaded) if _is_declaration(model._meta)]
    if not models:
        raise ConfigurationError(f"no model in {place} declares a CustomField or a custom object")
    return models


def _is_declaration(meta: Options) -> bool:
    """Return True for a model with custom fields, and for that of a custom object without any."""
    return bool(meta.declared) or (
        bool(meta.custom) and meta.filter.get(custom.scope_key(meta)) is not None
    )


def find_drift(account: Account, models: Iterable[type[Model]]) -> list[str]:
    """Return the differences between declared custom fields and an account, a line each.

    Args:
        account: the account.
        models: models that declare custom fields.

    Raises:
        ApiError, TransportError.
    """
    models = list(models)
    objects: dict[str, Row] = {}
    if any(model._meta.custom_object for model in models):
        with suppress(FeatureUnavailable):
            objects = {row.key: row._row for row in CustomObject.objects.using(account.alias)}
    return [line for model in models for line in _compare_model(account, model, objects)]


def _compare_model(
    account: Account, model: type[Model], objects: Mapping[str, Row]
) -> Iterator[str]:
    """Yield the differences between the declarations of a model and the account.

    Args:
        account: the account.
        model: the model.
        objects: the rows of custom objects, by key.
    """
    meta = model._meta
    key = custom.scope_key(meta)
    custom_object = meta.filter.get(key) if key else None
    try:
        definitions = account.current().definitions(meta, custom.scope(meta, custom_object))
    except (FieldError, NotFound, FeatureUnavailable) as error:
        subject = f"custom object {custom_object}" if custom_object else str(error)
        yield f"{meta.object_name}: missing: {subject}"
        return
    yield from (
        f"{meta.object_name}: {difference}"
        for difference in _compare_attributes(
            meta.custom_object, objects.get(str(custom_object), {})
        )
    )
    for name, declared in meta.declared.items():
        for difference in _compare_field(declared, definitions, meta):
            yield f"{meta.object_name}.{name}: {difference}"


def _compare_field(
    declared: CustomField[Any], definitions: Definitions, meta: Options
) -> Iterator[str]:
    """Yield the differences between a declaration and its field."""
    title = declared.title
    try:
        definition = definitions.find(declared.known_as)
    except FieldError as error:
        matches = [
            candidate
            for candidate in definitions
            if declared.id is not None and candidate.id == declared.id
        ]
        if not matches or fold_name(matches[0].title) == fold_name(declared.known_as):
            yield f"{'ambiguous' if matches else 'missing'}: {error}"
            return
        definition, title = matches[0], str(declared.known_as)
    is_by_id = definition.wire != definition.key
    if not title and is_by_id and declared.id is not None and isinstance(declared.known_as, str):
        # It may have been found by its tag.
        title = declared.known_as
    if title and fold_name(definition.title) != fold_name(title):
        yield f"renamed: {title!r} is called {definition.title!r} now"
    if not definition.active and declared.attributes.get("active", True):
        yield "missing: the field is inactive"
    if not field_types.fits(declared, definition, meta.app_label):
        declared_type = " | ".join(field_types.get_declared_types(declared))
        if declared.type not in ("", definition.type):
            declared_type = declared.type
        python_type = field_types.get_python_type(definition)
        yield f"retyped: the type is {definition.type} ({python_type}), not {declared_type}"
        return
    yield from _compare_options(declared, definition)
    if declared.type:
        yield from _compare_rules(declared, definition)
    yield from _compare_attributes(
        {n: v for n, v in declared.attributes.items() if n != "active"}, definition.row
    )


def _compare_attributes(attributes: Mapping[str, Any], row: Row) -> Iterator[str]:
    """Yield the differences between declared attributes and those of a row."""
    for name, value in attributes.items():
        if is_equal(row, name, value):
            continue
        if name == "title":
            yield f"renamed: {display(value)} is called {display(row.get(name))} now"
        else:
            yield f"changed {name}: {display(row.get(name))}, not {display(value)}"


def _compare_options(declared: CustomField[Any], definition: Definition) -> Iterator[str]:
    """Yield the differences between the options of a declaration and those of its field."""
    declared_tags = declared.choices
    if declared.type and definition.chosen:
        declared_tags = (*(declared_tags or ()), *(declared.options or ()))
    if declared_tags is None:
        return
    titles = declared.options or {}
    new = [
        f"{tag!r} ({title})"
        for tag, title in definition.options.items()
        if tag not in declared_tags
    ]
    removed = [repr(tag) for tag in sorted({*declared_tags}.difference(definition.options))]
    renamed = [
        f"{tag!r} is called {title!r} now, not {titles[tag]!r}"
        for tag, title in definition.options.items()
        if titles.get(tag, title) != title
    ]
    common = [tag for tag in definition.options if tag in titles]
    expected = [tag for tag in titles if tag in definition.options]
    if new:
        yield f"new options: {', '.join(new)}"
    if removed:
        yield f"removed options: {', '.join(removed)}"
    if renamed:
        yield f"renamed options: {', '.join(renamed)}"
    if common != expected:
        yield f"reordered options: {display(common)}, not {display(expected)}"


def _compare_rules(declared: CustomField[Any], definition: Definition) -> Iterator[str]:
    """Yield the differences between the rules for values of a declaration and of its field."""
    if definition.required and not declared.required:
        yield "required: a value is required now"
    if declared.required and not definition.required:
        yield "optional: a value is no longer required"
    if declared.pattern != definition.pattern:
        yield f"changed pattern: {definition.pattern!r}, not {declared.pattern!r}"
    default = get_default_option(definition) or ""
    was_removed = bool(declared.default) and declared.default not in definition.options
    if declared.default != default and not was_removed:
        yield f"changed default: {default!r}, not {declared.default!r}"
