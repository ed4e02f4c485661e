"""Parts of Django that are used with models of Zendesk by mistake."""

from __future__ import annotations

import pytest
from django import forms
from django.db import models

from zendesk_orm import FieldError, InvalidValue, Ticket, post_save


@pytest.mark.parametrize(
    ("name", "use"),
    [
        ("Q", lambda: Ticket.objects.filter(models.Q(status="new"))),
        ("Q", lambda: post_save.connect(lambda sender, **_: None, when=models.Q(status="new"))),
        ("F", lambda: Ticket.objects.filter(updated_at__gt=models.F("created_at"))),
        ("F", lambda: Ticket.objects.filter(id=1).update(priority=models.F("priority"))),
        ("Count", lambda: Ticket.objects.aggregate(models.Count("id"))),
        ("Max", lambda: Ticket.objects.values("status").annotate(newest=models.Max("id"))),
        ("Prefetch", lambda: Ticket.objects.prefetch_related(models.Prefetch("comments"))),
    ],
    ids=["filter", "when", "compare", "update", "count", "annotate", "prefetch"],
)
def test_objects_of_django_are_recognized(account, emulator, name, use):
    """The message names the import from this library, and nothing is sent."""
    with pytest.raises((FieldError, InvalidValue), match=f"`from zendesk_orm import {name}`"):
        use()
    assert emulator.requests == []


def test_forms_of_django_refer_to_those_of_the_library():
    """A `ModelForm` of Django for a model of Zendesk raises an error with the alternative."""
    with pytest.raises(AttributeError, match=r"zendesk_orm\.contrib\.django"):
        forms.modelform_factory(Ticket, fields=["subject"])
