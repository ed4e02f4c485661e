"""Every public method that accepts objects rejects those of another account or model."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

import zendesk_orm
from zendesk_orm import (
    Account,
    Brand,
    Comment,
    Group,
    Macro,
    Organization,
    Ticket,
    User,
    View,
    ZendeskError,
    connections,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import registry


#: All models are used, so the tests are slow.
pytestmark = pytest.mark.slow


PRODUCTS = ("support", "help_center", "talk", "chat")
#: Annotations of an object of any model.
ANY = {"R": "Ticket", "S": "Ticket", "T": "Ticket"}
#: Values of parameters that are annotated with the base of all models.
OF_ANY = {"sources.field": "TicketField", "of.phone_numbers": "PhoneNumber"}
#: Kinds of parameters that accept any number of values.
VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
#: Methods that other tests call.
ELSEWHERE = {
    # They accept QuerySets; see `KEYWORDS`.
    "union.others",
    "intersection.others",
    "difference.others",
    # The comment must be new, and only closed tickets have follow-ups.
    "create_follow_up.comment",
}
#: Values of parameters without an object, by name.
PLAIN = {
    "what": "delete",
    "requester_phone_number": "+15550100",
    "via": "voicemail",
    "filename": "x.txt",
    "event": "x",
    "location_name": "x",
    "file": b"x",
    "files": [("x.txt", b"x")],
    "body": "x",
    "source": Ticket,
    "source_type": "ticket",
    "values": ["5"],
}


def _list_models() -> dict[str, Any]:
    for product in PRODUCTS:
        package = importlib.import_module(f"zendesk_orm.{product}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    result = [model for model in registry.models() if model._meta.app_label in PRODUCTS]
    return {f"{item._meta.app_label}.{item.__name__}": item for item in result}


MODELS = _list_models()


def _find_model(parameter: inspect.Parameter, label: str, product: str) -> Any:
    """Return the model whose objects a parameter accepts, or None."""
    words = re.findall(r"\w+", str(parameter.annotation))
    if words[:1] == ["type"]:
        return None
    names = [
        OF_ANY.get(label, "User") if word == "Model" else ANY.get(word, word) for word in words
    ]
    places = [f"{near}.{name}" for name in names for near in (product, *PRODUCTS)]
    return next((MODELS[place] for place in places if place in MODELS), None)


def _list_owners() -> Iterator[tuple[type, Any]]:
    """Yield each class that has methods, with a model whose object or manager it is."""
    # Methods of all managers are tested with tickets.
    for model in sorted(MODELS.values(), key=lambda cls: cls is not Ticket):
        yield model, model
        for cls in type(model.objects).__mro__:
            if cls.__module__.startswith("zendesk_orm"):
                yield cls, model


def _list_methods() -> Iterator[tuple[str, type, Any, str, str, Any]]:
    """Yield each parameter of a public method that takes objects."""
    seen = set()
    for cls, model in _list_owners():
        for name, function in vars(cls).items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            # The first parameter is the object itself.
            for parameter in list(inspect.signature(function).parameters.values())[1:]:
                label = f"{name}.{parameter.name}"
                expected = _find_model(parameter, label, model._meta.app_label)
                key = (cls, label)
                if expected is None or key in seen or label in ELSEWHERE:
                    continue
                seen.add(key)
                generic = "R" in re.findall(r"\w+", str(parameter.annotation))
                taken = model if generic else expected
                yield f"{cls.__name__}.{label}", cls, model, name, parameter.name, taken


METHODS = sorted(_list_methods(), key=lambda item: item[0])


def _build_object(model: Any, account: str | Account, number: int) -> Any:
    """Return an object of a model that an account knows by its id."""
    session = (connections[account] if isinstance(account, str) else account).current()
    text = model._meta.fields["id"].kind.name != "int"
    row: dict[str, Any] = {"id": str(number) if text else number}
    for wire in model._meta.parent_keys:
        row[wire] = 1
    row |= {"status": "closed", "token": "t", "content_url": "https://x/y", "role": "end-user"}
    return model.from_row(row, session)


def _build_subject(cls: type, model: Any) -> Any:
    """Return an own object of a class, or the manager of the own objects of a model."""
    if issubclass(cls, zendesk_orm.Model):
        return _build_object(cls, "default", 7)
    rows = model.objects.using("default")
    return rows.filter(**{model._meta.parent: 1}) if model._meta.parent else rows


def _build_value(parameter: inspect.Parameter, label: str, product: str) -> Any:
    """Return a valid value of a parameter."""
    expected = _find_model(parameter, label, product)
    if expected is None:
        return PLAIN.get(parameter.name, 5)
    own_object = _build_object(expected, "default", 8)
    return [own_object] if "Iterable" in str(parameter.annotation) else own_object


def _call(cls: type, model: Any, method: str, target: str, value: Any) -> Any:
    """Call a method of the default account with an object in one of its parameters."""
    bound = getattr(_build_subject(cls, model), method)
    args: list[Any] = []
    keywords: dict[str, Any] = {}
    for name, parameter in inspect.signature(bound).parameters.items():
        required = parameter.default is parameter.empty or name == "filename"
        if name == target and parameter.kind is parameter.VAR_POSITIONAL:
            args.append(value)
        elif name == target:
            keywords[name] = [value] if "Iterable" in str(parameter.annotation) else value
        elif required and parameter.kind not in VARIABLE:
            keywords[name] = _build_value(parameter, f"{method}.{name}", model._meta.app_label)
    result = bound(*args, **keywords)
    if inspect.isawaitable(result):

        async def run() -> Any:
            return await result

        return asyncio.run(run())
    if isinstance(result, Manager):
        list(result)
    return result


@pytest.mark.parametrize(
    ("cls", "model", "method", "parameter", "expected_model"),
    [item[1:] for item in METHODS],
    ids=[item[0] for item in METHODS],
)
def test_an_object_of_another_account_is_rejected(
    two, cls, model, method, parameter, expected_model
):
    """The method raises before anything is sent."""
    theirs = _build_object(expected_model, "emea", 9)
    two.clear()

    with pytest.raises(ZendeskError, match="emea"):
        _call(cls, model, method, parameter, theirs)

    assert two.requests == []


#: Methods that send nothing for a saved object without changes; see `test_identity.py`.
UNSENT = {
    "abulk_create",
    "abulk_update",
    "add_variants",
    "bulk_create",
    "bulk_update",
    "update_variants",
}


def _observe_outcome(call: Any, *, through_brand: bool) -> tuple[Any, list[str]]:
    """Return the error of a call with an object, and its requests."""
    cls, model, method, parameter, expected = call
    with Emulator() as emulator:
        account = emulator.connect()
        Brand.objects.create(name="Outdoor", subdomain="outdoor")
        brand = account.brand("outdoor")
        value = _build_object(expected, brand if through_brand else account, 9)
        emulator.requests.clear()
        error = None
        try:
            _call(cls, model, method, parameter, value)
        except ZendeskError as raised:
            error = (type(raised), str(raised).partition("request id")[0])
        return error, list(emulator.requests)


@pytest.mark.parametrize(
    "call", [method[1:] for method in METHODS], ids=[method[0] for method in METHODS]
)
def test_an_object_of_a_brand_is_accepted(call):
    """A method accepts an object that was read through a brand of the account."""
    own_object = _observe_outcome(call, through_brand=False)

    # A side conversation needs a text, too.
    needs_more = call[0].__name__ == "SideConversation"
    assert bool(own_object[1]) is (call[2] not in UNSENT and not needs_more)
    assert _observe_outcome(call, through_brand=True) == own_object


@pytest.mark.parametrize(
    ("cls", "model", "method", "parameter", "expected_model"),
    [item[1:] for item in METHODS],
    ids=[item[0] for item in METHODS],
)
@pytest.mark.parametrize("other", ["model", "dict", "None"])
def test_an_object_of_another_model_is_rejected(
    two, cls, model, method, parameter, expected_model, other
):
    """The method raises before anything is sent."""
    if other == "None" and (method, parameter) in OPTIONAL:
        pytest.skip("None leaves the parameter out")
    another = Macro if expected_model is not Macro else View
    value = {"model": _build_object(another, "default", 9), "dict": {"id": 9}, "None": None}[other]
    two.clear()

    with pytest.raises(ZendeskError):
        _call(cls, model, method, parameter, value)

    assert two.requests == []


#: Parameters that accept None.
OPTIONAL = {
    ("notify", "agent"),
    ("request_export", "actor"),
    ("bulk_recover", "author"),
    ("create_ticket", "show_to"),
    ("upload", "token"),
    ("upload_all", "token"),
    ("upload", "macro"),
    ("definitions", "source"),
}


def test_methods_of_managers_and_objects_are_tested():
    """The list of methods is not empty."""
    names = {method[0] for method in METHODS}

    assert {"Ticket.merge.others", "WritingMixin.bulk_update.objs", "User.merge.into"} <= names
    assert len(names) > 60


# -- keywords and assignments ------------------------------------------------


def _fetch_foreign(model: Any) -> Any:
    return next(iter(model.objects.using("emea").all()[:1]))


KEYWORDS = {
    "create": lambda user: Ticket.objects.create(
        subject="x", comment=Comment(body="x"), requester=user
    ),
    "save": lambda user: Ticket(subject="x", comment=Comment(body="x"), requester=user).save(),
    "author": lambda user: Ticket(subject="x", comment=Comment(body="x", author=user)).save(),
    "followers": lambda user: Ticket(
        subject="x", comment=Comment(body="x"), followers=(item for item in [user])
    ).save(),
    "assign": lambda user: setattr(Ticket.objects.first(), "requester", user),
    "followers.add": lambda user: Ticket.objects.first().followers.add(user),
    "followers.set": lambda user: Ticket.objects.first().followers.set([user]),
    "through": lambda user: Group.objects.first().users.add(user),
    "bulk_create": lambda user: Ticket.objects.bulk_create(
        [Ticket(subject="x", comment=Comment(body="x"), requester=user)]
    ),
    "get_or_create": lambda user: Ticket.objects.get_or_create(
        external_id="new", defaults={"requester": user, "comment": Comment(body="x")}
    ),
    "update_or_create": lambda user: Ticket.objects.update_or_create(
        external_id="new", defaults={"requester": user, "comment": Comment(body="x")}
    ),
    "update": lambda user: Ticket.objects.filter(status="open").update(requester=user),
    "filter": lambda user: list(Ticket.objects.filter(requester=user)),
    "exclude": lambda user: list(Ticket.objects.filter(status="open").exclude(requester=user)),
    "in": lambda user: Ticket.objects.filter(requester__in=[user]).count(),
    "Q": lambda user: Ticket.objects.filter(
        zendesk_orm.Q(requester=user) | zendesk_orm.Q(status="open")
    ).exists(),
    "get": lambda user: Ticket.objects.get(requester=user),
    "union": lambda user: list(
        Ticket.objects.filter(status="open") | Ticket.objects.filter(requester=user)
    ),
    "combined": lambda user: list(
        Ticket.objects.filter(status="open").difference(Ticket.objects.filter(requester=user))
    ),
    "subquery": lambda user: list(
        Ticket.objects.filter(requester__in=User.objects.using("emea").filter(role="end-user"))
    ),
    "import_ticket": lambda user: Ticket.objects.import_ticket(
        {"subject": "x", "requester": user, "comments": [{"body": "x"}]}
    ),
    "import comment": lambda user: Ticket.objects.import_ticket(
        {"subject": "x", "comments": [{"body": "x", "author": user}]}
    ),
    "import_many": lambda user: Ticket.objects.import_many(
        [{"subject": "x", "requester": user, "comments": [{"body": "x"}]}]
    ),
    "batch": lambda user: _call_in_batch(user),
}


def _call_in_batch(user: Any) -> None:
    with connections["default"].batch():
        Ticket(subject="x", comment=Comment(body="x"), requester=user).save()


@pytest.mark.parametrize("work", KEYWORDS.values(), ids=KEYWORDS)
def test_a_user_of_another_account_is_rejected(two, work):
    """Fields and lookups reject a user of another account; nothing is sent."""
    theirs = _fetch_foreign(User)
    two.clear()

    with pytest.raises(ZendeskError, match="emea"):
        work(theirs)

    assert two.writes == []


OWN_METHODS = {
    "save": lambda ticket: ticket.save(using="default"),
    "insert": lambda ticket: ticket.save(using="default", force_insert=True),
    "delete": lambda ticket: ticket.delete(using="default"),
    "refresh": lambda ticket: ticket.refresh_from_db(using="default"),
    "bulk_update": lambda ticket: Ticket.objects.bulk_update([ticket]),
    "generator": lambda ticket: Ticket.objects.bulk_update(item for item in [ticket]),
    "queryset": lambda ticket: Ticket.objects.bulk_update(
        Ticket.objects.using("emea").filter(status="open")
    ),
    "contains": lambda ticket: Ticket.objects.filter(status="open").contains(ticket),
}


@pytest.mark.parametrize("work", OWN_METHODS.values(), ids=OWN_METHODS)
def test_an_object_is_not_sent_to_another_account(two, work):
    """`using=` and managers of another account reject a saved object."""
    ticket = _fetch_foreign(Ticket)
    ticket.subject = "EMEA"
    two.clear()

    with pytest.raises(ZendeskError, match="emea"):
        work(ticket)

    assert two.writes == []


def test_prefetching_reads_one_account(two):
    """Objects and querysets of two accounts are not prefetched together."""
    mine = Ticket.objects.filter(status="open")[0]
    theirs = _fetch_foreign(Ticket)
    comments = zendesk_orm.Prefetch("comments", queryset=Comment.objects.using("emea"))
    two.clear()

    with pytest.raises(ZendeskError, match="account"):
        zendesk_orm.prefetch_related_objects([mine, theirs], "requester")
    with pytest.raises(ZendeskError, match="account"):
        zendesk_orm.prefetch_related_objects([mine], comments)
    with pytest.raises(ZendeskError, match="Ticket"):
        zendesk_orm.prefetch_related_objects([mine, User(id=5)], "requester")

    assert two.requests == []


def test_a_new_object_belongs_to_the_account_that_saves_it(two):
    """A new object belongs to the account that saves it, with users of that account."""
    theirs = _fetch_foreign(User)
    ticket = Ticket(subject="x", comment=Comment(body="x"), requester=theirs)

    ticket.save(using="emea")

    assert ticket.using == "emea"
    assert not two.mine.requests
    with pytest.raises(ZendeskError, match="default"):
        ticket.requester = User.objects.first()


@pytest.mark.parametrize("value", [None, "abc", 5, {"subject": "x"}, ["abc"], [None], [5]])
@pytest.mark.parametrize("method", ["bulk_create", "bulk_update"])
def test_bulk_methods_accept_only_objects(two, method, value):
    """Values other than iterables of objects raise before anything is sent."""
    two.clear()

    with pytest.raises(ZendeskError):
        getattr(Ticket.objects, method)(value)

    assert two.requests == []


@pytest.mark.parametrize("method", ["union", "intersection", "difference"])
@pytest.mark.parametrize("value", [None, "abc", [1], Ticket(id=5)])
def test_only_querysets_are_combined(two, method, value):
    """Methods that combine QuerySets reject other values."""
    with pytest.raises(ZendeskError, match="Ticket"):
        getattr(Ticket.objects.filter(status="open"), method)(value)


def test_querysets_of_two_accounts_are_not_combined(two):
    """A union of two accounts is rejected; a union of two aliases of one account is not."""
    two.mine.connect(alias="again")
    mine = Ticket.objects.filter(status="open")
    with pytest.raises(ZendeskError, match="combined"):
        mine.union(Ticket.objects.using("emea").filter(status="new"))

    assert mine.union(Ticket.objects.using("again").filter(status="new")).exists()


def test_objects_of_another_model_are_rejected_before_the_first_is_sent(two):
    """All objects of a list are checked before the first one is sent."""
    mixed = [*(User(name=f"u{n}", email=f"u{n}@e.org") for n in range(150)), Organization(name="o")]
    two.clear()

    with pytest.raises(ZendeskError, match="User"):
        User.objects.bulk_create(mixed)

    assert two.requests == []


def test_objects_of_a_proxy_are_accepted(two):
    """Methods of a model accept objects of its proxy, and vice versa."""

    class Incident(Ticket):
        class Meta:
            filter: ClassVar = {"type": "incident"}

    ticket, mine = (
        Ticket.objects.filter(status="open")[0],
        Incident.objects.filter(status="open")[0],
    )
    ticket.subject = mine.subject = "x"

    assert len(Ticket.objects.bulk_update([mine])) == 1
    assert len(Incident.objects.bulk_update([ticket])) == 1
