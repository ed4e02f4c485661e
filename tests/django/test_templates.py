"""Objects and queries of Zendesk in templates, in caches and in sessions, and lazy texts."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import cache
from django.db import models
from django.template import Context, Template
from django.test import override_settings
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from tests.django.people.models import User as Person
from zendesk_orm import Group, InvalidValue, Ticket, User


def render(text, **context):
    """Return the text of a template."""
    return Template(text).render(Context(context))


def test_queries_are_rendered(demo, count_requests):
    """A loop, a slice, a count and a length are evaluated as those of a QuerySet of Django."""
    tickets = Ticket.objects.filter(status="new").order_by("-created_at")
    number = tickets.count()

    with count_requests(demo, 1):
        assert render("{{ tickets.count }}", tickets=tickets) == str(number)
    with count_requests(demo, 1):
        text = "{% for ticket in tickets|slice:':2' %}{{ ticket.id }} {% endfor %}"
        rows = render(text, tickets=tickets).split()
    assert rows == [str(ticket.pk) for ticket in tickets[:2]]
    text = "{{ tickets|length }} {% if tickets %}yes{% endif %} {% for t in tickets %}.{% endfor %}"
    assert render(text, tickets=tickets) == f"{number} yes {'.' * number}"
    text = "{% for t in tickets %}{% empty %}none{% endfor %}"
    assert render(text, tickets=Ticket.objects.none()) == "none"


def test_managers_and_relations_are_rendered(demo):
    """Managers of related objects are used without parentheses, as in Django."""
    ticket = Ticket.objects.get(id=2965)
    expected = f"{ticket.requester.name} {ticket.comments.count()} {ticket.get_status_display()}"

    text = "{{ t.requester.name }} {{ t.comments.count }} {{ t.get_status_display }}"
    assert render(text, t=ticket) == expected
    text = "{% for comment in t.comments.all %}.{% endfor %}"
    assert len(render(text, t=ticket)) == ticket.comments.count()
    assert render("{{ t.no_such_field }}|{{ t.custom.Product }}", t=ticket) == "|laser"
    assert render("{{ groups.first.name }}", groups=Group.objects) == Group.objects.first().name


def test_values_are_escaped(emulator, account):
    """Texts of Zendesk are escaped, as other texts."""
    user = User.objects.create(name="<b>Ada</b>")

    assert render("{{ user.name }}", user=user) == "&lt;b&gt;Ada&lt;/b&gt;"
    assert "<b>" not in render("{{ user }}", user=user)


def test_templates_change_nothing(demo, count_requests):
    """Methods that change data are not called by templates."""
    ticket, tickets = Ticket.objects.get(id=2965), Ticket.objects.filter(status="new")
    names = ("save", "delete", "solve", "mark_as_spam", "asave", "adelete", "tags.clear")
    methods = ("delete", "update", "create", "get_or_create", "update_or_create")

    with count_requests(demo, 0):
        shown = [render(f"{{{{ ticket.{name} }}}}", ticket=ticket) for name in names]
        shown += [render(f"{{{{ tickets.{name} }}}}", tickets=tickets) for name in methods]

    assert set(shown) == {""}
    assert ticket.changes() == {}


def test_moments_are_displayed_in_the_time_zone_of_the_project(demo):
    """Moments have a time zone, so that templates convert them with USE_TZ = True."""
    ticket = Ticket.objects.get(id=2965)
    moment = ticket.created_at

    shown = render("{{ t.created_at|date:'c' }}", t=ticket)
    assert moment.isoformat() != shown
    assert moment == type(moment).fromisoformat(shown)
    with override_settings(USE_TZ=False):
        assert render("{{ t.created_at|date:'c' }}", t=ticket) == moment.isoformat()


def test_objects_and_queries_are_stored_in_caches_and_sessions(demo):
    """Objects and queries can be pickled, without credentials."""
    ticket = Ticket.objects.get(id=2965)
    tickets = Ticket.objects.filter(status="new").order_by("-created_at")[:3]
    cache.set("ticket", ticket)
    cache.set("rows", list(tickets))
    cache.set("query", tickets)

    assert cache.get("ticket") == ticket
    assert cache.get("rows") == list(tickets)
    assert list(cache.get("query")) == list(tickets)
    with override_settings(SESSION_SERIALIZER="django.contrib.sessions.serializers.JSONSerializer"):
        session = SessionStore()
        session["ticket"] = ticket.to_dict()
        session.save()
    assert SessionStore(session.session_key)["ticket"] == ticket.to_dict()


class Level(models.TextChoices):
    """Priorities as Django's choices."""

    LOW = "low", "Low"
    URGENT = "urgent", "Urgent"


def test_values_of_django_are_values_of_lookups_and_fields(emulator, account):
    """Choices, safe texts and lazy texts stand for their texts."""
    ticket = Ticket.objects.create(subject="Printer", comment={"body": "Help!"}, priority=Level.LOW)
    lazy = gettext_lazy("Printer")

    assert Ticket.objects.filter(priority=Level.LOW).count() == 1
    assert Ticket.objects.filter(priority__in=Level).count() == 1
    assert Ticket.objects.filter(subject=mark_safe("Printer")).count() == 1
    assert Ticket.objects.filter(subject=lazy).count() == 1
    assert Ticket.objects.filter(subject__in=[lazy]).count() == 1
    ticket.subject = gettext_lazy("Toner")
    ticket.save()
    assert type(Ticket.objects.get(id=ticket.pk).subject) is str
    assert Ticket.objects.get(id=ticket.pk).subject == "Toner"


def test_objects_of_the_project_are_not_objects_of_zendesk(account):
    """A user of the project is refused as the value of a relation to users of Zendesk."""
    person = Person(username="ada", pk=7)

    for value in (person, SimpleLazyObject(lambda: person)):
        with pytest.raises(InvalidValue, match="User"):
            Ticket.objects.filter(requester=value)
