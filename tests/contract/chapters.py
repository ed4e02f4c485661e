"""Chapters of Zendesk's API reference that the library does not cover, and announced dates.

Each row names the day on which its source was read.
"""

from __future__ import annotations

from attrs import frozen


_SITE = "https://developer.zendesk.com"
_REFERENCE = f"{_SITE}/api-reference"
_CHANGELOG = f"{_REFERENCE}/changelog/changelog/"
_TOKENS = "https://support.zendesk.com/hc/en-us/articles/10840968198042"
_REFRESH = "https://support.zendesk.com/hc/en-us/articles/9182123625370"
_SELL = "https://support.zendesk.com/hc/en-us/articles/9591462550042"


@frozen
class Chapter:
    """A part of Zendesk's reference that the library does not cover.

    Attributes:
        name: its title.
        source: its address.
        reason: the reason for its omission, or its replacement.
        checked: the day on which the source was read.
    """

    name: str
    source: str
    reason: str
    checked: str = "2026-11-30"


NOT_COVERED = (
    Chapter(
        "AI agents",
        f"{_REFERENCE}/ai-agents/introduction",
        "another product: its page states that it does not follow Zendesk's conventions",
    ),
    Chapter(
        "Amazon EventBridge",
        f"{_REFERENCE}/amazon-eventbridge/users",
        "events that Amazon delivers; webhooks send the same ones to `WebhookReceiver`",
    ),
    Chapter(
        "Answer Bot",
        f"{_REFERENCE}/answer-bot/answer-bot-api/",
        "`SuggestedArticle` returns the suggestions of the Help Center",
    ),
    Chapter(
        "App public keys",
        f"{_REFERENCE}/ticketing/apps/apps/#get-app-public-key",
        "a file in PEM format, with which the server of an app verifies requests",
    ),
    Chapter(
        "Apps framework and SDKs",
        f"{_REFERENCE}/apps/introduction/",
        "JavaScript in the browser of agents and customers, not an HTTP API",
    ),
    Chapter(
        "Chat conversations",
        f"{_REFERENCE}/live-chat/chat-conversations-api/conversations-api/",
        "GraphQL, in maintenance since 2022 and closed to new integrations",
    ),
    Chapter(
        "Help Center JWTs",
        f"{_REFERENCE}/help_center/help-center-api/help_center_jwts/",
        "the path was not found on the only account on which it was tried",
        "2026-11-29",
    ),
    Chapter(
        "Integration services",
        f"{_REFERENCE}/integration-services/introduction/",
        "`Integration` registers integrations and bundles; flows, connections and configurations "
        "are managed with Zendesk's own command line",
    ),
    Chapter(
        "Legacy custom objects",
        f"{_REFERENCE}/custom-data/custom-objects-api/object_events/",
        "ended by Zendesk; use `CustomObject`",
    ),
    Chapter(
        "Quality assurance (QA)",
        f"{_SITE}/documentation/qa/",
        "another product, with tokens of its own",
    ),
    Chapter(
        "Real-time chat",
        f"{_REFERENCE}/live-chat/introduction",
        "streams by WebSocket; `chat.AgentTimeline` and the exports have the history",
    ),
    Chapter(
        "Sell: core, search, sync and firehose",
        f"{_REFERENCE}/sales-crm/introduction/",
        "another product, on another host, which Zendesk retires on 2027-08-31",
    ),
    Chapter(
        "Status",
        f"{_REFERENCE}/status_api/status_api",
        "another host without credentials, with incidents of Zendesk and not of the account",
    ),
    Chapter(
        "Task list events",
        f"{_REFERENCE}/ticketing/tasks/task_list_events/",
        "newer than the OpenAPI file of 2026-08-02; `ticket.audits` has the changes of tickets",
    ),
    Chapter(
        "Workforce management (WFM)",
        f"{_REFERENCE}/wfm/introduction/",
        "an early access program of reports: its page states that it does not follow Zendesk's "
        "conventions; `account.raw` sends its requests",
    ),
)


@frozen
class Announcement:
    """A change that Zendesk has announced.

    Attributes:
        date: the day, or the period.
        change: the change.
        answer: the reaction of the library.
        source: the address of the announcement, or of a copy of it.
        checked: the day on which the source was read.
    """

    date: str
    change: str
    answer: str
    source: str
    checked: str = "2026-11-30"


ANNOUNCED = (
    Announcement(
        "2025-04-30",
        "OAuth tokens can be refreshed; older tokens cannot",
        "`RefreshToken` and `ClientCredentials` renew their tokens",
        _REFRESH,
    ),
    Announcement(
        "2025-04-30",
        "no new integrations of the Chat conversations API",
        "not covered",
        f"{_REFERENCE}/live-chat/chat-conversations-api/conversations-api/",
    ),
    Announcement(
        "2025-05-12",
        "Chat moves from `www.zopim.com` to `{subdomain}.zendesk.com/api/v2/chat`",
        "uses the new address only",
        f"{_REFERENCE}/live-chat/introduction",
    ),
    Announcement(
        "2025-08-28",
        "the SDKs of Sunshine Conversations are no longer maintained",
        "needs none of them",
        _CHANGELOG,
    ),
    Announcement(
        "2026-01-14",
        "passwords are no longer a type of settings in manifests of apps",
        "`App.parameters` contains the types as Zendesk returns them",
        "https://github.com/api-evangelist/zendesk/blob/main/changelog/zendesk-changelog.yml",
    ),
    Announcement(
        "2026-01-15 to July 2026",
        "legacy custom objects: no new ones, then removed",
        "not covered; `CustomObject` are the present ones",
        _CHANGELOG,
    ),
    Announcement(
        "2026-01-31",
        "apps of the Marketplace must refresh their tokens",
        "`RefreshToken` renews its tokens",
        _REFRESH,
    ),
    Announcement(
        "2026-03-10",
        "anonymous requests need a confirmed e-mail address",
        "nothing: such tickets are in `SuspendedTicket` until then, as far as documented",
        "https://github.com/api-evangelist/zendesk/blob/main/changelog/zendesk-changelog.yml",
    ),
    Announcement(
        "2026-04-30",
        "`apps/locations/{id}` is removed",
        "`AppLocation` reads the list",
        "https://github.com/api-evangelist/zendesk/blob/main/changelog/zendesk-changelog.yml",
    ),
    Announcement(
        "2026-04-30",
        "tokens of new OAuth clients always expire",
        "renews them before they expire",
        _REFRESH,
    ),
    Announcement(
        "2026-05-19",
        "AI agents move from `ultimate.ai` to `{subdomain}.zendesk.com/ai-agents/api`",
        "not covered",
        "https://github.com/api-evangelist/zendesk/blob/main/changelog/zendesk-changelog.yml",
    ),
    Announcement(
        "2026-07-06",
        "`purchase_cost` of assets becomes an object with amount and currency, although the "
        "OpenAPI file of 2026-08-02 still has a number",
        "`Asset.purchase_cost` accepts and returns both",
        "https://github.com/api-evangelist/zendesk/blob/main/changelog/zendesk-changelog.yml",
    ),
    Announcement(
        "2026-07-28",
        "API tokens that were unused for 30 days are deactivated",
        "[moving from API tokens](moving-from-tokens.md)",
        _TOKENS,
    ),
    Announcement(
        "2026-10-27",
        "no new API tokens can be created",
        "new users sign in by OAuth: [connecting](connecting.md)",
        _TOKENS,
    ),
    Announcement(
        "2027-04-01",
        "tokens of all OAuth clients expire",
        "renews them; a token in `oauth_token=` can be a function that returns the present one",
        _REFRESH,
        "2026-11-29",
    ),
    Announcement(
        "2027-04-30",
        "all API tokens stop working",
        "`token=` still works until then; [moving from API tokens](moving-from-tokens.md)",
        _TOKENS,
    ),
    Announcement("2027-08-31", "Sell is retired", "not covered", _SELL),
)
