"""Arguments of declared custom fields and options of `Meta`, checked when a class is declared."""

from __future__ import annotations

import inspect
import sys
import types
from contextlib import suppress
from functools import partial
from typing import ClassVar, Final

import pytest

from tests.schema_changes.declared import declare, declare_object
from zendesk_orm import CustomField, FieldError, InvalidValue, Ticket, User, ZendeskError
from zendesk_orm.schema.meta_options import OPTIONS


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
    "T.Meta.get_latest_by must be a name or names, not [5]": lambda: _declare_meta(
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

    def declare_field(name, value):
        """Return a class with a field that has a value of one argument."""
        arguments = {"known_as": "A", name: value}
        return declare("T", a=CustomField(arguments.pop("known_as"), **arguments))

    calls = {name: partial(declare_field, name) for name in ("known_as", *arguments)}
    for name in OPTIONS:
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


#: Class bodies that declare no field, or another one than they seem to, with the remedy.
IGNORED = {
    "a: CustomField[str]": 'write a = CustomField[str]("...")',
    "a = CustomField": 'write a = CustomField[str]("...")',
    "a = CustomField[str]": 'write a = CustomField[str]("...")',
    "a = CustomField('A'),": "no comma behind it",
    "a: Field[str] = CustomField('A')": "a field has no value in a class: write a: Field[str],",
    "a: Field[str] = 'x'": "a field has no value in a class",
    "a: ReadOnly[str] = 'x'": "a field has no value in a class",
    "a: Field": "write the type in brackets, as in a: Field[str]",
    "a: Many": "write the model in brackets, as in a: Many[User]",
    "a: Feild[str]": "Feild is not defined; did you mean Field?",
    "a: ReadOnyl[str]": "ReadOnyl is not defined; did you mean ReadOnly?",
    "a: Ref[User] = 5": "write the name of a field or a lookup behind =, not 5",
    "a: Many[Ticket] = by(5)": "by() must be text",
    "a = Field('A')": "declare a field by its annotation, as in severity: Field[str]",
    "a = Field(str)": "declare a field by its annotation",
}


@pytest.mark.parametrize("body", IGNORED)
def test_declarations_that_would_be_ignored_are_rejected(body):
    """A class body in another form than that of a field raises an error with the right form."""
    module = types.ModuleType("declared_by_test")
    sys.modules[module.__name__] = module
    code = "from __future__ import annotations\nfrom zendesk_orm import *\n"
    try:
        with pytest.raises((FieldError, InvalidValue)) as caught:
            exec(f"{code}class T(Ticket):\n    {body}\n", vars(module))
    finally:
        del sys.modules[module.__name__]

    assert IGNORED[body] in str(caught.value)


def test_other_annotations_and_values_are_no_fields():
    """Annotations of other packages, and constants, can stand in a class body."""

    class Labelled(Ticket):
        """A ticket with constants."""

        labels: ClassVar[list[str]] = ["a"]
        limit: int = 5
        fields: Final[tuple[str, ...]] = ("a",)

    assert Labelled(subject="x").changes() == {"subject": (None, "x")}
    assert (Labelled.labels, Labelled.limit, Labelled.fields) == (["a"], 5, ("a",))
