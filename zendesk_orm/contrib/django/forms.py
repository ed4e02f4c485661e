"""Forms for models of Zendesk, as Django's `ModelForm`.

::

    class TicketForm(ZendeskModelForm):
        class Meta:
            model = Ticket
            fields = ["subject", "priority", "group"]

    form = TicketForm(request.POST, instance=ticket)
    if form.is_valid():
        form.save()

Source: https://docs.djangoproject.com/en/5.2/topics/forms/modelforms/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from attrs import frozen
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ImproperlyConfigured
from django.forms.forms import DeclarativeFieldsMetaclass

from zendesk_orm.contrib.django.fields import (
    ModelChoiceField,
    ModelMultipleChoiceField,
    TagsField,
    formfield,
    list_names,
)
from zendesk_orm.errors import FieldError, InvalidValue, StaleObjectError, ValidationError
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema.fields import Ref
from zendesk_orm.schema.record import Record


__all__ = [
    "ModelChoiceField",
    "ModelMultipleChoiceField",
    "TagsField",
    "ZendeskModelForm",
    "add_errors",
    "modelform_factory",
]

ALL_FIELDS = "__all__"
#: The options of `class Meta`, with the argument of a form field that each one provides.
_ARGUMENTS = {
    "widgets": "widget",
    "labels": "label",
    "help_texts": "help_text",
    "error_messages": "error_messages",
    "field_classes": "form_class",
}
_OPTIONS = frozenset({"model", "fields", "exclude", *_ARGUMENTS})


@frozen
class FormOptions:
    """The options of a form: `class Meta`.

    Attributes:
        model: the model of Zendesk.
        names: the names of its fields that the form assigns.
    """

    model: Any
    names: tuple[str, ...]


class ZendeskFormMetaclass(DeclarativeFieldsMetaclass):
    """Adds form fields for the fields of the model."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        """Return the class.

        Raises:
            ImproperlyConfigured: `class Meta` is incomplete.
            FieldError: a field does not exist, or cannot be edited.
        """
        form_class: Any = super().__new__(cls, name, bases, attrs)
        meta = getattr(form_class, "Meta", None)
        if meta is None:
            return form_class
        options = _read_options(name, meta)
        model, declared = meta.model, form_class.declared_fields
        names = _select_names(name, meta, declared)
        generated = {
            field: formfield(model, field, **_arguments_of(options, field))
            for field in names
            if field not in declared
        }
        form_class._meta = FormOptions(model, tuple(names))
        form_class.generated_fields = generated
        ordered = {field: declared.get(field) or generated[field] for field in names}
        form_class.base_fields = {**ordered, **declared}
        return form_class


def _read_options(form: str, meta: type) -> dict[str, Any]:
    """Return the options of `class Meta`.

    Raises:
        ImproperlyConfigured: an option does not exist, or `model` is not one of Zendesk.
    """
    options = {name: getattr(meta, name) for name in dir(meta) if not name.startswith("_")}
    for name in options:
        if name not in _OPTIONS:
            raise ImproperlyConfigured(
                f"{form}.Meta has no option {display(name)}{suggestion(name, _OPTIONS)}"
            )
    model = options.get("model")
    if not isinstance(model, type) or not issubclass(model, Record):
        raise ImproperlyConfigured(
            f"{form}.Meta.model must be a model of Zendesk, not {display(model)}"
        )
    return options


def _select_names(form: str, meta: Any, declared: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields of the model that the form assigns.

    Raises:
        ImproperlyConfigured: neither `fields` nor `exclude` is set.
    """
    fields, exclude = getattr(meta, "fields", None), getattr(meta, "exclude", None)
    for option, value in (("fields", fields), ("exclude", exclude)):
        if isinstance(value, str) and value != ALL_FIELDS:
            raise ImproperlyConfigured(f"{form}.Meta.{option} must be a list, not a string")
    if fields is None and exclude is None:
        raise ImproperlyConfigured(f"{form}.Meta must have fields or exclude")
    names = list_names(meta.model) if fields in (None, ALL_FIELDS) else list(fields)
    for name in (*names, *(exclude or ())):
        meta.model._meta.get_field(name)
    others = [name for name in declared if name in meta.model._meta.names and name not in names]
    return [name for name in (*names, *others) if name not in (exclude or ())]


def _arguments_of(options: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the arguments of a form field that `class Meta` contains."""
    return {
        argument: options[option][name]
        for option, argument in _ARGUMENTS.items()
        if name in (options.get(option) or {})
    }


class ZendeskModelForm(forms.BaseForm, metaclass=ZendeskFormMetaclass):
    """A form that creates or changes an object of Zendesk.

    `class Meta` has the options of Django's `ModelForm`: `model`, `fields`, `exclude`,
    `widgets`, `labels`, `help_texts`, `error_messages` and `field_classes`. `is_valid()` sends a
    request for each chosen object, and `save()` sends only what was changed.

    Only fields that the user has changed are assigned. A field of an existing object that the
    request does not contain stays as it is.

    Args:
        data, files, ...: as in Django.
        instance: the object to change; None to create one.
        using: the alias of the account; that of the object by default.

    Attributes:
        instance: the object; `is_valid()` assigns the values.
    """

    _meta: ClassVar[FormOptions]
    generated_fields: ClassVar[Mapping[str, Any]]

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *args: Any,
        instance: Any = None,
        using: str | None = None,
        initial: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        model = self._meta.model
        self.instance = model() if instance is None else instance
        self.using = using or self.instance.using
        values = {} if instance is None else _read_values(instance, self._meta.names)
        super().__init__(data, files, *args, initial={**values, **(initial or {})}, **options)
        for name, field in self.fields.items():
            self._adapt(name, field)

    def _adapt(self, name: str, field: Any) -> None:
        """Adapt a form field to the object and its account."""
        if name in self.generated_fields and isinstance(field, forms.ModelChoiceField):
            field.queryset = field.queryset.using(self.using or "default")
        if name not in self._meta.names or self.instance.pk is None:
            return
        if self._meta.model._meta.get_field(name).create_only:
            field.disabled = True
        value = self.initial.get(name)
        # Zendesk may have choices that this version does not know.
        if isinstance(field, forms.TypedChoiceField) and value not in (None, ""):
            choices = dict(field.choices)
            if value not in choices:
                field.choices = [*choices.items(), (value, str(value).capitalize())]

    def _post_clean(self) -> None:
        """Assign the values to the object, and validate it."""
        for name in self._meta.names:
            if name in self.cleaned_data and self._has_value(name):
                try:
                    setattr(self.instance, name, self.cleaned_data[name])
                except (InvalidValue, FieldError) as error:
                    self.add_error(name, _as_sentence(str(error), name))
        excluded = [
            name
            for name in self.instance._meta.names
            if name not in self.fields or name in self.errors
        ]
        if any(name in self.instance._meta.declared for name in self._meta.names):
            # The values of custom fields are validated together.
            excluded = [name for name in excluded if name not in self.instance._meta.custom]
        try:
            self.instance.full_clean(exclude=excluded)
        except ValidationError as error:
            add_errors(self, error)

    def _has_value(self, name: str) -> bool:
        """Return whether a field has a value to assign."""
        field = self.fields[name]
        if field.disabled:
            return False
        key = self.add_prefix(name)
        if field.widget.value_omitted_from_data(self.data, self.files, key):
            return False
        if self.instance.pk is not None:
            return name in self.changed_data
        return self.cleaned_data[name] not in list(field.empty_values)

    def save(self, commit: bool = True) -> Any:
        """Save the object, and return it.

        If Zendesk rejects values, or another client has changed the same fields, the errors are
        added to those of the form, so that it can be displayed again.

        Args:
            commit: False to return the object without saving it.

        Raises:
            ValueError: the form is not valid.
            ValidationError, StaleObjectError, InvalidValue: Zendesk rejected the object.
            ApiError, TransportError.
        """
        if self.errors:
            raise ValueError(
                f"the {self.instance._meta.verbose_name} cannot be saved, because the form is not "
                "valid; call is_valid() first"
            )
        if commit:
            try:
                self.instance.save(using=self.using)
            except (ValidationError, StaleObjectError, InvalidValue) as error:
                add_errors(self, error)
                raise
        return self.instance


def _read_values(instance: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of an object for a form; of related objects, the ids."""
    meta = instance._meta
    relations: Mapping[str, Ref[Any]] = meta.relations
    values = {}
    for name in names:
        attribute = relations[name].id.name if name in relations else name
        field = meta.get_field(name)
        if getattr(field, "readable", True):
            values[name] = getattr(instance, attribute)
    return values


def add_errors(form: Any, error: Exception) -> None:
    """Add the problems of an error of this library to a form, by field.

    Problems of fields that the form does not have are added to those of the whole form::

        try:
            ticket.save()
        except (ValidationError, StaleObjectError) as error:
            add_errors(form, error)

    Args:
        form: any form of Django.
        error: `ValidationError`, `StaleObjectError` or another error.
    """
    model = getattr(getattr(form, "_meta", None), "model", None)
    for key, problem in _iter_problems(error):
        name = _name_of(model, key)
        if name in form.fields:
            form.add_error(name, _as_sentence(problem, name))
        else:
            is_base = key in ("", "base", NON_FIELD_ERRORS)
            form.add_error(None, problem if is_base else f"{key}: {problem}")


def _iter_problems(error: Exception) -> Iterator[tuple[str, str]]:
    """Yield the name of the field and the description of each problem."""
    if isinstance(error, ValidationError):
        for name, problems in error.error_dict.items():
            for problem in problems:
                yield name, problem
    elif isinstance(error, StaleObjectError):
        for name, (_, _, current) in error.collisions.items():
            yield name, f"was changed by another person meanwhile, to {display(current)}"
    else:
        yield "", str(error)


def _name_of(model: Any, key: str) -> str:
    """Return the name of a field by the name in an error: a key of Zendesk, or a title."""
    if model is None:
        return key
    for name, field in model._meta.fields.items():
        if key in (name, field.wire):
            return str(field.relation or name)
    for name, custom in model._meta.declared.items():
        if key in (name, custom.known_as):
            return str(name)
    return key


def _as_sentence(problem: str, name: str) -> str:
    """Return a problem as forms display it, below the field."""
    text = problem.removeprefix(f"{name}: ").removeprefix(f"{name} ")
    return text[:1].upper() + text[1:]


def modelform_factory(model: Any, form: Any = ZendeskModelForm, **options: Any) -> Any:
    """Return a form class for a model: `modelform_factory(Ticket, fields=["subject"])`.

    Args:
        model: the model.
        form: the base class.
        options: the options of `class Meta`.

    Raises:
        ImproperlyConfigured: neither `fields` nor `exclude` is set.
    """
    parents = (form.Meta,) if hasattr(form, "Meta") else ()
    meta = type("Meta", parents, {"model": model, **options})
    return type(form)(f"{model.__name__}Form", (form,), {"Meta": meta})
