"""`zendesk-orm check`: compares declared custom fields with those of an account."""

from __future__ import annotations

import runpy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from zendesk_orm.account import Account
from zendesk_orm.errors import ConfigurationError, FeatureUnavailable, FieldError, NotFound
from zendesk_orm.inspection import kinds
from zendesk_orm.model import Model
from zendesk_orm.schema import custom
from zendesk_orm.schema.custom import CustomField
from zendesk_orm.schema.definitions import Definition, Definitions, folded
from zendesk_orm.schema.options import Options


def declared_models(place: str) -> list[type[Model]]:
    """Return the models of a module, or of a file, that declare custom fields.

    Args:
        place: `shop.models`, or `shop/models.py`.

    Raises:
        ConfigurationError: there is no such module, or no such model in it.
    """
    try:
        if Path(place).suffix == ".py":
            names = runpy.run_path(place, run_name=Path(place).stem)
        else:
            names = runpy.run_module(place, run_name=place)
    except (FileNotFoundError, ModuleNotFoundError, ImportError) as error:
        raise ConfigurationError(f"{place} cannot be loaded: {error}") from error
    found = [each for each in names.values() if isinstance(each, type) and issubclass(each, Model)]
    models = [each for each in dict.fromkeys(found) if each._meta.declared]
    if not models:
        raise ConfigurationError(f"no model in {place} declares a CustomField")
    return models


def drift(account: Account, models: Iterable[type[Model]]) -> list[str]:
    """Return the differences between declared custom fields and an account, a line each.

    Args:
        account: the account.
        models: models that declare custom fields.

    Raises:
        ApiError, TransportError.
    """
    return [line for model in models for line in _of_model(account, model)]


def _of_model(account: Account, model: type[Model]) -> Iterator[str]:
    meta = model._meta
    key = custom.scope_key(meta)
    named = meta.filter.get(key) if key else None
    try:
        known = account.current().definitions(meta, custom.scope(meta, named))
    except (FieldError, NotFound, FeatureUnavailable) as error:
        what = f"custom object {named}" if named else str(error)
        yield f"{meta.object_name}: missing: {what}"
        return
    for name, declared in meta.declared.items():
        for difference in _of_field(declared, known, meta):
            yield f"{meta.object_name}.{name}: {difference}"


def _of_field(declared: CustomField[Any], known: Definitions, meta: Options) -> Iterator[str]:
    """Yield the differences between a declaration and its field."""
    try:
        definition = known.find(declared.known_as)
    except FieldError as error:
        same = [each for each in known if declared.id is not None and each.id == declared.id]
        if not same or folded(same[0].title) == folded(declared.known_as):
            yield f"{'ambiguous' if same else 'missing'}: {error}"
            return
        definition = same[0]
        yield f"renamed: {declared.known_as!r} is called {definition.title!r} now"
    if not definition.active:
        yield "missing: it is no longer in use"
    if not kinds.fits(declared, definition, meta.app_label):
        was = " | ".join(kinds.declared_types(declared))
        if declared.type not in ("", definition.type):
            was = declared.type
        yield f"retyped: it is a {definition.type} ({kinds.python_type(definition)}), not {was}"
        return
    yield from _of_options(declared, definition)
    if declared.type:
        yield from _of_rules(declared, definition)


def _of_options(declared: CustomField[Any], definition: Definition) -> Iterator[str]:
    """Yield the differences between the options of a declaration and those of its field."""
    listed = kinds.options(declared)
    if declared.type and definition.chosen:
        listed = (listed or set()) | {*(declared.options or ())}
    if listed is None:
        return
    titles = declared.options or {}
    new = [f"{tag!r} ({title})" for tag, title in definition.options.items() if tag not in listed]
    gone = [repr(tag) for tag in sorted(listed.difference(definition.options))]
    renamed = [
        f"{tag!r} is called {title!r} now, not {titles[tag]!r}"
        for tag, title in definition.options.items()
        if titles.get(tag, title) != title
    ]
    if new:
        yield f"new options: {', '.join(new)}"
    if gone:
        yield f"options that are gone: {', '.join(gone)}"
    if renamed:
        yield f"renamed options: {', '.join(renamed)}"


def _of_rules(declared: CustomField[Any], definition: Definition) -> Iterator[str]:
    """Yield the differences between the rules for values of a declaration and of its field."""
    if definition.required and not declared.required:
        yield "required: it needs a value now"
    if declared.required and not definition.required:
        yield "optional: it needs no value any more"
    if declared.pattern != definition.pattern:
        yield f"another pattern: {definition.pattern!r}, not {declared.pattern!r}"
