"""Differences between declared custom fields and those of an account: `zendesk-orm check`."""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from zendesk_orm.account import Account
from zendesk_orm.errors import ConfigurationError, FeatureUnavailable, FieldError, NotFound
from zendesk_orm.inspection import field_types
from zendesk_orm.inspection.field_attributes import get_default_option
from zendesk_orm.model import Model
from zendesk_orm.schema import custom
from zendesk_orm.schema.custom_field import CustomField
from zendesk_orm.schema.definitions import Definition, Definitions, fold_name
from zendesk_orm.schema.options import Options


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
    return [line for model in models for line in _compare_model(account, model)]


def _compare_model(account: Account, model: type[Model]) -> Iterator[str]:
    """Yield the differences between the declarations of a model and the account."""
    meta = model._meta
    key = custom.scope_key(meta)
    custom_object = meta.filter.get(key) if key else None
    try:
        definitions = account.current().definitions(meta, custom.scope(meta, custom_object))
    except (FieldError, NotFound, FeatureUnavailable) as error:
        subject = f"custom object {custom_object}" if custom_object else str(error)
        yield f"{meta.object_name}: missing: {subject}"
        return
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
    if title and fold_name(definition.title) != fold_name(title):
        yield f"renamed: {title!r} is called {definition.title!r} now"
    if not definition.active:
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


def _compare_options(declared: CustomField[Any], definition: Definition) -> Iterator[str]:
    """Yield the differences between the options of a declaration and those of its field."""
    declared_tags = field_types.get_options(declared)
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
    if new:
        yield f"new options: {', '.join(new)}"
    if removed:
        yield f"removed options: {', '.join(removed)}"
    if renamed:
        yield f"renamed options: {', '.join(renamed)}"


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
