"""Generic views for one object of Zendesk; Django's `ListView` works unchanged.

::

    class EditTicket(UpdateView):
        model = Ticket
        fields = ["subject", "priority"]
        success_url = "/tickets/{id}/"

Source: https://docs.djangoproject.com/en/5.2/ref/class-based-views/generic-editing/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.views import generic

from zendesk_orm.contrib.django.forms import add_errors, modelform_factory
from zendesk_orm.errors import InvalidValue, StaleObjectError, ValidationError


class ObjectMixin:
    """Names the template and the context variable after the model, as Django does for its own.

    The template of `DetailView` for tickets is `support/ticket_detail.html`, and the object is
    `ticket` in its context.
    """

    def _get_model(self) -> Any:
        """Return the model of the view."""
        view: Any = self
        options = getattr(getattr(view, "form_class", None), "_meta", None)
        model = view.model or getattr(options, "model", None)
        if model is not None:
            return model
        current = getattr(view, "object", None)
        return type(current) if current is not None else view.get_queryset().model

    def get_context_object_name(self, obj: Any) -> str:
        """Return the name of the object in the context of the template."""
        view: Any = self
        return str(view.context_object_name or obj._meta.model_name)

    def get_template_names(self) -> list[str]:
        """Return the template of the view, or the one that is named after the model."""
        view: Any = self
        if view.template_name is not None:
            return [view.template_name]
        meta = self._get_model()._meta
        return [f"{meta.app_label}/{meta.model_name}{view.template_name_suffix}.html"]


class FormMixin(ObjectMixin):
    """Creates the form from `fields`, and displays it again if Zendesk rejects the object."""

    def get_form_class(self) -> Any:
        """Return `form_class`, or a form with the fields of `fields`.

        Raises:
            ImproperlyConfigured: the view has neither, or both.
        """
        view: Any = self
        if (view.fields is None) == (view.form_class is None):
            raise ImproperlyConfigured(
                f"{type(self).__name__} must have either fields or form_class"
            )
        if view.form_class is not None:
            return view.form_class
        return modelform_factory(self._get_model(), fields=view.fields)

    def form_valid(self, form: Any) -> Any:
        """Save the object, and redirect; display the form again if Zendesk rejects the object."""
        parent: Any = super()
        try:
            return parent.form_valid(form)
        except (ValidationError, StaleObjectError, InvalidValue):
            # The form contains the errors; others were raised by something else.
            if not form.errors:
                raise
            view: Any = self
            return view.form_invalid(form)

    def get_success_url(self) -> str:
        """Return `success_url` with values of the object: `/tickets/{id}/`.

        Raises:
            ImproperlyConfigured: the view has no `success_url`.
        """
        view: Any = self
        if view.success_url:
            return str(view.success_url).format_map(_Attributes(view.object))
        get_url = getattr(view.object, "get_absolute_url", None)
        if get_url is None:
            raise ImproperlyConfigured(f"{type(self).__name__} needs success_url")
        return str(get_url())


class _Attributes(Mapping[str, Any]):
    """The attributes of an object, by name."""

    def __init__(self, record: Any) -> None:
        self._record = record

    def __getitem__(self, name: str) -> Any:
        return getattr(self._record, name)

    def __iter__(self) -> Any:
        return iter(self._record._meta.names)

    def __len__(self) -> int:
        return len(self._record._meta.names)


class DetailView(ObjectMixin, generic.DetailView):
    """A page about one object: one request, and 404 if it does not exist."""


class CreateView(FormMixin, generic.CreateView):
    """A form that creates an object."""


class UpdateView(FormMixin, generic.UpdateView):
    """A form that changes an object."""


class DeleteView(FormMixin, generic.DeleteView):
    """A page that asks for confirmation, and deletes an object."""

    def get_form_class(self) -> Any:
        """Return the form that confirms the deletion."""
        return self.form_class

    def form_valid(self, form: Any) -> Any:
        """Delete the object, and redirect; display the page again if Zendesk refuses."""
        try:
            return generic.DeleteView.form_valid(self, form)
        except (ValidationError, InvalidValue) as error:
            add_errors(form, error)
            return self.form_invalid(form)
