"""Wrong arguments raise errors of the library before anything is sent."""

from __future__ import annotations

import asyncio
import inspect
import io
import sys
from uuid import UUID

import pytest

from tests.hostile import DEEP, ENDLESS, HUGE, Hostile
from zendesk_orm import (
    Asset,
    Count,
    CustomField,
    F,
    FieldError,
    Group,
    InvalidValue,
    Max,
    Prefetch,
    Q,
    SuspendedTicket,
    Ticket,
    User,
    ZendeskError,
    connect,
    connections,
    receiver,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.help_center import Article, Post
from zendesk_orm.messages import suggestion
from zendesk_orm.query.f import Joined
from zendesk_orm.talk import PartnerCall


#: Methods that only the library or Django's internals call.
INTERNAL = {
    *("update_from_row", "attach_if_bare", "attach_to", "from_row", "bind"),
    *("resolve_unsaved_relations", "resolve_custom_fields"),
    *(
        "change_members",
        "collect",
        "lend_session",
        "for_current_user",
        "to_payload",
        "close",
        "on_commit",
    ),
    *("check", "deconstruct", "resolve_expression", "as_manager", "db_manager", "get_queryset"),
}
#: Methods that send some of these arguments, so that Zendesk rejects them.
SENDING = {
    "to_pandas",  # It looks up the names of custom fields.
    *("get", "get_or_create", "update_or_create", "of_conversation", "add", "remove", "set"),
    *("add_tags", "remove_tags", "set_tags", "merge", "definition", "brand", "offers"),
    *("autocomplete_problems", "create_follow_up", "solve"),
}


#: An argument that no request can contain.
HALF = "half a character"


class UnrelatedObject:
    """An object that is not of any model."""


WRONG_ARGUMENTS = {
    "an object of another model": lambda: (Group.from_row({"id": 1}),),
    "a dictionary": lambda: ({"status": "new"},),
    "a text": lambda: ("no such thing!",),
    "None": lambda: (None,),
    "an exhausted generator": lambda: (item for item in [iter(())]),
    "too many": lambda: (1, 2, 3, 4, 5, 6, 7, 8),
    "any object": lambda: (UnrelatedObject(),),
    "a list of objects": lambda: ([UnrelatedObject()],),
    "a class": lambda: (Ticket,),
    "a negative number": lambda: (-1,),
    "a UUID": lambda: (UUID(int=1),),
    "an integer of 5,000 digits": lambda: (HUGE,),
    "a list of 3,000 levels": lambda: (DEEP,),
    "a list that contains itself": lambda: (ENDLESS,),
    "an open file": lambda: (io.StringIO("x"),),
    "a file open for writing": lambda: (sys.stdout,),
    "an object without a repr": lambda: (Hostile(),),
    "a list of objects without a repr": lambda: ([Hostile()],),
    HALF: lambda: ("\ud800",),
    "a class and a text": lambda: (Ticket, " "),
}


@pytest.fixture(scope="module")
def rows():
    """Return an emulator, its account, and the rows of a ticket and its requester."""
    with Emulator(seed="demo") as emulator:
        account = emulator.connect()
        ticket = Ticket.objects.select_related("requester").first()
        yield emulator, account, ticket._row, ticket.requester._row


GROUPS = {
    "manager": lambda account, ticket, user: Ticket.objects,
    "query": lambda account, ticket, user: Ticket.objects.filter(status="new"),
    "related manager": lambda account, ticket, user: ticket.comments,
    "record": lambda account, ticket, user: ticket,
    "other record": lambda account, ticket, user: user,
    "new record": lambda account, ticket, user: Ticket(subject="x"),
    "tags": lambda account, ticket, user: ticket.tags,
    "people": lambda account, ticket, user: ticket.followers,
    "custom fields": lambda account, ticket, user: ticket.custom,
    "account": lambda account, ticket, user: account,
}


def _public_methods(target):
    for name in dir(type(target)):
        if name.startswith("_") or name in INTERNAL:
            continue
        if inspect.isfunction(getattr(type(target), name, None)):
            yield name


def _find_problem(emulator, target, name, arguments, kind):
    """Call a method, and return the problem that it has, or None."""
    method = getattr(target, name)
    try:
        inspect.signature(method).bind(*arguments)
    except TypeError:
        return None  # Python itself rejects it.
    emulator.requests.clear()
    try:
        result = method(*arguments)
        if inspect.iscoroutine(result):
            asyncio.run(result)
    except ZendeskError:
        sent = list(emulator.requests)
        is_sent = name in SENDING or name.removeprefix("a") in SENDING
        may_send = is_sent and kind != HALF
        return f"sent {sent}" if sent and not may_send else None
    except Exception as error:  # noqa: BLE001 - any other exception is a problem
        return repr(error)
    return None


@pytest.mark.parametrize("group", GROUPS)
def test_wrong_arguments_raise_library_errors(rows, group):
    """Every public method accepts a wrong argument or raises a ZendeskError before sending."""
    emulator, account, ticket_row, user_row = rows
    emulator.connect()
    wrong = []
    calls = 0
    source = account.current()

    def create_target():
        ticket, user = Ticket.from_row(ticket_row, source), User.from_row(user_row, source)
        return GROUPS[group](account, ticket, user)

    for name in _public_methods(create_target()):
        for kind, arguments in WRONG_ARGUMENTS.items():
            calls += 1
            problem = _find_problem(emulator, create_target(), name, tuple(arguments()), kind)
            if problem is not None:
                wrong.append((name, kind, problem))

    assert not wrong
    assert calls >= 40


BULK = {
    "bulk_create": lambda **options: Ticket.objects.bulk_create([Ticket(subject="x")], **options),
    "bulk_update": lambda **options: Ticket.objects.bulk_update([], ["subject"], **options),
    "update": lambda **options: Ticket.objects.filter(id=1).update(subject="x", **options),
    "delete": lambda **options: Ticket.objects.filter(id=1).delete(**options),
    "mark_many_as_spam": lambda **options: Ticket.objects.mark_many_as_spam([1], **options),
    "restore": lambda **options: Ticket.deleted.restore([1], **options),
    "recover_many": lambda **options: SuspendedTicket.objects.recover_many([1], **options),
    "logout_many": lambda **options: User.objects.logout_many([1], **options),
    "delete_by_external_id": lambda **options: Asset.objects.delete_by_external_id(
        ["x"], **options
    ),
}


@pytest.mark.parametrize("method", BULK)
@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"timout": 1}, FieldError),
        ({"wait": "no"}, InvalidValue),
        ({"raise_on_failure": None}, InvalidValue),
        ({"progress": 5}, InvalidValue),
        ({"timeout": HUGE}, InvalidValue),
        ({"timeout": Hostile()}, InvalidValue),
    ],
    ids=["misspelt", "text", "None", "number", "huge number", "hostile"],
)
def test_invalid_options_of_bulk_methods_raise_before_sending(rows, method, options, error):
    """A misspelt option, or an invalid value of one, raises before anything is sent."""
    emulator = rows[0]
    emulator.connect()
    emulator.requests.clear()

    with pytest.raises(error):
        BULK[method](**options)
    assert emulator.requests == []


KEYWORDS = {
    "idempotency_key": lambda value: Ticket(subject="x", idempotency_key=value),
    "update_fields": lambda value: Ticket(id=1).save(update_fields=value),
    "unique_fields": lambda value: User.objects.bulk_create(
        [User(name="x", external_id="y")], update_conflicts=True, unique_fields=value
    ),
    "fields": lambda value: Ticket.objects.bulk_update([], value),
    "message_ids": lambda value: Ticket(id=1).redact_chat_files("x", message_ids=value),
    "comment": lambda value: PartnerCall.objects.create_with_comment(value),
    "key": lambda value: list(connect_raw().rows("/api/v2/tickets", value)),
    "path": lambda value: connect_raw().get(value),
    "alias": lambda value: connections.remove(value),
    "a search of articles": lambda value: Article.objects.search(value),
    "a search of posts": lambda value: Post.objects.search(value),
    "raise_on_failure": lambda value: connections["default"].batch(raise_on_failure=value),
    "quiet": lambda value: connections["default"].dry_run(quiet=value),
    "tags": lambda value: Ticket(tags=value),
    "acting_as": lambda value: connections["default"].acting_as(value).__enter__(),
}


def connect_raw():
    """Return the raw requests of the default account."""
    return connections["default"].raw


@pytest.mark.parametrize("keyword", KEYWORDS)
@pytest.mark.parametrize(
    "value",
    [HUGE, DEEP, ENDLESS, UUID(int=1), sys.stdout, Hostile()],
    ids=["huge", "deep", "endless", "uuid", "file", "hostile"],
)
def test_invalid_values_of_keywords_raise_before_sending(rows, keyword, value):
    """A keyword argument of a wrong type raises before anything is sent."""
    emulator = rows[0]
    emulator.connect()
    emulator.requests.clear()

    with pytest.raises((FieldError, InvalidValue, ConfigurationError)):
        KEYWORDS[keyword](value)
    assert emulator.requests == []


MISTAKES = [
    (lambda: Ticket.objects.filter("status=new"), ["filter(status='new')"]),
    (lambda: Ticket.objects.filter({"status": "new"}), ["filter(**conditions)"]),
    (lambda: Ticket.objects.exclude(5), ["keywords", "Q objects"]),
    (lambda: Q("status"), ["keywords"]),
    (lambda: Ticket.objects.get(1, 2), ["get() takes one id", "filter(id__in=[...])"]),
    (lambda: Ticket.objects.get({"id": 1}), ["filter(**conditions)"]),
    (lambda: Ticket.objects.get(id=None), ["None is not an id"]),
    (lambda: Ticket.objects.filter(pk=None), ["None is not an id"]),
    (lambda: Ticket(description="x"), ["comment="]),
    (lambda: Ticket.objects.create(subject="x", description="d"), ["comment="]),
    (lambda: Ticket.objects.order_by("requester__name"), ["requester__name", "Ticket itself"]),
    (lambda: Ticket.objects.order_by(5), ["named by a text"]),
    (lambda: Ticket.objects.select_related("comments"), ["prefetch_related('comments')"]),
    (
        lambda: Ticket.objects.select_related("organization__group"),
        ["prefetch_related('organization__group')"],
    ),
    (lambda: Ticket.objects.prefetch_related(5), ["named by a text"]),
    (lambda: Ticket.objects.values(5), ["named by a text"]),
    (lambda: Ticket.objects.all()["x"], ["rows[0]"]),
    (lambda: Ticket.objects.all()[1.5:], ["whole number"]),
    (lambda: Ticket.objects.page_size("x"), ["whole number", "page_size()"]),
    (lambda: Ticket.objects.max_requests(None), ["whole number", "max_requests()"]),
    (lambda: Ticket.objects.scan(True), ["whole number", "scan()"]),
    (lambda: Ticket.objects.using(5), ["alias"]),
    (lambda: Ticket.objects.in_bulk(5), ["list"]),
    (lambda: Ticket.objects.bulk_create(Ticket(subject="x")), ["list"]),
    (lambda: Ticket.objects.get_or_create("x", external_id="y"), ["defaults", "dictionary"]),
    (lambda: Ticket.objects.get_or_create({"x": 1}, external_id="y"), ["no field 'x'"]),
    (lambda: F("subject") + "x", ["F('subject')", "tags=F('tags') + ['seen']"]),
    (lambda: F("created_at") + 5, ["F('created_at')", "tags=F('tags') + ['seen']"]),
    (lambda: Joined("tags") - None, ["F('tags')", "list"]),
    (lambda: connect("emulator://?sed=demo"), ["'sed'", "'seed'"]),
    (
        lambda: connect(subdomain="a", anonymous=True, cache_seconds={"ticket": 60}),
        ["cache_seconds={Group: 60}"],
    ),
    (
        lambda: connect(subdomain="a", anonymous=True, cache_seconds={Group: "x"}),
        ["cache_seconds={Group: 60}"],
    ),
    (
        lambda: connect(subdomain="a", anonymous=True, cache_seconds=60),
        ["cache_seconds={Group: 60}"],
    ),
    (lambda: receiver("post_save"), ["@receiver(post_save"]),
]


@pytest.mark.parametrize(
    ("call", "words"), MISTAKES, ids=[" ".join(words) for _, words in MISTAKES]
)
def test_errors_of_common_mistakes_contain_the_remedy(rows, call, words):
    """The error of a common mistake contains the remedy, and nothing is sent."""
    emulator = rows[0]
    emulator.connect()
    emulator.requests.clear()

    with pytest.raises((FieldError, InvalidValue, ConfigurationError)) as caught:
        call()

    assert [word for word in words if word not in str(caught.value)] == []
    assert emulator.requests == []


def _declare(**options):
    """Declare a model with options of `Meta`."""
    return type("Declared", (Ticket,), {"Meta": type("Meta", (), {"proxy": True, **options})})


MISTAKES_IN_EXPRESSIONS = [
    (lambda: Count(5), "named by a text"),
    (lambda: Max(F("id")), "named by a text"),
    (lambda: Count("id", distinct="no"), "distinct must be True or False"),
    (lambda: Ticket.objects.values("status").annotate(n=Count("id")).order_by(5), "named by a"),
    (lambda: Ticket.objects.prefetch_related(Prefetch(5)), "named by a text"),
    (lambda: setattr(Ticket(), "custom", 5), "custom must be a dictionary"),
    (lambda: Ticket.objects.prefetch_related("coments"), "did you mean 'comments'"),
    (lambda: Ticket.objects.prefetch_related(Prefetch("comments", 5)), "must be a QuerySet"),
    (lambda: Ticket.objects.prefetch_related(Prefetch("comments", to_attr=5)), "to_attr must be"),
    (lambda: Ticket.objects.prefetch_related(Prefetch("comments", to_attr="a b")), "to_attr must"),
    (lambda: Ticket.objects.aggregate(Count("requester__name")), "of the related User, not of Ti"),
    (lambda: Ticket.objects.aggregate(Count("requester__nam")), "User.*did you mean 'name'"),
    (lambda: Ticket.objects.values("comments__body"), r"prefetch_related\('comments'\)"),
    (lambda: Ticket.objects.values_list("id", flat="no"), "flat must be True or False"),
    (lambda: Ticket.objects.values_list("id", named=1), "named must be True or False"),
    (lambda: Ticket.objects.union(Ticket.objects.all(), all="no"), "all must be True or False"),
    (lambda: Ticket(id=1).save(safe="no"), "safe must be True or False"),
    (lambda: Ticket(id=1).save(force_insert="no"), "force_insert must be True or False"),
    (lambda: Ticket(id=1).delete(permanent="no"), "permanent must be True or False"),
    (lambda: Ticket(id=1).refresh_from_db(discard="no"), "discard must be True or False"),
    (lambda: Ticket.objects.filter(requester__=1), "no field 'requester__'.*mean 'requester'"),
    (lambda: Ticket.objects.all() | Q(status="new"), r"combined in filter\(\)"),
    (lambda: Ticket.objects.all() & 5, "only a QuerySet of Ticket"),
    (lambda: Ticket.objects.all() ^ None, "only a QuerySet of Ticket"),
    (lambda: CustomField(None), "title or its id"),
    (lambda: CustomField(5.5), "title or its id"),
    (lambda: _declare(filter=5), "Meta.filter must be of type Mapping, not 5"),
    (lambda: _declare(ordering=5), "Meta.ordering must be of type str or tuple or list"),
    (lambda: _declare(ordering="-creatd_at"), "did you mean 'created_at'"),
    (lambda: _declare(parent=Ticket), "Meta.parent must be of type str"),
    (lambda: _declare(required=5), "Meta.required must be of type"),
    (lambda: Emulator().connect(quota="x"), "quota must be QuotaSettings"),
    (lambda: Emulator().fail_next(500, path=5), "path must be text or None, not int"),
    (lambda: Emulator().fail_next(500, after_applying="no"), "after_applying must be True or"),
    (lambda: Emulator().create_client(5), "identifier must be text, not int"),
    (lambda: Emulator().receive(5, print), "url must be text, not int"),
    (lambda: Emulator().dump(5), "cannot be written"),
]


def test_mistakes_in_expressions_and_declarations_raise_before_sending(rows):
    """Aggregates, prefetches, flags and declarations with wrong values are rejected at once."""
    emulator = rows[0]
    emulator.connect()
    emulator.requests.clear()

    for call, message in MISTAKES_IN_EXPRESSIONS:
        with pytest.raises((FieldError, InvalidValue, ConfigurationError), match=message):
            call()
    assert emulator.requests == []


def test_suggestions_are_short_and_include_custom_fields():
    """A suggestion can be a declared custom field, and has at most 200 characters."""

    class TicketWithSeverity(Ticket):
        """A ticket with a custom field."""

        severity = CustomField[str]("Severity")

        class Meta:
            proxy = True

    with pytest.raises(FieldError, match="did you mean 'severity'"):
        TicketWithSeverity(severty="high")
    with pytest.raises(FieldError, match="did you mean 'severity'"):
        TicketWithSeverity.objects.filter(severty="high")
    for candidates in (TicketWithSeverity._meta.names, ["x" * 500], [], ["a"]):
        assert len(suggestion("qqqqq", candidates)) <= 200


def test_prefetch_related_accepts_prefetch_objects():
    """`prefetch_related()` accepts a `Prefetch` object."""
    assert Ticket.objects.prefetch_related(Prefetch("comments"))._prefetch_related_lookups
