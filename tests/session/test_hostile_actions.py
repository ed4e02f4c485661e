"""Every action of every model with bodies that Zendesk does not document."""

from __future__ import annotations

import inspect
import itertools
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from tests.emulator.readings import _has_type
from tests.session.mutations import HOST, build_response, read_record
from zendesk_orm import (
    DynamicContentVariant,
    MessagingKey,
    RetryPolicy,
    Ticket,
    User,
    ZendeskError,
    connect,
    connections,
)
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.schema import registry
from zendesk_orm.schema.record import Record


pytestmark = pytest.mark.lenient

VALUES: tuple[Any, ...] = (
    *(None, "", "x", 0, 1.5, 10**30, True, [], {}, [None], ["x"], [5], [[]], [{}]),
    *({"id": value} for value in (None, "x", 1, [], {})),
    *([{"id": value}] for value in (1, {}, [])),
)
#: Keys that bodies have, beside those of the model.
KEYS = ("count", "data", "id", "job_status", "results", "status", "token", "upload", "url")
#: A request more belongs to an endless loop.
MAX_REQUESTS = 60
_CONDITION = {"field": "status", "operator": "is", "value": "open"}
_EVENT = {"type": "create", "created_at": "2026-01-01T00:00:00Z", "message": {"body": "x"}}
#: The parents of objects, by the keys of their ids.
_PLACE = {
    "custom_object_key": "car",
    "custom_object_record_id": "x",
    "post_id": 5,
    "source_id": 5,
    "ticket_id": 5,
    "user_id": 5,
    "webhook_id": "x",
}


class HostileAdapter(BaseAdapter):
    """Returns the same body for each request, and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.body: Any = None
        self.count = 0

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the body; an error of the test for a request too many."""
        self.count += 1
        assert self.count <= MAX_REQUESTS, "an endless loop"
        return build_response(request, 200, self.body)

    def close(self) -> None:
        """Do nothing: there is no connection."""


def _record(label: str, pk: Any = 5) -> Any:
    """Return an object of the account whose responses are hostile."""
    model = registry.find(label.rpartition(".")[2], label.partition(".")[0])
    row = {model._meta.pk_key or "id": pk, "id": pk, "url": f"{HOST}/x/5", **_PLACE}
    row |= {"name": "x", "role": "end-user"}
    return model.from_row(row, connections["hostile"].current())


#: Values of required arguments, by the name of the parameter.
BY_NAME: dict[str, Any] = {
    "activity": "typing:start",
    "answers": [{"question_id": "x"}],
    "body": {"id": "x"},
    "changed_since": datetime(2026, 1, 1, tzinfo=timezone.utc),
    "content_type": "image/png",
    "events": [_EVENT],
    "file": b"x",
    "filename": "x.png",
    "file_size": 5,
    "intervals": [(1980, 2460)],
    "payload": {"key": "x"},
}
_CONDITIONS = {"all": [_CONDITION]}
_PHONE = "+15550100"
#: Positional arguments of actions for which the names of the parameters do not suffice, or the
#: keywords; functions return those that need the account.
BY_ACTION: dict[str, Any] = {
    **{
        f"support.{name}.{kind}_tags": ("x",)
        for name in ("Ticket", "User", "Organization")
        for kind in ("add", "remove")
    },
    "help_center.Article.attach": (5,),
    "messaging.Conversation.leave": {"user": "x"},
    "support.AppLocationInstallation.reorder": ("ticket_sidebar", [5]),
    "support.ChannelResource.push": ("x", [{"external_id": "x", "message": "x"}]),
    "support.Comment.redact_in_workspace": {"html_body": "<redact>x</redact>"},
    "support.CustomObjectRecord.delete_by": {"external_id": "x"},
    "support.CustomObjectRecord.upsert": {"external_id": "x"},
    "support.CustomStatus.add_to_forms": (5,),
    "support.DynamicContentItem.add_variants": lambda: ([DynamicContentVariant(content="x")],),
    "support.DynamicContentItem.update_variants": lambda: (
        [_record("support.DynamicContentVariant")],
    ),
    "support.Integration.upload_bundle": ({"name": "x", "resources": {"x": {}}},),
    "support.LookupRelationship.definitions": (User,),
    "support.LookupRelationship.sources": lambda: (_record("support.User"), 5, Ticket),
    "support.Macro.apply_to": lambda: (_record("support.Ticket"),),
    "support.OAuthToken.grant": {
        "grant_type": "client_credentials",
        "client_id": "x",
        "client_secret": "x",
    },
    "support.PushNotificationDevice.unregister": ("x",),
    "support.Tag.autocomplete": ("xyz",),
    "support.Ticket.import_many": ([{"subject": "x", "description": "x"}],),
    "support.Ticket.import_ticket": ({"subject": "x", "description": "x"},),
    "support.Ticket.merge": (6,),
    "support.Ticket.redact_chat": {"chat_id": "x", "text": "<redact>x</redact>", "chat_index": 0},
    "support.Ticket.redact_chat_files": {"chat_id": "x", "chat_indexes": [0]},
    "support.TicketForm.add_statuses": (5,),
    "support.TicketForm.change_statuses": {"add": [5]},
    "support.TicketForm.remove_statuses": ("x",),
    "support.TrialAccount.is_available": ("acme",),
    "support.TrialAccount.open": {
        "account": {"name": "x"},
        "owner": {"name": "x", "password": "x"},
        "phone": _PHONE,
    },
    "support.TriggerCategory.rearrange": lambda: ([_moved("support.TriggerCategory")],),
    "support.UserProfile.update_by_identifier": {"identifier": "a:b:c:d", "name": "x"},
    "support.View.preview": (_CONDITIONS,),
    "support.View.preview_count": (_CONDITIONS,),
    "talk.Agent.create_ticket": {"via": "inbound", "subject": "x"},
    "help_center.ContentTag.merge": (["x"], "y"),
    "help_center.RedirectRule.redirect": ("/hc/old", "/hc/new"),
    "messaging.Conversation.offer_control": ("x",),
    "messaging.Conversation.pass_control": ("x",),
    "support.GroupSlaPolicy.reorder": (["x"],),
    "support.Organization.merge": {"into": 6},
    "support.Queue.reorder": (["x"],),
    "support.User.merge": lambda: (_record("support.User", 6),),
    "talk.Agent.get": (5,),
    "talk.PartnerCall.create_with_comment": {"comment": {"body": "x"}},
    "talk.CallbackRequest.request": (5, _PHONE),
}

#: Lookups that queries need, by the name of their model.
LOOKUPS: dict[str, dict[str, Any]] = {
    "AccessRule": {"custom_object": "car"},
    "ArticleTranslation": {"source": 5},
    "CategoryTranslation": {"source": 5},
    "CustomObjectField": {"custom_object": "car"},
    "CustomObjectRecord": {"custom_object_key": "car"},
    "CustomObjectRecordAttachment": {"custom_object_key": "car", "custom_object_record": "x"},
    "ObjectTrigger": {"custom_object": "car"},
    "SectionTranslation": {"source": 5},
    "SideConversation": {"ticket": 5},
}
#: The ids of models whose ids are not numbers.
PKS = {"support.Integration": "x"}
#: Actions that write files; tests of downloads cover them.
DOWNLOADS = frozenset({"support.CustomObjectRecordAttachment.download", "talk.Greeting.download"})


def _moved(label: str) -> Any:
    record = _record(label)
    record.position = 7
    return record


def _arguments(name: str, method: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the arguments of an action."""
    sample = BY_ACTION.get(name)
    sample = sample() if callable(sample) else sample
    if sample is not None:
        return ((), sample) if isinstance(sample, dict) else (sample, {})
    keywords = {}
    for parameter in inspect.signature(method).parameters.values():
        is_variable = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if not is_variable and parameter.default is parameter.empty:
            default = _guess(str(parameter.annotation))
            keywords[parameter.name] = BY_NAME.get(parameter.name, default)
    if "filename" in inspect.signature(method).parameters:
        keywords["filename"] = "x.png"
    return (), keywords


def _guess(annotation: str) -> Any:
    """Return a value for a parameter with an annotation."""
    if annotation == "str":
        return "en-us"
    if annotation.startswith("Literal["):
        return annotation[9:].partition("'")[0]
    value = 5 if "int" in annotation or "Iterable" not in annotation else "x"
    return [value] if annotation.startswith(("Iterable", "Sequence", "list")) else value


def _targets() -> Iterator[tuple[str, Any, Callable[[], Any]]]:
    """Yield the name and the model of each action, and a function that returns its owner."""
    for model in registry.models():
        label = model._meta.label
        if not model.__module__.startswith("zendesk_orm."):
            continue
        manager = getattr(model, "objects", None)
        for endpoint in model._meta.api:
            name = f"{label}.{endpoint.name}"
            if endpoint.verb is not Verb.ACTION or name in DOWNLOADS:
                continue
            if callable(getattr(model, endpoint.name, None)):
                yield name, model, partial(_record, label, PKS.get(label, 5))
            elif callable(getattr(manager, endpoint.name, None)):
                yield name, model, partial(_query, model)


def _query(model: Any) -> Any:
    """Return a query of the account, with the parents that its model needs."""
    query = model.objects.using("hostile")
    return query.filter(**LOOKUPS.get(model.__name__, {}))


def _find_failures(name: str, model: Any, find_owner: Callable[[], Any], adapter: Any) -> list[str]:
    """Call an action once for each body, and describe the exceptions from outside the library."""
    failures = []
    keys = {*KEYS, model._meta.singular, model._meta.plural}
    row = {"id": 5, **{field.wire: None for field in model._meta.fields.values()}}
    bodies = [
        *VALUES,
        *({key: value} for key in sorted(keys) for value in VALUES),
        *(
            {model._meta.singular: {**row, wire: value}}
            for wire in row
            for value in (None, [], "x")
        ),
    ]
    for body in bodies:
        adapter.body, adapter.count = body, 0
        connections["hostile"].transport.clock.sleep(3600)
        try:
            owner = find_owner()
            method = getattr(owner, name.rpartition(".")[2])
            args, keywords = _arguments(name, method)
            result = method(*args, **keywords)
            declared = str(inspect.signature(method).return_annotation)
            if not _has_type(result, declared):
                failures.append(f"{name}() returned {result!r:.60} after {body!r:.80}")
            is_one = isinstance(result, (Record, dict, str, bytes)) or not isinstance(
                result, Iterable
            )
            for member in itertools.islice([result] if is_one else result, 5):
                read_record(member)
        except ZendeskError as error:
            if not adapter.count:
                return [f"{name} was not sent: {error}"]
        except Exception as error:  # noqa: BLE001 - any exception is a failure
            frame = traceback.extract_tb(error.__traceback__)[-1]
            failures.append(
                f"{name}: {type(error).__name__}: {error} in {frame.filename}:{frame.lineno} "
                f"after {body!r:.80}"
            )
    return failures


@pytest.mark.slow
def test_no_body_of_any_action_raises_another_error():
    """Each action sends a request, and raises only errors of the library for any body."""
    adapter = HostileAdapter()
    session = requests.Session()
    session.mount("https://", adapter)
    connect(
        base_url=HOST,
        session=session,
        alias="hostile",
        clock=VirtualClock(),
        read_ahead=0,
        retry=RetryPolicy(attempts=1),
        messaging=MessagingKey("5c93f8b1a2e4d60010c1f0aa", "app_5c93f8b1a2e4d60010", "x"),
    )
    targets = list(_targets())

    failures = [failure for target in targets for failure in _find_failures(*target, adapter)]

    assert len(targets) > 200
    assert failures == []
