"""Settings of an emulator: behaviour that differs between accounts, or that is unconfirmed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Attribute, converters, define, field

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.secret import conceal_arguments
from zendesk_orm.messages import display


#: The requests per minute of each plan of an account.
#: Source: https://developer.zendesk.com/api-reference/introduction/rate-limits/
PLANS: Mapping[str, int] = {
    "essential": 10,
    "team": 200,
    "growth": 400,
    "professional": 400,
    "enterprise": 700,
    "enterprise_plus": 2500,
}


def _check_token(value: Any) -> Any:
    if value is None or (isinstance(value, str) and value):
        return value
    raise ConfigurationError("the switch 'token' must be text that is not empty, or None")


def _check_paging(value: Any) -> Any:
    return _require_choice("paging", value, ("as_requested", "offset", "cursor", "once"))


def _check_plan(value: Any) -> Any:
    return _require_choice("plan", value, (None, *PLANS))


def _check_oauth(value: Any) -> Any:
    return _require_choice("oauth", value, ("lenient", "strict"))


def _require_choice(name: str, value: Any, choices: tuple[str | None, ...]) -> Any:
    """Return the value of a switch if it is one of some texts.

    Raises:
        ConfigurationError: it is another value.
    """
    if value not in choices:
        names = ", ".join(map(repr, choices))
        raise ConfigurationError(
            f"the switch {display(name)} must be one of {names}, not {display(value)}"
        )
    return value


def _check_conversions(_: type, switches: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Return the switches with converters that raise errors of the library."""
    return [
        switch.evolve(converter=_name_errors(switch) if switch.converter else _require_text(switch))
        for switch in switches
    ]


def _require_text(switch: Attribute[Any]) -> Callable[[Any], Any]:
    """Return the converter of a switch that is a text, or None if its type allows that.

    Raises:
        ConfigurationError: the value is something else.
    """
    optional = "None" in str(switch.type)

    def converted(value: Any) -> Any:
        if isinstance(value, str) or (optional and value is None):
            return value
        raise ConfigurationError(
            f"the switch {display(switch.name)} must be text, not {display(value)}"
        )

    return converted


def _name_errors(switch: Attribute[Any]) -> Callable[[Any], Any]:
    """Return the converter of a switch, with an error that names the switch.

    Raises:
        ConfigurationError: the value has another type, or is a negative number, or not finite.
    """
    convert: Any = switch.converter

    def converted(value: Any) -> Any:
        try:
            result = convert(value)
        except (OverflowError, TypeError, ValueError):
            result = math.nan
        if isinstance(result, (int, float)) and not 0 <= result < math.inf:
            raise ConfigurationError(
                f"the switch {display(switch.name)} must be a valid {switch.type}, not "
                f"{display(value)}"
            )
        return result

    return converted


@conceal_arguments
@define(field_transformer=_check_conversions)
class Switches:
    """Settings of an emulator.

    "Unconfirmed" marks behaviour that Zendesk does not document and no recording shows.

    Attributes:
        token: the API token that requests must carry; None accepts any credentials, or none.
        anonymous_owner: whether requests to a port may lack credentials, and act as the owner.
            Requests within the process always may, those of pages of other sites never.
        allowed_hosts: the names, separated by blanks, by which this machine may reach the emulator
            at a port, besides `localhost`, its own name and addresses; `*` for all names. Pages of
            other sites could read all rows by such a name.
        plan: the plan of the account, which sets the rate limit: `essential`, `team`, `growth`,
            `professional`, `enterprise` or `enterprise_plus`; None for no limit.
        requests_per_minute: the rate limit, after which the status is 429; None for that of the
            plan.
        endpoint_limits: whether the limits of endpoints apply that Zendesk documents, with their
            headers. The clients of `connect()` expect them only then.
        index_lag: seconds until search and export by search include a change.
        latency: seconds by which each request advances a virtual clock.
        job_seconds: the duration of a job in seconds.
        max_jobs: the number of jobs that may be queued or running at once.
        too_many_jobs_status: the status of the error beyond `max_jobs`; unconfirmed.
        bulk_users: whether users can be created in bulk, which accounts have to request.
        archived_in_show_many: whether `show_many` returns archived tickets; unconfirmed.
        query_required: whether a search without the parameter `query` is an error; unconfirmed.
        external_id_searchable: whether tickets can be searched by `external_id`; unconfirmed.
        open_when_assigned: whether a new ticket with an assignee is open; unconfirmed.
        ai_agents_in_lists: whether lists of tickets without `support_type_scope`, such as those of
            a user, and the counts of lists include tickets that only AI agents worked on;
            unconfirmed.
        invalid_value_text: the text after the title of a custom field in the error for an invalid
            value, except for dates of tickets; unconfirmed.
        export_cursor_seconds: the lifetime of the cursor of a search export.
        expired_cursor_status: the status of the error for an expired cursor; unconfirmed.
        export_delay: seconds until incremental exports include a change.
        too_recent_error: the code of the error for an export that starts later; unconfirmed.
        deleted_status: the status of deleted tickets in incremental exports; unconfirmed.
        deleted_shown: whether showing a deleted ticket returns it with `deleted_status`, instead
            of 404; unconfirmed.
        deleted_users_shown: whether showing a deleted user returns the user, whose `active` is
            False, instead of 404; unconfirmed.
        string_external_ids: whether organizations can be looked up by external ids that are not
            numbers; unconfirmed.
        email_adds_identity: whether an e-mail address in the update of a user is added, and does
            not replace the primary one.
        updates_share_seconds: whether consecutive updates of a row get the same `updated_at`, as
            at Zendesk, where a safe update does not detect another update within the same
            second. If False, the clock advances by a second between them; one at a port then
            waits until that time has come.
        days_are_whole: whether `created>2026-01-31` starts at the next day, and `<=` includes
            the day; unconfirmed.
        any_tag_includes: whether the condition `current_tags includes` of a view matches tickets
            with one of its tags, and not only those with all of them; unconfirmed.
        max_file_size: the maximum size of a file in bytes; unconfirmed.
        upload_seconds: the lifetime of an upload token. The reference documents an hour;
            recordings show three days.
        reject_unknown_uploads: whether a comment with an unknown upload token is an error. If
            False, the token is ignored; unconfirmed.
        private_attachments: whether files can be downloaded only with credentials. Accounts can
            choose.
        merged_tag: the tag of tickets that were merged into another one, or ""; unconfirmed.
        reply_reopens: whether a reply opens a closed side conversation; unconfirmed.
        external_ids_merged: whether the update of a side conversation keeps other external ids;
            unconfirmed.
        event_receipts: whether the response to an event of a user names its profile. If False, it
            has no body; sources differ.
        newest_events_first: whether lists of events of users begin with the newest; unconfirmed.
        capacity_list_key: the key of the list of capacity rules; "" for a list without an
            envelope; unconfirmed.
        default_rule_is_kept: whether the default capacity rule cannot be deleted; unconfirmed.
        reopened_clocks_continue: whether the clocks of SLA targets for a solved ticket continue
            when it is reopened, and do not start again; unconfirmed.
        problem_comment_copied: whether the comment with which a problem is solved is added to its
            incidents, which are solved with it; unconfirmed.
        spam_is_deleted: whether a ticket that is marked as spam is deleted; unconfirmed.
        nested_filters: whether JSON filters of custom object records may contain groups within
            groups. Accounts differ.
        max_options: the maximum number of options of a field, 2,000 of a ticket field. That other
            fields have the same is unconfirmed.
        unique_options: whether the options of a field must have different values; unconfirmed.
        purged_in_exports: whether incremental exports include permanently deleted tickets;
            unconfirmed.
        admins_set_passwords: whether administrators may set passwords of users, which accounts
            have to allow.
        token_sessions: whether requests with a token have a session; unconfirmed.
        organization_replaced: whether setting the organization of a user removes the user from
            the previous one; unconfirmed.
        not_modified: whether a GET request with the ETag of the current response in
            `If-None-Match` has the status 304; unconfirmed. The Help Center ignores the header.
        not_acceptable_status: the status for an `Accept` header without JSON; 0 ignores the
            header; unconfirmed.
        unsupported_media_status: the status for a body that is neither JSON nor a form; 0 for no
            error; unconfirmed.
        default_rules: whether a new account has the triggers and the automation of a new account
            of Zendesk.
        webhook_hosts: the hosts, separated by blanks, to which webhooks send requests; `*` for
            all hosts. Requests to other hosts are recorded as if they had succeeded.
        webhook_timeout: the seconds after which a request of a webhook times out. Sources differ.
        webhook_retry_seconds: the seconds after which a request of a webhook is repeated;
            unconfirmed.
        webhook_pause_seconds: the seconds for which a webhook pauses after too many errors: 70 %
            of its requests within 5 minutes, or more than 1,000; unconfirmed.
        trial: whether the account is a trial, which can have 10 webhooks and send 60 requests of
            webhooks a minute. Further ones wait; unconfirmed.
        webhook_json_escaped: whether the values of placeholders in the body of a webhook that
            sends JSON are escaped for it; unconfirmed.
        liquid_errors: whether a text of a rule whose Liquid markup fails contains the message of
            Liquid. If False, that part is removed; unconfirmed.
        creation_events: whether the creation of a ticket has also the events of its first values
            and comment, such as `ticket.comment_added`; unconfirmed.
        max_messages: the number of messages that a conversation can have.
        messaging_header: the header in which webhooks of Sunshine Conversations send their secret;
            unconfirmed.
        locales: the locales of the help center, separated by blanks, the default one first.
        paging: the paging style of lists: `as_requested`, or always `offset`, `cursor` or
            `once`.
        audit_cursors: whether the list of all audits accepts the earlier style of cursors, which
            begins with the newest one; unconfirmed.
        guide_links: whether pages of content tags, redirect rules and media have a link to the
            next page; unconfirmed.
        oauth: `"strict"` requires a valid OAuth token with a sufficient scope for every API
            request; `"lenient"` accepts any credentials, except for tokens that the emulator
            has issued and that have expired or were revoked.
        oauth_user: e-mail address or id of the user that signs in at `/oauth/authorizations/new`;
            "" for the owner.
        oauth_denied: whether that user declines.
        default_scope: the scopes of a sign-in without `scope`; unconfirmed.
        expires_in_always: whether the response to a token request has `expires_in` even if the
            request did not. It does not on a live account.
        token_status: the status of the response to a token request, 200 or 201; unconfirmed.
        invalid_client_status: the status for an unknown client or a wrong secret; unconfirmed.
        invalid_grant_status: the status for a dead code or refresh token; unconfirmed.
        on_behalf_status: the status for an unknown user in `X-On-Behalf-Of`; unconfirmed.
        current_token_needs_scope: whether showing and revoking the token of the request needs
            `read` or `write`; unconfirmed. Without it, any valid token can be checked.
        client_acts_as_creator: whether `client_credentials` acts as the creator of the
            client, and not as the owner; unconfirmed.
        public_refresh_needs_secret: whether public clients need their secret to refresh a
            token; unconfirmed.
        revoking_kills_refresh: whether the refresh token is revoked along with the access
            token; unconfirmed.
    """

    token: str | None = field(default=None, converter=_check_token)
    anonymous_owner: bool = field(default=False, converter=converters.to_bool)
    allowed_hosts: str = ""
    plan: str | None = field(default=None, converter=_check_plan)
    requests_per_minute: int | None = field(default=None, converter=converters.optional(int))
    endpoint_limits: bool = field(default=False, converter=converters.to_bool)
    index_lag: float = field(default=0.0, converter=float)
    latency: float = field(default=0.0, converter=float)
    job_seconds: float = field(default=1.0, converter=float)
    max_jobs: int = field(default=30, converter=int)
    too_many_jobs_status: int = field(default=429, converter=int)
    bulk_users: bool = field(default=True, converter=converters.to_bool)
    archived_in_show_many: bool = field(default=True, converter=converters.to_bool)
    query_required: bool = field(default=True, converter=converters.to_bool)
    external_id_searchable: bool = field(default=True, converter=converters.to_bool)
    open_when_assigned: bool = field(default=True, converter=converters.to_bool)
    ai_agents_in_lists: bool = field(default=True, converter=converters.to_bool)
    invalid_value_text: str = "is not valid"
    export_cursor_seconds: float = field(default=3600.0, converter=float)
    expired_cursor_status: int = field(default=400, converter=int)
    export_delay: int = field(default=60, converter=int)
    too_recent_error: str = "InvalidValue"
    deleted_status: str = "deleted"
    deleted_shown: bool = field(default=False, converter=converters.to_bool)
    deleted_users_shown: bool = field(default=True, converter=converters.to_bool)
    string_external_ids: bool = field(default=True, converter=converters.to_bool)
    email_adds_identity: bool = field(default=True, converter=converters.to_bool)
    updates_share_seconds: bool = field(default=False, converter=converters.to_bool)
    days_are_whole: bool = field(default=True, converter=converters.to_bool)
    any_tag_includes: bool = field(default=True, converter=converters.to_bool)
    max_file_size: int = field(default=50 * 1024 * 1024, converter=int)
    upload_seconds: float = field(default=3600.0, converter=float)
    reject_unknown_uploads: bool = field(default=True, converter=converters.to_bool)
    private_attachments: bool = field(default=False, converter=converters.to_bool)
    merged_tag: str = "closed_by_merge"
    reply_reopens: bool = field(default=True, converter=converters.to_bool)
    external_ids_merged: bool = field(default=True, converter=converters.to_bool)
    event_receipts: bool = field(default=True, converter=converters.to_bool)
    newest_events_first: bool = field(default=True, converter=converters.to_bool)
    capacity_list_key: str = "capacity_rules"
    default_rule_is_kept: bool = field(default=True, converter=converters.to_bool)
    reopened_clocks_continue: bool = field(default=True, converter=converters.to_bool)
    problem_comment_copied: bool = field(default=True, converter=converters.to_bool)
    spam_is_deleted: bool = field(default=True, converter=converters.to_bool)
    nested_filters: bool = field(default=True, converter=converters.to_bool)
    max_options: int = field(default=2000, converter=int)
    unique_options: bool = field(default=True, converter=converters.to_bool)
    purged_in_exports: bool = field(default=False, converter=converters.to_bool)
    organization_replaced: bool = field(default=True, converter=converters.to_bool)
    admins_set_passwords: bool = field(default=True, converter=converters.to_bool)
    token_sessions: bool = field(default=True, converter=converters.to_bool)
    not_modified: bool = field(default=True, converter=converters.to_bool)
    not_acceptable_status: int = field(default=406, converter=int)
    unsupported_media_status: int = field(default=415, converter=int)
    default_rules: bool = field(default=False, converter=converters.to_bool)
    webhook_hosts: str = "localhost 127.0.0.1 ::1"
    webhook_timeout: float = field(default=12.0, converter=float)
    webhook_retry_seconds: float = field(default=1.0, converter=float)
    webhook_pause_seconds: float = field(default=5.0, converter=float)
    trial: bool = field(default=False, converter=converters.to_bool)
    webhook_json_escaped: bool = field(default=True, converter=converters.to_bool)
    liquid_errors: bool = field(default=True, converter=converters.to_bool)
    creation_events: bool = field(default=False, converter=converters.to_bool)
    max_messages: int = field(default=30_000, converter=int)
    messaging_header: str = "X-API-Key"
    locales: str = "en-us de fr"
    paging: str = field(default="as_requested", converter=_check_paging)
    audit_cursors: bool = field(default=True, converter=converters.to_bool)
    guide_links: bool = field(default=False, converter=converters.to_bool)
    oauth: str = field(default="lenient", converter=_check_oauth)
    oauth_user: str = field(default="", converter=str)
    oauth_denied: bool = field(default=False, converter=converters.to_bool)
    default_scope: str = "read"
    expires_in_always: bool = field(default=False, converter=converters.to_bool)
    token_status: int = field(default=200, converter=int)
    invalid_client_status: int = field(default=401, converter=int)
    invalid_grant_status: int = field(default=400, converter=int)
    on_behalf_status: int = field(default=401, converter=int)
    current_token_needs_scope: bool = field(default=False, converter=converters.to_bool)
    client_acts_as_creator: bool = field(default=True, converter=converters.to_bool)
    public_refresh_needs_secret: bool = field(default=False, converter=converters.to_bool)
    revoking_kills_refresh: bool = field(default=True, converter=converters.to_bool)

    @property
    def rate_limit(self) -> int | None:
        """The requests per minute, or None for no limit."""
        if self.requests_per_minute is None and self.plan is not None:
            return PLANS[self.plan]
        return self.requests_per_minute
