"""Arguments of declared custom fields and options of `Meta`, checked when a class is declared."""

from __future__ import annotations

import inspect
from contextlib import suppress
from functools import partial

import pytest

from tests.schema_changes.declared import declare, declare_object
from zendesk_orm import CustomField, FieldError, InvalidValue, Ticket, User, ZendeskError
from zendesk_orm.schema.meta_options import read_meta


#: Invalid declarations, by a part of the message.
INVALID = {
    "the name of a custom field must be text that is not empty": lambda: CustomField(" "),
    "named by its title or its id, not by None": lambda: CustomField(None),
    "no type 'tager'; did you mean 'tagger'?": lambda: CustomField("A", type="tager"),
    "no type 'int'; did you mean 'integer'?": lambda: CustomField("A", type="int"),
    "T.a: ticket fields have no type 'dropdown': set type= to one of checkbox, ": lambda: declare(
        "T", a=CustomField("A", type="dropdown")
    ),
    "U.a: user fields have no type 'tagger'": lambda: declare(
        "U", User, a=CustomField("a", type="tagger")
    ),
    "T.a: attributes has no 'descripton'; did you mean 'description'?": lambda: declare(
        "T", a=CustomField("A", attributes={"descripton": "x"})
    ),
    "T.a: attributes has no 5": lambda: declare("T", a=CustomField("A", attributes={5: "x"})),
    "T.a: description: must be str, not int": lambda: declare(
        "T", a=CustomField("A", attributes={"description": 5})
    ),
    "T.a: active: must be bool, not str": lambda: declare(
        "T", a=CustomField("A", attributes={"active": "no"})
    ),
    "the title of option 'a' must be text": lambda: CustomField("A", options={"a": " "}),
    "the tag of an option must be a text, not None": lambda: CustomField("A", options={None: "A"}),
    "a field of the type date has no options": lambda: CustomField(
        "A", type="date", options={"a": "A"}
    ),
    "T.a: default 'rde' must be one of the options; did you mean 'red'?": lambda: declare(
        "T", a=CustomField("A", options={"red": "Red"}, default="rde")
    ),
    "U.a: a user field cannot be required": lambda: declare(
        "U", User, a=CustomField("a", required=True)
    ),
    "U.a: only options of ticket fields have a default": lambda: declare(
        "U", User, a=CustomField("a", options={"a": "A"}, default="a")
    ),
    "Car: title: must be str, not int: 5": lambda: declare_object("Car", "car", 5),
    "Car: Meta.custom_object['title'] must be text": lambda: declare_object("Car", "car", " "),
    "T.Meta must be a class, not {'ordering': 'id'}": lambda: declare("T", Meta={"ordering": "id"}),
    "T.Meta.get_latest_by must be a name or a list of names": lambda: _declare_meta(
        get_latest_by=[5]
    ),
    "T.Meta.unique names 'subjct', which does not exist; did you mean 'subject'": lambda: (
        _declare_meta(unique="subjct")
    ),
    "T.Meta.max_lengths names 'subjct', which does not exist": lambda: _declare_meta(
        max_lengths={"subjct": 5}
    ),
    "T.Meta.filter names 'typ', which does not exist": lambda: _declare_meta(filter={"typ": "x"}),
    "no field 'created'": lambda: _declare_meta(get_latest_by="created"),
}
#: Values of which each argument and each option accepts a few only.
VALUES = (
    *(5, -1, 1.5, float("nan"), True, None, "", " ", "x", b"x", [], ["x"], [5], (), ("a", "b")),
    *((("a", 5),), {}, {"x": "y"}, {5: 5}, {"x": None}, {"subject": True}, {"x"}, object(), int),
)


def _declare_meta(**options):
    """Return a proxy of Ticket with options."""
    return declare("T", Meta=type("Meta", (), options))


@pytest.mark.parametrize("message", INVALID)
def test_invalid_declarations_are_rejected_at_once(message):
    """A wrong argument or option raises an error with the class and the remedy."""
    with pytest.raises((FieldError, InvalidValue)) as caught:
        INVALID[message]()

    assert message in str(caught.value)
    assert len(str(caught.value)) < 400


def test_each_argument_and_each_option_has_values_of_its_type():
    """Each argument of `CustomField`, and each option of `Meta`, rejects values of other types.

    Nothing but an error of the library is raised, and a class can be declared with the others.
    """
    arguments = [name for name in inspect.signature(CustomField).parameters if name != "known_as"]
    options = read_meta.__globals__["_KINDS"]

    def declare_field(name, value):
        """Return a class with a field that has a value of one argument."""
        arguments = {"known_as": "A", name: value}
        return declare("T", a=CustomField(arguments.pop("known_as"), **arguments))

    calls = {name: partial(declare_field, name) for name in ("known_as", *arguments)}
    for name in options:
        calls[f"Meta.{name}"] = lambda value, name=name: _declare_meta(**{name: value})
    accepted = {}
    for name, call in calls.items():
        for value in VALUES:
            with suppress(ZendeskError):
                assert issubclass(call(value), Ticket)
                accepted.setdefault(name, []).append(value)

    most = {name: values for name, values in accepted.items() if len(values) > 9}
    assert most == {}
    assert {*accepted} >= {"known_as", *arguments, "Meta.ordering", "Meta.verbose_name"}
