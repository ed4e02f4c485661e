"""What all parts of the emulator share: store, time and switches; a call and its answer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from attrs import converters, define, field, frozen, validators
from werkzeug.datastructures import MultiDict

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.emulator.refusals import missing_parameter
from zendesk_orm.emulator.store import ALIVE, Store, Stored, spaced
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.clock import Clock, VirtualClock
from zendesk_orm.schema.options import Options


#: The first and the last second that a timestamp can have.
_FIRST_MOMENT, _LAST_MOMENT = 0.0, 253_402_300_799.0

#: Where the emulator says it is; behind a socket, answers name that host instead.
HOME = "https://emulator.zendesk.com"

#: The endpoints of signing in, which are not of the API.
TOKENS, AUTHORIZATIONS = "~/oauth/tokens", "~/oauth/authorizations/new"

#: Fields whose words a search without a keyword looks through.
SPOKEN = ("subject", "description", "name", "email", "alias", "notes", "details", "title")


def _check_oauth(instance: object, attribute: object, value: object) -> None:
    if value not in ("lenient", "strict"):
        raise ConfigurationError(f"oauth must be 'lenient' or 'strict', not {value!r}")


@define
class Switches:
    """How the emulated account behaves where accounts differ, or where nobody is sure.

    Attributes:
        token: the API token that requests must carry; None takes any credentials,
            and none at all.
        limit: requests a minute, after which 429 comes; None for no limit.
        index_lag: seconds by which search lags behind.
        latency: seconds by which every request advances a clock of the emulator's own.
        job_seconds: how long a job takes.
        most_jobs: jobs that may be queued or running at once.
        too_many_jobs_status: the status of the answer beyond that; unconfirmed.
        bulk_users: whether users can be created in bulk; an account has to ask for it.
        archived_in_show_many: whether show_many finds archived tickets; unconfirmed.
        external_id_searchable: whether search finds tickets by `external_id`; unconfirmed.
        open_when_assigned: whether a new ticket that gets an assignee opens; unconfirmed.
        export_cursor_seconds: how long the cursor of a search export lasts.
        expired_cursor_status: the status of the answer to one that is older; unconfirmed.
        export_delay: seconds that incremental exports withhold.
        too_recent_error: the code of the answer to one that begins later; unconfirmed.
        deleted_status: the status that they give deleted tickets; unconfirmed.
        deleted_shown: whether a deleted ticket is shown, with that status, and not 404;
            unconfirmed.
        worded_external_ids: whether organizations are looked up by external ids that are
            no numbers; unconfirmed.
        email_adds_identity: whether an e-mail in the update of a user leaves the first one
            in place.
        updates_share_seconds: whether updates of a row in quick succession get the same
            `updated_at`, as at Zendesk, where a safe update does not notice another one within
            the same second. Otherwise a virtual clock passes a second between them.
        days_are_whole: whether `created>2026-01-31` begins on the day after, and
            `<=` includes the day; unconfirmed.
        any_tag_includes: whether a view's `current_tags includes` wants one of its tags,
            and not all of them; unconfirmed.
        largest_file: bytes that a file may have; unconfirmed.
        upload_seconds: how long the token of an upload lasts. The reference says an hour;
            recorded are three days.
        unknown_uploads_refused: whether a comment that names a token that is none is
            refused, and not merely left without the file; unconfirmed.
        private_attachments: whether files are given only to those who have credentials;
            an account can choose.
        merged_tag: the tag that tickets get that are merged into another, or ""; unconfirmed.
        spam_is_deleted: whether a ticket that is marked as spam is deleted; unconfirmed.
        nested_filters: whether the JSON filter of custom object records takes groups
            within groups; accounts differ.
        purged_in_exports: whether incremental exports tell of tickets that were destroyed
            for good; unconfirmed.
        admins_set_passwords: whether administrators may give users passwords; an account
            has to allow it.
        token_sessions: whether who asks with a token has a session; unconfirmed.
        organization_replaced: whether giving a user another organization takes them out of
            the one before; unconfirmed.
        locales: those that the help center is enabled for, its own first.
        paging: the style in which lists are answered: `as_requested`, or always `offset`,
            `cursor` or `once`, as endpoints do that have no other.
        guide_links: whether pages of content tags, redirect rules and media have a link to the
            next; unconfirmed.
        oauth: `"strict"` requires a valid OAuth token with a sufficient scope for every API
            request; `"lenient"` accepts any credentials, except for tokens that the emulator
            has issued and that have expired or were revoked.
        oauth_user: e-mail or id of the user who signs in at `/oauth/authorizations/new`; "" for
            the owner.
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
        client_acts_as_creator: whether `client_credentials` acts as the user who created the
            client, and not as the owner; unconfirmed.
        public_refresh_needs_secret: whether public clients need their secret to refresh a
            token; unconfirmed.
        revoking_kills_refresh: whether the refresh token is revoked along with the access
            token; unconfirmed.
    """

    token: str | None = None
    limit: int | None = field(default=None, converter=converters.optional(int))
    index_lag: float = field(default=0.0, converter=float)
    latency: float = field(default=0.0, converter=float)
    job_seconds: float = field(default=1.0, converter=float)
    most_jobs: int = field(default=30, converter=int)
    too_many_jobs_status: int = field(default=429, converter=int)
    bulk_users: bool = field(default=True, converter=converters.to_bool)
    archived_in_show_many: bool = field(default=True, converter=converters.to_bool)
    external_id_searchable: bool = field(default=True, converter=converters.to_bool)
    open_when_assigned: bool = field(default=True, converter=converters.to_bool)
    export_cursor_seconds: float = field(default=3600.0, converter=float)
    expired_cursor_status: int = field(default=400, converter=int)
    export_delay: int = field(default=60, converter=int)
    too_recent_error: str = "InvalidValue"
    deleted_status: str = "deleted"
    deleted_shown: bool = field(default=False, converter=converters.to_bool)
    worded_external_ids: bool = field(default=True, converter=converters.to_bool)
    email_adds_identity: bool = field(default=True, converter=converters.to_bool)
    updates_share_seconds: bool = False
    days_are_whole: bool = field(default=True, converter=converters.to_bool)
    any_tag_includes: bool = field(default=True, converter=converters.to_bool)
    largest_file: int = field(default=50 * 1024 * 1024, converter=int)
    upload_seconds: float = field(default=3600.0, converter=float)
    unknown_uploads_refused: bool = field(default=True, converter=converters.to_bool)
    private_attachments: bool = field(default=False, converter=converters.to_bool)
    merged_tag: str = "closed_by_merge"
    spam_is_deleted: bool = field(default=True, converter=converters.to_bool)
    nested_filters: bool = field(default=True, converter=converters.to_bool)
    purged_in_exports: bool = field(default=False, converter=converters.to_bool)
    organization_replaced: bool = field(default=True, converter=converters.to_bool)
    admins_set_passwords: bool = field(default=True, converter=converters.to_bool)
    token_sessions: bool = field(default=True, converter=converters.to_bool)
    locales: str = "en-us de fr"
    paging: str = field(
        default="as_requested",
        validator=validators.in_(("as_requested", "offset", "cursor", "once")),
    )
    guide_links: bool = field(default=False, converter=converters.to_bool)
    oauth: str = field(default="lenient", validator=_check_oauth)
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


class Fields(dict[str, Any]):
    """A JSON object of a request: a handler that needs a missing key refuses the request."""

    def __missing__(self, key: str) -> Any:
        raise missing_parameter(key)


@frozen
class Call:
    """One request, read.

    Attributes:
        method: the HTTP method.
        path: what follows `/api/v2/`, without `.json`; of any other path, `~` and the path.
        params: the query.
        body: the decoded body; {} when there is none.
        text: the body as it came.
        content: the same in bytes.
        headers: by lower-case name.
        host: scheme and host that it was sent to.
    """

    method: str
    path: str
    params: MultiDict[str, str] = field(factory=MultiDict[str, str])
    body: Mapping[str, Any] = field(factory=dict)
    text: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    host: str = HOME
    content: bytes = b""

    @property
    def is_api(self) -> bool:
        """Whether the path is below `/api/v2/`."""
        return not self.path.startswith("~")

    @property
    def is_sign_in(self) -> bool:
        """Whether the path is one of signing in."""
        return self.path in (TOKENS, AUTHORIZATIONS)

    def envelope(self, key: str) -> dict[str, Any]:
        """Return the object under a key of the body; the whole body where the key is "".

        Raises:
            Refusal: there is none.
        """
        found = self.body.get(key) if key else Fields(self.body)
        if not isinstance(found, dict):
            raise missing_parameter(key)
        return found

    def ids(self, name: str = "ids") -> list[Any]:
        """Return the ids of a parameter, numbers as numbers."""
        return [number_or_word(member) for member in self.members(name)]

    def members(self, name: str) -> list[str]:
        """Return the members of a parameter that is a list joined by commas, as text."""
        members = (member.strip() for member in self.params.get(name, "").split(","))
        return [member for member in members if member]


@frozen
class Answer:
    """What goes back: a status, JSON as text, and headers besides the usual ones.

    A file goes back as `content`, whose type is among the headers. If it is an error that keeps
    what was written, `source` is that of a `Refusal`.
    """

    status: int = 200
    text: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes = b""
    source: str = ""


@frozen
class Target:
    """What a path leads to.

    Attributes:
        meta: the options of the model.
        endpoints: all that were declared at this path for this method and model:
            a list is declared once for each style of paging.
        values: what stands in the path's placeholders, by name.
    """

    meta: Options
    endpoints: tuple[Endpoint, ...]
    values: Mapping[str, Any] = field(factory=dict)

    @property
    def endpoint(self) -> Endpoint:
        """The first of its endpoints."""
        return self.endpoints[0]

    @property
    def places(self) -> tuple[Any, ...]:
        """What stands in the path's placeholders, in order, whatever they are called."""
        return tuple(self.values.values())


class World:
    """The store, the time and the switches, and who is asking.

    Args:
        store: where rows are.
        clock: what time it is.
        switches: how the account behaves.
    """

    def __init__(self, store: Store, clock: Clock, switches: Switches) -> None:
        self.store = store
        self.clock = clock
        self.switches = switches
        #: The user whose account it is.
        self.owner: int = 0
        #: The brand that tickets get.
        self.brand: int | None = None
        #: The user who makes the present request.
        self.author: int = 0
        self._dated: float | None = None

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return self.clock.now()

    def stamp(self, moment: float | None = None) -> str:
        """Return a moment, by default the present one, as Zendesk writes it."""
        if moment is None:
            moment = self.now() if self._dated is None else self._dated
        return stamp(moment)

    def pass_second(self, before: str) -> None:
        """Let virtual time pass until the present second is later than a stamp.

        Otherwise safe updates could not notice an update within the same second, as at Zendesk.
        """
        virtual = isinstance(self.clock, VirtualClock) and self._dated is None
        if virtual and not self.switches.updates_share_seconds:
            while before >= self.stamp():
                self.clock.sleep(int(self.now()) + 1 - self.now())

    @contextmanager
    def dated(self, moment: float) -> Generator[None]:
        """Date what is written within back to a moment."""
        before, self._dated = self._dated, moment
        try:
            yield
        finally:
            self._dated = before

    def write(
        self,
        meta: Options,
        doc: dict[str, Any],
        *,
        parent: Any = None,
        state: int = ALIVE,
        words: str | None = None,
    ) -> None:
        """Keep a row, new or again."""
        text = words_of(doc) if words is None else words
        pk = doc[meta.known_by] if meta.known_by else meta.singular
        row = Stored(meta.label, pk, doc, text, parent, state)
        self.store.remember = self.switches.index_lag
        self.store.put([row], self.now())


def credentials(call: Call) -> tuple[str, str]:
    """Return e-mail and secret of the request; "" for what is not there."""
    if token := bearer_token(call):
        return "", token
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    try:
        text = base64.b64decode(value).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, secret = text.partition(":")
    return name.removesuffix("/token"), secret


def bearer_token(call: Call) -> str:
    """Return the token of an `Authorization: Bearer` header, or ""."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def words_of(doc: Mapping[str, Any]) -> str:
    """Return the words that a row is found by, a space around each."""
    return spaced(" ".join(str(doc[name]) for name in SPOKEN if doc.get(name)))


def stamp(moment: float) -> str:
    """Return a moment as Zendesk writes it: `2026-01-31T12:00:00Z`.

    Moments outside the calendar become its first or last second.
    """
    moment = min(max(moment, _FIRST_MOMENT), _LAST_MOMENT)
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def number_or_word(text: str) -> Any:
    """Return an id of digits as a number, any other as it is."""
    return int(text) if is_number(text) else text


def is_number(text: str) -> bool:
    """Return whether a text is a whole number that can be stored."""
    return text.isascii() and text.isdigit() and len(text) < 19
