"""Liquid and dynamic content in the texts of rules."""

from __future__ import annotations

import json

import pytest

from tests.emulator.test_triggers import update
from zendesk_orm.emulator.templates import dynamic_texts, liquid
from zendesk_orm.emulator.templates.placeholders import Placeholders, escape_json


pytest.importorskip("liquid", reason="needs python-liquid")


@pytest.fixture
def render(zendesk):
    """Return a function that renders a text for a ticket with two comments."""
    requester = {"name": "Ada Lovelace", "email": "ada@example.com"}
    pk = zendesk.create_ticket(
        subject="Hello", tags=["vip", "gold"], priority="high", requester=requester
    )["id"]
    update(zendesk, pk, comment={"body": 'Second "quoted"', "public": False})
    context = zendesk.emulator._context
    placeholders = Placeholders(context, context.store.get("support.Ticket", pk), context.owner_id)
    return placeholders.render


def test_texts_with_liquid_are_rendered(render):
    """Tags, loops and filters are run with the values of placeholders."""
    expected = {
        "{{ticket.title | upcase}}": "HELLO",
        "{{ ticket.requester.name | split: ' ' | last }}": "Lovelace",
        "{% if ticket.status == 'New' %}new{% elsif true %}other{% endif %}": "new",
        "{% case ticket.priority %}{% when 'High' %}H{% else %}L{% endcase %}": "H",
        "{% for comment in ticket.comments %}[{{comment.author.name}}: {{comment.value}}]"
        "{% endfor %}": '[Olivia Owner: Second "quoted"][Olivia Owner: Help]',
        "{% for comment in ticket.comments limit:1 offset:0 %}{{comment.is_public}}{% endfor %}": (
            "false"
        ),
        "{% for comment in ticket.public_comments %}{{comment.value}}{% endfor %}": "Help",
        "{{ticket.latest_comment | size}} {{ticket.latest_comment.author.name}}": "15 Olivia Owner",
        "{% if ticket.tags contains 'vip' %}VIP{% endif %}": "VIP",
        "{% unless ticket.assignee.name %}nobody{% endunless %}": "nobody",
        "{{ticket.assignee.name | default: 'nobody'}}": "nobody",
        "{{ticket.created_at | date: '%Y-%m-%d'}} {{'now' | date: '%H:%M'}}": "2026-09-21 14:13",
        "{% assign x = ticket.id | plus: 1 %}{{ x | minus: ticket.id }}": "1",
        "{% raw %}{{ticket.title}}{% endraw %}": "{{ticket.title}}",
        "{{- ticket.title -}} {{ticket['title']}} {{ticket.comments.size}}": "HelloHello 2",
    }

    assert {text: render(text) for text in expected} == expected


def test_plain_placeholders_do_not_need_liquid(render, monkeypatch):
    """Texts without tags and filters are rendered without Liquid, also with other braces."""
    monkeypatch.setattr(liquid, "render", None)
    expected = {
        "{{ticket.title}} {{ nope }}.": "Hello .",
        "{{{ticket.title}}}": "{Hello}",
        "{{ ticket.title": "{{ ticket.title",
        "100{% of }} {{": "100{% of }} {{",
        "{{ticket.latest_comment.author.name}}: {{ticket.latest_comment.value}}": (
            'Olivia Owner: Second "quoted"'
        ),
        '{"a": {"b": {{ticket.latest_comment.is_public}}}}': '{"a": {"b": false}}',
    }

    assert {text: render(text) for text in expected} == expected


def test_texts_without_the_package_have_the_values_of_placeholders(zendesk, render, monkeypatch):
    """Without python-liquid, tags are kept and count as ignored."""
    monkeypatch.setattr(liquid, "is_installed", lambda: False)

    assert render("{% if 1 %}{{ticket.title}}{% endif %}") == "{% if 1 %}Hello{% endif %}"
    assert "zendesk_orm[liquid]" in str(zendesk.emulator.ignored)


def test_placeholders_are_equal_with_and_without_liquid(render):
    """Each placeholder has the same text within a template of Liquid."""
    special = [*_list_special(), "ticket.id", "ticket.tags", "ticket.requester.first_name"]
    different = {
        name
        for name in (*special, "current_user.email", "ticket.requester.organization.name")
        if render(f"{{{{{name}}}}}") != render(f"{{% if true %}}{{{{{name}}}}}{{% endif %}}")
    }

    assert different == set()


def _list_special() -> list[str]:
    names = ("account", "link", "url", "via", "description", "latest_comment", "status")
    return [f"ticket.{name}" for name in (*names, "comments_formatted", "created_at", "title")]


def test_values_are_escaped_once(render):
    """The values of outputs are escaped for JSON, and the text around them is not."""
    text = '{"a": "{{ticket.latest_comment | append: "!"}}", "b": {% if true %}1{% endif %}}'

    assert json.loads(render(text, escape_json)) == {"a": 'Second "quoted"!', "b": 1}


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in (1..100000000) %}{% endfor %}",
        "{% tablerow i in (1..100000000) %}{% endtablerow %}",
        "{{ (1..100000000) | join: ',' }}",
        "{% assign a = 'xx' %}{% for i in (1..90) %}{% assign a = a | append: a %}{% endfor %}",
        "{% assign a = 9 %}{% for i in (1..500) %}{% assign a = a | times: a %}{% endfor %}",
        "{% for i in (1..9000) %}{{ ticket.title | replace: 'l', '" + 90 * "x" + "' }}{% endfor %}",
        "{% if a %}" * 3000 + "{% endif %}" * 3000,
        "{% if " * 3000 + "%}",
        "{{ 1 | plus: 1 }}" + "x" * liquid.MAX_TEMPLATE,
        "{% include 'x' %}",
        "{% nope %}",
        "{% if ticket.id %}",
    ],
)
def test_a_failing_template_is_an_error_of_liquid(zendesk, render, text):
    """A template that is invalid or exceeds a limit becomes the message, and counts as ignored."""
    message = render(text)

    assert message.startswith(("Liquid error: ", "Liquid syntax error: "))
    assert {part.name for part in zendesk.emulator.ignored} == {message}


def test_a_failing_output_does_not_hide_the_rest(zendesk, render):
    """The error of one output is its text; the switch removes it."""
    text = "a{{ 1 | divided_by: 0 }}b"

    shown = render(text)
    zendesk.emulator.switches.liquid_errors = False

    assert shown.startswith("aLiquid error: ")
    assert shown.endswith("b")
    assert (render(text), render("{% nope %}")) == ("ab", "")


def test_unknown_filters_and_values_are_counted(zendesk, render):
    """Unknown filters change nothing, unknown values are empty, and both count as ignored."""
    text = render("{{ticket.title | shout}} {{ticket.nope | upcase}}{{ticket.comments[0].nope}}")

    assert text == "Hello "
    names = {"| shout", "{{ticket.nope}}", "{{comment.nope}}"}
    assert {part.name for part in zendesk.emulator.ignored} == names


def test_comments_are_loaded_once(zendesk, render):
    """A loop that uses the comments many times reads them once."""
    store, calls = zendesk.emulator._store, []
    select = store.select
    store.select = lambda kind, *args: calls.append(kind) or select(kind, *args)

    render("{% for i in (1..500) %}{{ ticket.comments | size }}{% endfor %}")

    assert calls == ["support.Comment"]


def _create_item(zendesk, name, *contents):
    """Create an item of dynamic content in English and other languages."""
    variants = [
        {"locale_id": locale, "content": content, "default": number == 0}
        for number, (locale, content) in enumerate(contents)
    ]
    item = {"name": name, "default_locale_id": contents[0][0], "variants": variants}
    response = zendesk.send("POST", "dynamic_content/items", {"item": item})
    assert response.status_code == 201, response.text
    return response.json()["item"]["placeholder"]


def test_dynamic_content_has_the_language_of_the_requester(zendesk):
    """A macro has the variant of the requester's language, with its placeholders and Liquid."""
    german = next(row for row in zendesk.get("locales")["locales"] if row["locale"] == "de")["id"]
    signature = _create_item(zendesk, "Signature", (1, "Acme"))
    contents = [(1, "Hi {{ticket.requester.first_name | upcase}}"), (german, f"Hallo {signature}")]
    greeting = _create_item(zendesk, "Greeting", *contents)
    action = {"field": "comment_value", "value": f"{greeting}!"}
    macro = zendesk.create("macros", title="Greet", actions=[action])["id"]
    texts = []
    for locale in (1, german):
        person = {"name": f"Kim {locale}", "email": f"kim{locale}@example.com"}
        user = zendesk.create("users", **person, locale_id=locale)
        pk = zendesk.create_ticket(requester_id=user["id"])["id"]
        result = zendesk.get(f"tickets/{pk}/macros/{macro}/apply")["result"]
        texts.append(result["ticket"]["comment"]["body"])

    assert texts == ["Hi KIM!", "Hallo Acme!"]


def test_dynamic_content_that_contains_itself_ends(zendesk):
    """Items that contain themselves, also many times, are replaced up to a limit."""
    many = _create_item(zendesk, "Many", (1, "{{dc.many}}" * 2_000))
    once = _create_item(zendesk, "Once", (1, "x{{dc.once}}"))
    context = zendesk.emulator._context

    assert len(dynamic_texts.resolve(context, many)) < 500_000
    assert dynamic_texts.resolve(context, once) == "xxxxx{{dc.once}}"
    assert dynamic_texts.resolve(context, "{{dc.unknown}}") == "{{dc.unknown}}"
