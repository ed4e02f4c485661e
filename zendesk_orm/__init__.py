"""The Django ORM for Zendesk.

::

    from zendesk_orm import Ticket, connect

    connect("emulator://?seed=demo")          # or subdomain=, email=, token=
    for ticket in Ticket.objects.filter(status="new").select_related("requester")[:10]:
        ticket.tags.append("seen")
        ticket.save()

A map of the package, lowest layer first; imports only ever point down it:

============ =====================================================================
errors       the exception tree
signals      what is announced, and `receiver()`
lazy         names that are imported when they are first asked for
http         a `Request` goes out, a `Response` comes back
api          what the server offers: endpoints and styles of paging, as data
schema       what a model is: fields, rows, records
query        what is asked: lookups, predicates, search text
plan         how it will be asked, and why
session      one unit of work: pages, identity, kept rows
write        how changes go out: one by one, or by the hundred through jobs
account      `connect()` and accounts by name
queryset     the lazy, chainable face; with manager, relations and through
model        where all meet
support      the declarations of Zendesk Support; help_center, talk and chat likewise
inspection   an account's custom fields as code, and how far that has drifted
emulator     an embedded Zendesk, which nothing below it imports
============ =====================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm import lazy, support


if TYPE_CHECKING:
    from zendesk_orm.account import Account, connect, connections
    from zendesk_orm.api.vocabulary import exported, listed, resource, searched
    from zendesk_orm.errors import (
        ApiError,
        AuthenticationFailed,
        BadRequest,
        BulkError,
        ConfigurationError,
        Conflict,
        ConnectFailed,
        ConnectionLost,
        DryRunError,
        FeatureUnavailable,
        FieldError,
        ForeignHost,
        InvalidValue,
        LazyLoadRefused,
        MalformedResponse,
        MissingScope,
        MultipleObjectsReturned,
        NoEndpoint,
        NotFound,
        NPlusOneWarning,
        ObjectDoesNotExist,
        PermissionDenied,
        RateLimited,
        RequestBudgetExceeded,
        RequestTimeout,
        ResponseTooLarge,
        ResultLimitExceeded,
        ServerError,
        SignInFailed,
        SignInRequired,
        StaleObjectError,
        TokenStoreError,
        TransportError,
        UnexpectedValue,
        Unprocessable,
        ValidationError,
        ZendeskError,
    )
    from zendesk_orm.http.oauth.grants import ClientCredentials, RefreshToken
    from zendesk_orm.http.oauth.stores import (
        FileTokenStore,
        KeyringTokenStore,
        MemoryTokenStore,
        TokenStore,
    )
    from zendesk_orm.http.oauth.token import Token
    from zendesk_orm.http.retry import RetryPolicy
    from zendesk_orm.manager import Manager
    from zendesk_orm.model import Model
    from zendesk_orm.query.aggregates import Avg, Count, Max, Min, Sum
    from zendesk_orm.query.f import F
    from zendesk_orm.query.q import Q
    from zendesk_orm.queryset import QuerySet
    from zendesk_orm.queryset.prefetching import Prefetch, prefetch_related_objects
    from zendesk_orm.relations import Many, RefList, by
    from zendesk_orm.schema.custom import CustomField
    from zendesk_orm.schema.display import Display
    from zendesk_orm.schema.fields import (
        CreateOnly,
        CreateOnlyRef,
        Field,
        Id,
        Lookup,
        ReadOnly,
        ReadOnlyRef,
        Ref,
        WriteOnly,
    )
    from zendesk_orm.schema.members import Collaborators, MemberList, Members, TagList, Tags
    from zendesk_orm.session.counted import Counted
    from zendesk_orm.signals import (
        cache_hit,
        cache_miss,
        class_prepared,
        job_finished,
        job_progress,
        m2m_changed,
        post_bulk,
        post_delete,
        post_init,
        post_save,
        pre_delete,
        pre_init,
        pre_save,
        rate_limited,
        receiver,
        request_finished,
        request_started,
        retrying,
        value_ignored,
    )
    from zendesk_orm.support import *  # noqa: F403 - all models of Support, as at run time
    from zendesk_orm.through import Through, ThroughManager, joined
    from zendesk_orm.write.batch import Batch
    from zendesk_orm.write.dry_run import DryRun
    from zendesk_orm.write.jobs import Job
    from zendesk_orm.write.outcomes import BulkResult, Outcome
    from zendesk_orm.write.progress import Progress
    from zendesk_orm.write.raw import Raw

else:
    __getattr__, __dir__ = lazy.attributes(
        __name__,
        {
            "account": "Account connect connections",
            "api.vocabulary": "exported listed resource searched",
            "errors": (
                "ApiError AuthenticationFailed BadRequest BulkError ConfigurationError "
                "Conflict ConnectFailed ConnectionLost DryRunError FeatureUnavailable FieldError "
                "ForeignHost InvalidValue LazyLoadRefused MalformedResponse MissingScope "
                "MultipleObjectsReturned NoEndpoint NotFound NPlusOneWarning ObjectDoesNotExist "
                "PermissionDenied RateLimited RequestBudgetExceeded RequestTimeout "
                "ResponseTooLarge ResultLimitExceeded "
                "ServerError SignInFailed SignInRequired StaleObjectError TokenStoreError "
                "TransportError UnexpectedValue Unprocessable ValidationError ZendeskError"
            ),
            "http.oauth.grants": "ClientCredentials RefreshToken",
            "http.oauth.stores": "FileTokenStore KeyringTokenStore MemoryTokenStore TokenStore",
            "http.oauth.token": "Token",
            "http.retry": "RetryPolicy",
            "manager": "Manager",
            "model": "Model",
            "query.aggregates": "Avg Count Max Min Sum",
            "query.f": "F",
            "query.q": "Q",
            "queryset": "QuerySet",
            "queryset.prefetching": "Prefetch prefetch_related_objects",
            "relations": "Many RefList by",
            "schema.custom": "CustomField",
            "schema.display": "Display",
            "schema.fields": (
                "CreateOnly CreateOnlyRef Field Id Lookup ReadOnly ReadOnlyRef Ref WriteOnly"
            ),
            "schema.members": "Collaborators MemberList Members TagList Tags",
            "session.counted": "Counted",
            "signals": (
                "cache_hit cache_miss class_prepared job_finished job_progress "
                "m2m_changed post_bulk post_delete post_init post_save pre_delete "
                "pre_init pre_save rate_limited receiver request_finished request_started "
                "retrying value_ignored"
            ),
            "through": "Through ThroughManager joined",
            "write.batch": "Batch",
            "write.dry_run": "DryRun",
            "write.jobs": "Job",
            "write.outcomes": "BulkResult Outcome",
            "write.progress": "Progress",
            "write.raw": "Raw",
            "support": " ".join(support.__all__),
        },
    )

__version__ = "0.1.0"

__all__ = [
    "Account",
    "ApiError",
    "AuthenticationFailed",
    "Avg",
    "BadRequest",
    "Batch",
    "BulkError",
    "BulkResult",
    "ClientCredentials",
    "Collaborators",
    "ConfigurationError",
    "Conflict",
    "ConnectFailed",
    "ConnectionLost",
    "Count",
    "Counted",
    "CreateOnly",
    "CreateOnlyRef",
    "CustomField",
    "Display",
    "DryRun",
    "DryRunError",
    "F",
    "FeatureUnavailable",
    "Field",
    "FieldError",
    "FileTokenStore",
    "ForeignHost",
    "Id",
    "InvalidValue",
    "Job",
    "KeyringTokenStore",
    "LazyLoadRefused",
    "Lookup",
    "MalformedResponse",
    "Manager",
    "Many",
    "Max",
    "MemberList",
    "Members",
    "MemoryTokenStore",
    "Min",
    "MissingScope",
    "Model",
    "MultipleObjectsReturned",
    "NPlusOneWarning",
    "NoEndpoint",
    "NotFound",
    "ObjectDoesNotExist",
    "Outcome",
    "PermissionDenied",
    "Prefetch",
    "Progress",
    "Q",
    "QuerySet",
    "RateLimited",
    "Raw",
    "ReadOnly",
    "ReadOnlyRef",
    "Ref",
    "RefList",
    "RefreshToken",
    "RequestBudgetExceeded",
    "RequestTimeout",
    "ResponseTooLarge",
    "ResultLimitExceeded",
    "RetryPolicy",
    "ServerError",
    "SignInFailed",
    "SignInRequired",
    "StaleObjectError",
    "Sum",
    "TagList",
    "Tags",
    "Through",
    "ThroughManager",
    "Token",
    "TokenStore",
    "TokenStoreError",
    "TransportError",
    "UnexpectedValue",
    "Unprocessable",
    "ValidationError",
    "WriteOnly",
    "ZendeskError",
    "by",
    "cache_hit",
    "cache_miss",
    "class_prepared",
    "connect",
    "connections",
    "exported",
    "job_finished",
    "job_progress",
    "joined",
    "listed",
    "m2m_changed",
    "post_bulk",
    "post_delete",
    "post_init",
    "post_save",
    "pre_delete",
    "pre_init",
    "pre_save",
    "prefetch_related_objects",
    "rate_limited",
    "receiver",
    "request_finished",
    "request_started",
    "resource",
    "retrying",
    "searched",
    "value_ignored",
]
__all__ += support.__all__
