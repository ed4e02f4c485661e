"""Form fields for the fields of a model of Zendesk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import FieldError
from zendesk_orm.schema.display import CALLED
from zendesk_orm.schema.fields import Attribute, Id, Ref


#: The attributes of an object that name it for people; the first one counts.
_NAMES = ("name", "title", "subject")


class ComparableMixin:
    """Compares the entered value with the initial one in the form in which Zendesk stores it."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether another value was entered."""
        field: Any = self
        if field.disabled:
            return False
        try:
            return bool(self.normalize(initial) != self.normalize(data))
        except forms.ValidationError:
            return True

    def normalize(self, value: Any) -> Any:
        """Return a value in the form in which values are compared.

        Raises:
            ValidationError: it is invalid.
        """
        field: Any = self
        return field.to_python(value)


class TextField(ComparableMixin, forms.CharField):
    """A `CharField` whose text is unchanged if only its line breaks and outer blanks differ.

    Browsers send line breaks as CR LF.
    """

    def to_python(self, value: Any) -> Any:
        """Return the text with the line breaks of Zendesk."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class TagsField(ComparableMixin, forms.CharField):
    """The members of a list, separated by blanks or commas: tags, domain names or ids."""

    def prepare_value(self, value: Any) -> Any:
        """Return the text that the widget displays."""
        return value if value is None or isinstance(value, str) else " ".join(map(str, value))

    def to_python(self, value: Any) -> list[str]:
        """Return the members."""
        return str(self.prepare_value(value) or "").replace(",", " ").split()

    def validate(self, value: Any) -> None:
        """Raise `ValidationError` if a required list is empty."""
        forms.Field.validate(self, value)

    def run_validators(self, value: Any) -> None:
        """Do nothing: the validators of `CharField` are for text."""

    def normalize(self, value: Any) -> Any:
        """Return the members in alphabetical order: their order has no meaning."""
        return sorted(self.to_python(value))


class MomentField(ComparableMixin, forms.DateTimeField):
    """A `DateTimeField` for moments with a time zone, also with `USE_TZ = False`."""

    def prepare_value(self, value: Any) -> Any:
        """Return the moment in the current time zone."""
        if isinstance(value, datetime) and timezone.is_aware(value) and not settings.USE_TZ:
            value = timezone.make_naive(value)
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """Return the moment with its time zone."""
        moment = super().to_python(value)
        if isinstance(moment, datetime) and timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        return moment

    def normalize(self, value: Any) -> Any:
        """Return the moment in whole seconds, which widgets display."""
        moment = self.to_python(value)
        return moment.replace(microsecond=0) if isinstance(moment, datetime) else moment


class _Labels:
    """Labels objects by their names."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name, title or subject of an object."""
        names = (getattr(obj, name, None) for name in _NAMES if name in obj._meta.names)
        return next((name for name in names if name), str(obj))


class ModelChoiceField(_Labels, forms.ModelChoiceField):
    """Django's `ModelChoiceField` for objects of Zendesk, which are labelled by their names."""


class ModelMultipleChoiceField(_Labels, forms.ModelMultipleChoiceField):
    """Django's `ModelMultipleChoiceField` for objects of Zendesk."""


def list_names(model: Any) -> list[str]:
    """Return the names of the fields of a model that forms can edit."""
    meta = model._meta
    names = [*meta.fields, *meta.relations]
    return [name for name in names if _build_field(meta, name) is not None]


def formfield(model: Any, name: str, **options: Any) -> Any:
    """Return the form field for a field of a model.

    Args:
        model: the model.
        name: the name of a field or a relation.
        options: arguments of the form field, such as `label` and `widget`; `form_class` is
            its class.

    Raises:
        FieldError: the field does not exist, is set by Zendesk, or has no form field.
    """
    meta = model._meta
    field = meta.get_field(name)
    if not field.editable:
        raise meta.read_only_error(name)
    build = _build_field(meta, name)
    form_class = options.pop("form_class", None)
    if build is None and form_class is None:
        raise FieldError(
            f"{meta.object_name}.{name} has no form field; declare one in the form: "
            f"{name} = forms.CharField()"
        )
    required = name in meta.required or (isinstance(field, Ref) and field.id.name in meta.required)
    values = {"required": required, "label": name.replace("_", " ").capitalize(), **options}
    if form_class is not None:
        return form_class(**values)
    return (build or _build_text)(field, values)


def _build_field(meta: Any, name: str) -> Callable[[Any, dict[str, Any]], Any] | None:
    """Return the function that builds the form field for a field, or None."""
    field = meta.get_field(name)
    if not field.editable or isinstance(field, Id) or name in meta.custom:
        return None
    if isinstance(field, Ref):
        return _build_choice_of_objects
    if field.kind.choices:
        return _build_choice
    return _BUILDERS.get(field.kind.name)


def _build_text(field: Attribute[Any], options: dict[str, Any]) -> Any:
    return TextField(**{"empty_value": None if field.nullable else "", **options})


def _build_bool(field: Attribute[Any], options: dict[str, Any]) -> Any:
    if field.nullable:
        return forms.NullBooleanField(**options)
    return forms.BooleanField(**{**options, "required": False})


def _build_choice(field: Attribute[Any], options: dict[str, Any]) -> Any:
    choices = label_choices(field.kind.choices)
    # As in Django, the empty choice is displayed first.
    return forms.TypedChoiceField(
        **{"choices": [("", "---------"), *choices], "empty_value": None, **options}
    )


def _build_choice_of_objects(field: Ref[Any], options: dict[str, Any]) -> Any:
    """Return a field that displays a list if the model has few rows, and an id otherwise."""
    model: Any = field.model
    endpoints = [endpoint for endpoint in model._meta.api if endpoint.verb is Verb.LIST]
    if not endpoints or not all(endpoint.fits_in_memory for endpoint in endpoints):
        is_text = model._meta.pk.kind.name != "int"
        options.setdefault("widget", forms.TextInput if is_text else forms.NumberInput)
    return ModelChoiceField(**{"queryset": model.objects.all(), **options})


def _build_with(form_class: Any) -> Callable[[Any, dict[str, Any]], Any]:
    def build(field: Attribute[Any], options: dict[str, Any]) -> Any:
        return form_class(**options)

    return build


def label_choices(choices: Iterable[Any]) -> list[tuple[Any, str]]:
    """Return choices with the names that `get_..._display()` returns."""
    return [(value, CALLED.get(value, str(value).capitalize())) for value in choices]


_BUILDERS: Mapping[str, Callable[[Any, dict[str, Any]], Any]] = {
    "str": _build_text,
    "CaseInsensitiveStr": _build_text,
    "TrimmedCaseInsensitiveStr": _build_text,
    "int": _build_with(forms.IntegerField),
    "float": _build_with(forms.FloatField),
    "bool": _build_bool,
    "date": _build_with(forms.DateField),
    "datetime": _build_with(MomentField),
    "list": _build_with(TagsField),
}
