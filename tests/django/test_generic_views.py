"""Generic views for one object: detail, create, update and delete."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404
from django.test import RequestFactory

from tests.django import project
from zendesk_orm import Group, Organization, Ticket, User
from zendesk_orm.contrib.django.forms import modelform_factory
from zendesk_orm.contrib.django.generic import CreateView, DeleteView, DetailView, UpdateView


project.TEMPLATES.update(
    {
        "support/ticket_detail.html": "{{ ticket.subject }}={{ object.subject }}",
        "support/user_form.html": "{{ user.name }}{{ form.errors }}{{ form.name }}",
        "support/group_form.html": "{{ form.as_p }}",
        "support/organization_confirm_delete.html": "Delete {{ organization.name }}?",
    }
)


def call(view, method="get", data=None, **arguments):
    """Return the response of a view, rendered."""
    response = view(getattr(RequestFactory(), method)("/", data), **arguments)
    if hasattr(response, "render"):
        response.render()
    return response


def test_a_detail_view_is_named_after_the_model(demo, count_requests):
    """Template and context are named after the model; one request, or 404."""
    for options in ({"model": Ticket}, {"queryset": Ticket.objects.filter(status="open")}):
        view = DetailView.as_view(**options)
        with count_requests(demo, 1):
            assert call(view, pk=2965).content == b"Printer 2965 jams=Printer 2965 jams"
        with pytest.raises(Http404):
            call(view, pk=999_999)


def test_an_update_view_saves_changes(emulator, account, count_requests):
    """The form is displayed, saved, or displayed again with the errors of Zendesk.

    The user was created by this process, and is cached.
    """
    user = User.objects.create(name="Ada", email="ada@example.com")
    view = UpdateView.as_view(
        model=User, fields=["name", "email"], success_url="/users/{id}/{name}"
    )

    assert call(view, pk=user.pk).content.startswith(b"Ada")
    with count_requests(account, 1):
        response = call(view, "post", {"name": "Ben", "email": "ada@example.com"}, pk=user.pk)
    assert (response.status_code, response.url) == (302, f"/users/{user.pk}/Ben")
    assert User.objects.fresh().get(id=user.pk).name == "Ben"

    response = call(view, "post", {"name": "Ben", "email": "nonsense"}, pk=user.pk)
    assert response.status_code == 200
    assert b"not properly formatted" in response.content
    response = call(view, "post", {"name": ""}, pk=user.pk)
    assert b"required" in response.content


def test_a_create_view_creates_an_object(emulator, account, count_requests):
    """The object is created in one request, from `fields` or by a form class."""
    for options in (
        {"model": Group, "fields": ["name"]},
        {"form_class": modelform_factory(Group, fields=["name"])},
    ):
        view = CreateView.as_view(success_url="/groups/{pk}/", **options)
        assert b'name="name"' in call(view).content
        with count_requests(account, 1):
            response = call(view, "post", {"name": "Berlin"})
        pk = response.url.split("/")[2]
        assert Group.objects.get(id=pk).name == "Berlin"


def test_a_delete_view_asks_and_deletes(emulator, account):
    """The page asks for confirmation; a POST deletes the object."""
    organization = Organization.objects.create(name="Acme")
    view = DeleteView.as_view(model=Organization, success_url="/organizations/")

    assert call(view, pk=organization.pk).content == b"Delete Acme?"
    assert call(view, "post", pk=organization.pk).url == "/organizations/"
    with pytest.raises(Http404):
        call(view, pk=organization.pk)


def test_wrong_views_are_refused(emulator, account):
    """Fields and a form class exclude each other, and one is needed, and a URL."""
    form_class = modelform_factory(Group, fields=["name"])
    for options in ({"model": Group}, {"fields": ["name"], "form_class": form_class}):
        with pytest.raises(ImproperlyConfigured, match="either"):
            call(CreateView.as_view(success_url="/", **options))
    with pytest.raises(ImproperlyConfigured, match="success_url"):
        call(CreateView.as_view(form_class=form_class), "post", {"name": "Berlin"})
