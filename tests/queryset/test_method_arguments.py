"""Arguments of the methods that single models and their managers have."""

from __future__ import annotations

import asyncio
import enum
import importlib
import inspect
import re
from inspect import Parameter
from typing import Literal

import pytest

from zendesk_orm import FieldError, InvalidValue, Model, Request, Ticket, ZendeskError
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.emulator import Emulator
from zendesk_orm.queryset.queryset import Manager


#: Methods that the library calls with rows, and methods of all models in other modules.
INTERNAL = {"update_from_row", "attach_to", "from_row", "bind", "check", "changes"}
#: Values of other parameters than the tested one; 1 for others.
VALID_VALUES = {
    **{name: {} for name in ("account", "owner", "partner", "attributes", "payload", "properties")},
    **{name: [{"x": 1}] for name in ("external_resources", "rows", "intervals")},
    **dict.fromkeys(("endpoint", "events", "name", "instance_push_id", "text", "body"), "x"),
    **{name: [1] for name in ("agents", "values", "ids", "tickets")},
}


class UnrelatedObject:
    """An object that no request can contain."""


WRONG_VALUES = {
    "object": UnrelatedObject,
    "list of objects": lambda: [UnrelatedObject()],
    "class": lambda: Ticket,
    "function": lambda: print,
    "complex": lambda: 1j,
    "bytes in a set": lambda: {b"x"},
}


def _iter_models():
    """Yield each model of all products."""
    for package in ("", ".help_center", ".talk", ".chat", ".messaging"):
        module = importlib.import_module(f"zendesk_orm{package}")
        for name in module.__all__:
            model = getattr(module, name)
            if isinstance(model, type) and issubclass(model, Model) and not model._meta.abstract:
                yield model


def _iter_functions(cls):
    for name in dir(cls):
        function = inspect.getattr_static(cls, name)
        if not name.startswith("_") and name not in INTERNAL and inspect.isfunction(function):
            yield name, function


def _iter_methods(account):
    """Yield each method that only some models have, once, with an object to call it on."""
    yielded = {function for base in (Manager, Model) for _, function in _iter_functions(base)}
    for model in _iter_models():
        record = model.from_row({"id": 1}, account.current())
        for target in (model.objects, record):
            for name, function in _iter_functions(type(target)):
                if function not in yielded:
                    yielded.add(function)
                    yield f"{model.__name__}.{name}", getattr(target, name)


def _iter_parameters(account):
    """Yield each parameter of these methods, after the name of the method and the method."""
    for label, method in _iter_methods(account):
        for parameter in inspect.signature(method).parameters.values():
            yield label, method, parameter


def _call(method, tested, value):
    """Call a method with a value of one parameter, and valid values of the others."""
    args, keywords = [], {}
    for parameter in inspect.signature(method).parameters.values():
        name = "unknown" if parameter.kind is Parameter.VAR_KEYWORD else parameter.name
        required = parameter.default is Parameter.empty
        variable = parameter.kind in {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}
        if parameter.name != tested and (variable or not required):
            continue
        argument = value if parameter.name == tested else VALID_VALUES.get(name, 1)
        if parameter.kind in {Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD}:
            keywords[name] = argument
        else:
            args.append(argument)
    result = method(*args, **keywords)
    return asyncio.run(result) if inspect.iscoroutine(result) else result


def _find_problem(emulator, method, tested, value):
    """Return how a call with a wrong value differs from an error before anything is sent."""
    emulator.requests.clear()
    try:
        _call(method, tested, value)
    except ZendeskError as error:
        if emulator.requests:
            return f"sent {list(emulator.requests)}: {error}"
        return None
    except Exception as error:  # noqa: BLE001 - any other exception is a problem
        return repr(error)
    return "accepted"


@pytest.mark.slow
def test_methods_of_single_models_reject_wrong_values():
    """Each method of each model rejects an object, a class and a function before sending."""
    problems = []
    tested = 0
    with Emulator(seed="demo") as emulator:
        account = emulator.connect()
        for label, method, parameter in _iter_parameters(account):
            # Python checks other keywords, callbacks can be any function, and types any class.
            accepts = {"function": "Progress", "class": "type["}
            for kind, create in WRONG_VALUES.items():
                accepted = accepts.get(kind, "Unpack")
                if parameter.name == "options" or accepted in str(parameter.annotation):
                    continue
                tested += 1
                problem = _find_problem(emulator, method, parameter.name, create())
                if problem is not None:
                    problems.append((label, parameter.name, kind, problem))

    assert problems == []
    assert tested > 1000


@pytest.mark.slow
def test_flags_and_texts_of_methods_have_their_types():
    """Each flag must be a boolean, and each text a string: `public="no"` is not true."""
    problems = []
    tested = 0
    with Emulator(seed="demo") as emulator:
        account = emulator.connect()
        for label, method, parameter in _iter_parameters(account):
            wrong = {"bool": "no", "bool | None": 0, "str": 5, "str | None": b"x"}
            if parameter.annotation in wrong:
                tested += 1
                value = wrong[parameter.annotation]
                problem = _find_problem(emulator, method, parameter.name, value)
                if problem is not None:
                    problems.append((label, parameter.name, problem))

    assert problems == []
    assert tested > 140


@pytest.mark.slow
def test_recommended_relations_exist():
    """A method that `select_related()` recommends in an error accepts the recommended name."""
    recommended = 0
    for model in _iter_models():
        names = {name for base in model.__mro__ for name in vars(base)}
        names = {name for name in names if hasattr(inspect.getattr_static(model, name), "target")}
        for name, relation in model._meta.relations.items():
            inner = [*relation.model._meta.relations, "name", "id", "unknown"]
            names |= {f"{name}__{other}" for other in inner}
        # Metrics are side-loaded, although they are not referred to.
        for name in names - {*model._meta.relations, "metric"}:
            with pytest.raises(FieldError) as caught:
                model.objects.select_related(name)
            call = re.search(r"use (\w+)\('(\w+)'\)", str(caught.value))
            if call is not None:
                getattr(model.objects, call[1])(call[2])
                recommended += 1

    assert recommended > 1000


class Texts(str, enum.Enum):
    """Texts of a program."""

    A = "a"


@check_arguments
def _echo(
    text: str,
    *others: str,
    flag: bool = False,
    number: float | None = None,
    texts: list[str] = (),
    choice: Literal["a", "b"] | None = None,
    other: Request | int = 1,
    **values: str,
):
    """Return the arguments."""
    return text, others, flag, number, texts, choice, other, values


def test_arguments_are_checked_by_their_annotations():
    """Known types are checked, members of lists, too; other arguments are passed unchanged."""
    texts = (text for text in ("a", Texts.A))
    passed = _echo("x", Texts.A, flag=True, number=1, texts=texts, choice="b", other=None, y=5)

    assert passed == ("x", ("a",), True, 1, ["a", "a"], "b", None, {"y": 5})
    for args, keywords, message in [
        ((5,), {}, r"_echo\(\): text must be text, not int"),
        ((b"secret",), {}, r"text must be text, not bytes$"),
        (("\ud800",), {}, r"_echo\(\): text: "),
        (("x", 5), {}, "each value of _echo.*others must be text"),
        (("x",), {"flag": 1}, "flag must be True or False, not 1"),
        (("x",), {"number": float("nan")}, "number must be a number or None, not nan"),
        (("x",), {"number": True}, "number must be a number or None, not True"),
        (("x",), {"texts": "abc"}, "texts must be a list, not 'abc'"),
        (("x",), {"texts": ["a", None]}, "each value of .*texts must be text, not None"),
        (("x",), {"choice": "c"}, "choice must be 'a' or 'b' or None, not 'c'"),
    ]:
        with pytest.raises(InvalidValue, match=message):
            _echo(*args, **keywords)
    with pytest.raises(TypeError, match=r"_echo\(\) missing 1 required positional argument"):
        _echo()


def test_checked_methods_look_as_they_are_written():
    """The signature, name and docstring of a checked method are those in its source."""
    assert str(inspect.signature(_echo)).startswith("(text: 'str', *others: 'str', flag")
    assert (_echo.__name__, inspect.getdoc(_echo)) == ("_echo", "Return the arguments.")
