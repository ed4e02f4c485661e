"""Two clients that edit one list: both changes are kept, or the second save raises."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from attrs import frozen

from zendesk_orm import (
    BulkError,
    Comment,
    Macro,
    Organization,
    StaleObjectError,
    Ticket,
    TicketField,
    Trigger,
    User,
    connections,
)


@frozen
class Edit:
    """A list, and two edits of different members.

    Attributes:
        make: returns a saved object.
        mine, theirs: the edits.
        members: returns the identifiers of the members.
        expected: the members after both edits.
    """

    make: Callable[[], Any]
    mine: Callable[[Any], Any]
    theirs: Callable[[Any], Any]
    members: Callable[[Any], Any]
    expected: set[Any]


def _ticket() -> Ticket:
    for name in "abc":
        User.objects.get_or_create(name=name, email=f"{name}@e.org", defaults={"role": "agent"})
    return Ticket.objects.create(subject="x", comment=Comment(body="x"), tags=["old"])


def _user(name: str) -> User:
    return User.objects.get(email=f"{name}@e.org")


def _emails(people: Any) -> set[Any]:
    return {person.email for person in people}


def _ticket_field() -> TicketField:
    options = [{"name": "A", "value": "a"}]
    return TicketField.objects.create(title="Size", type="tagger", custom_field_options=options)


def _values(field: TicketField) -> set[Any]:
    return {option["value"] for option in field.custom_field_options}


def _action(name: str, value: str) -> dict[str, str]:
    return {"field": name, "value": value}


def _condition(name: str) -> dict[str, str]:
    return {"field": name, "operator": "is", "value": "high" if name == "priority" else "task"}


def _rule(model: Any) -> Callable[[], Any]:
    conditions = {"all": [{"field": "status", "operator": "is", "value": "open"}], "any": []}
    required = {"conditions": conditions} if model is Trigger else {}
    return lambda: model.objects.create(title="M", actions=[_action("status", "open")], **required)


def _fields(rule: Any) -> set[Any]:
    return {action["field"] for action in rule.actions}


def _append(name: str, value: Any) -> Callable[[Any], None]:
    return lambda record: getattr(record, name).append(value)


EDITS: dict[str, Edit] = {
    "tags": Edit(
        _ticket, _append("tags", "m"), _append("tags", "t"), lambda t: {*t.tags}, {"old", "m", "t"}
    ),
    "followers": Edit(
        _ticket,
        lambda t: t.followers.add(_user("a")),
        lambda t: t.followers.add(_user("b")),
        lambda t: _emails(t.followers),
        {"a@e.org", "b@e.org"},
    ),
    "email_ccs": Edit(
        _ticket,
        lambda t: t.email_ccs.add("a@e.org"),
        lambda t: t.email_ccs.add("b@e.org"),
        lambda t: _emails(t.email_ccs),
        {"a@e.org", "b@e.org"},
    ),
    "collaborators": Edit(
        _ticket,
        lambda t: t.collaborators.add(_user("a")),
        lambda t: t.collaborators.add(_user("b")),
        lambda t: _emails(t.collaborators),
        {"a@e.org", "b@e.org"},
    ),
    "collaborator_ids": Edit(
        _ticket,
        lambda t: t.collaborator_ids.append(_user("a").pk),
        lambda t: t.collaborator_ids.append(_user("b").pk),
        lambda t: _emails(t.collaborators),
        {"a@e.org", "b@e.org"},
    ),
    "domain_names": Edit(
        lambda: Organization.objects.create(name="O", domain_names=["o.org"]),
        _append("domain_names", "m.org"),
        _append("domain_names", "t.org"),
        lambda o: {*o.domain_names},
        {"o.org", "m.org", "t.org"},
    ),
    "domain_names, empty before": Edit(
        lambda: Organization.objects.create(name="O"),
        _append("domain_names", "m.org"),
        _append("domain_names", "t.org"),
        lambda o: {*o.domain_names},
        {"m.org", "t.org"},
    ),
    "domain_names, empty afterwards": Edit(
        lambda: Organization.objects.create(name="O", domain_names=["o.org"]),
        lambda o: o.domain_names.remove("o.org"),
        _append("domain_names", "t.org"),
        lambda o: {*o.domain_names},
        {"t.org"},
    ),
    "actions of a macro": Edit(
        _rule(Macro),
        _append("actions", _action("priority", "high")),
        _append("actions", _action("type", "task")),
        _fields,
        {"status", "priority", "type"},
    ),
    "actions of a trigger": Edit(
        _rule(Trigger),
        _append("actions", _action("priority", "high")),
        _append("actions", _action("type", "task")),
        _fields,
        {"status", "priority", "type"},
    ),
    "one list of the conditions of a trigger": Edit(
        _rule(Trigger),
        lambda t: t.conditions["all"].append(_condition("priority")),
        lambda t: t.conditions["all"].append(_condition("type")),
        lambda t: {condition["field"] for condition in t.conditions["all"]},
        {"status", "priority", "type"},
    ),
    "two lists of the conditions of a trigger": Edit(
        _rule(Trigger),
        lambda t: t.conditions["all"].append(_condition("priority")),
        lambda t: t.conditions["any"].append(_condition("type")),
        lambda t: {item["field"] for part in ("all", "any") for item in t.conditions[part]},
        {"status", "priority", "type"},
    ),
    "options of a field": Edit(
        _ticket_field,
        _append("custom_field_options", {"name": "M", "value": "m"}),
        _append("custom_field_options", {"name": "T", "value": "t"}),
        _values,
        {"a", "m", "t"},
    ),
}


@pytest.mark.parametrize("batch", [False, True], ids=["save", "batch"])
def test_options_of_two_clients_are_merged_by_id(emulator, batch):
    """Both options are added, although the list is sent as a whole."""
    account = emulator.connect()
    mine = TicketField.objects.fresh().get(_ticket_field().pk)
    emulator.connect(alias="other")
    theirs = TicketField.objects.using("other").get(mine.pk)
    for field, value in ((theirs, "t"), (mine, "m")):
        field.custom_field_options.append({"name": value, "value": value})
    theirs.save()
    emulator.clock.sleep(5)
    with account.batch() if batch else nullcontext():
        mine.save()

    row = TicketField.objects.using("other").fresh().get(mine.pk)
    assert [option["value"] for option in row.custom_field_options] == ["a", "t", "m"]
    assert not mine.changes()


def test_an_edit_of_the_only_action_keeps_the_actions_of_others(emulator):
    """Its edit is no replacement of the list, so that the save raises."""
    macro = _rule(Macro)()
    emulator.connect(alias="other")
    theirs = Macro.objects.using("other").get(macro.pk)
    theirs.actions.append(_action("priority", "high"))
    theirs.save()
    macro.actions[0]["value"] = "solved"
    with pytest.raises(StaleObjectError):
        macro.save()

    assert _fields(Macro.objects.using("other").fresh().get(macro.pk)) == {"status", "priority"}


@pytest.mark.slow
@pytest.mark.parametrize("batch", [False, True], ids=["save", "batch"])
@pytest.mark.parametrize("seconds", [0, 1, 2])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_edits_of_two_clients_are_merged_or_rejected(emulator, edit, seconds, batch):
    """No change of the first client is lost, and none of the second is lost silently."""
    account = emulator.connect()
    mine = edit.make()
    model = type(mine)
    emulator.clock.sleep(5)
    mine = model.objects.fresh().get(mine.pk)
    edit.members(mine)
    other = emulator.connect(alias="other")
    with other.session():
        theirs = model.objects.using("other").fresh().get(mine.pk)
        edit.members(theirs)
        edit.theirs(theirs)
        theirs.save()
    emulator.clock.sleep(seconds)

    refused = False
    try:
        with account.batch() if batch else nullcontext():
            edit.mine(mine)
            mine.save()
    except (StaleObjectError, BulkError):
        refused = True

    with connections["other"].session():
        now = edit.members(model.objects.using("other").fresh().get(mine.pk))
    missing = edit.expected - edit.members(theirs)
    assert now == (edit.expected - missing if refused else edit.expected)
