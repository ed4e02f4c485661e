"""`Account`, `connect()`, and `connections`, the accounts by alias."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any, NoReturn, cast

from zendesk_orm.errors import ConfigurationError, FieldError, InvalidValue
from zendesk_orm.http import environment, settings
from zendesk_orm.http.arguments import check_arguments
from zendesk_orm.http.auth import Credentials
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.limits import MAX_RESPONSE_BYTES, RESPONSE_TIMEOUT, Limits
from zendesk_orm.http.messaging import MessagingKey, MessagingToken, open_access
from zendesk_orm.http.oauth.endpoint import TokenEndpoint
from zendesk_orm.http.oauth.grants import Grant
from zendesk_orm.http.oauth.renewal import RenewingCredentials
from zendesk_orm.http.quota import Limiter
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.http.secret import hide
from zendesk_orm.http.settings import Settings
from zendesk_orm.http.throttle import QuotaSettings, Throttle
from zendesk_orm.http.transport import Transport
from zendesk_orm.lazy import DeferredModule
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema import registry
from zendesk_orm.schema.arguments import require_model
from zendesk_orm.schema.source import DEFAULT, BoundAlias, source_of
from zendesk_orm.session.aliases import Accounts
from zendesk_orm.session.cache_policies import CachePolicies
from zendesk_orm.session.connection import READ_AHEAD, Connection, split_alias
from zendesk_orm.session.offers import Offers
from zendesk_orm.session.session import Session
from zendesk_orm.session.shared import SharedState, check_shared
from zendesk_orm.session.sources import DeferredSource
from zendesk_orm.write.batch import Batch
from zendesk_orm.write.dry_run import DryRun
from zendesk_orm.write.raw import Raw


if TYPE_CHECKING:
    import requests
else:
    requests = DeferredModule("requests")


class Account(Connection):
    """A Zendesk account, used with one set of credentials; created by `connect()`.

    >>> account = connect("emulator://?seed=demo", alias="sandbox")
    >>> Ticket.objects.using("sandbox").count()
    3000
    >>> account.requests_sent
    1

    Attributes:
        alias: the name of the account: `Ticket.objects.using(alias)`.
        transport: sends requests to the account's host.
        job_timeout: seconds to wait for a background job, unless a call passes `timeout=`; an
            hour. The outcomes of a job that takes longer are unknown.
    """

    def __init__(
        self,
        alias: str,
        transport: Transport,
        policies: CachePolicies | None = None,
        read_ahead: int = 0,
        main: Connection | None = None,
    ) -> None:
        super().__init__(alias, transport, policies, read_ahead, main)
        self._offers = Offers()
        #: The aliases of the account at the hosts of its brands.
        self.brand_aliases: set[str] = set()

    def search(self, text: str) -> Any:
        """Return a QuerySet of search results of all types; each row is an object of its model.

        Narrow it like any query: `account.search("printer").filter(result_type="user")[:10]`.

        Raises:
            InvalidValue: the text contains no word.
        """
        results: Any = registry.find("Result", "support")
        return results.objects.using(self.alias).search(text)

    def brand(self, brand: Any) -> Account:
        """Return the account at the host of a brand, which has a separate help center.

        ::

            outdoor = account.brand("outdoor")
            Article.objects.using(outdoor.alias)

        Credentials and rate limits are shared, caches are not. It is the same account: objects
        fetched through either are equal, may refer to each other, and are collected by the same
        batch. The brand is looked up in the account, so that credentials are only sent to the
        account's own hosts.

        Args:
            brand: the brand, its id, or its subdomain.

        Raises:
            ObjectDoesNotExist: the brand does not exist.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/
        """
        if self._is_view:
            main: Account = self._base
            return main.brand(brand)
        model: Any = registry.find("Brand", "support")
        brands = model.objects.using(self.alias)
        if isinstance(brand, str):
            lookup = {"subdomain": brand}
        else:
            lookup = {"id": self.current().id_of(model, brand, "brand")}
        # End users may not list brands.
        with self._acting_user(None):
            subdomain = brands.get(**lookup).subdomain
        alias = f"{self.alias}@{subdomain}"
        if alias not in self.brand_aliases or alias not in connections:
            transport = self.main.transport.for_host(Settings(subdomain).address(), alias)
            policies, depth = self.cache.policies, self.ahead.depth
            connections.add(Account(alias, transport, policies, depth, main=self.main))
            self.brand_aliases.add(alias)
        return connections[alias]

    def offers(self, model: type[Any]) -> bool:
        """Return True if the account's plan includes a model and the user may read it.

        `account.offers(SlaPolicy)` fetches one row; the result is cached for an hour, because
        plans and roles seldom change.

        Raises:
            NoEndpoint: no endpoint lists rows of the model, so it cannot be checked.
            ApiError: the request failed for another reason; TransportError.
        """
        require_model("offers()", model)
        account = self.for_current_user()
        return account._offers.contains(account, model)

    def batch(self, *, raise_on_failure: bool = True) -> Batch:
        """Collect saves and deletions, and send them at the end, up to a hundred per job.

        ::

            with account.batch() as batch:
                for ticket in Ticket.objects.filter(status="new"):
                    ticket.tags.append("seen")
                    ticket.save()
            batch.result.failed

        Several saves of an object are combined. Objects that others refer to are sent first, so
        that a new user and a new ticket of the user can be saved in the same batch. If the block
        raises an exception, nothing is sent. A batch inside another one joins it. Queries in the
        block do not see the collected changes.

        The batch collects saves of its thread or asyncio task, and of tasks started by it,
        through this account, its brands and its other aliases. Saves of other threads, including
        threads of a pool, are sent at once.

        Args:
            raise_on_failure: False reports failures in `batch.result` instead of raising.

        Raises:
            BulkError: some changes failed, at the end; `batch.result` has one outcome for each.
        """
        return Batch(self.for_current_user(), raises=raise_on_failure)

    def dry_run(self, *, quiet: bool = False) -> DryRun:
        """Show changes instead of sending them: `with account.dry_run() as diff:`.

        ::

            with account.dry_run() as diff:
                Ticket.objects.filter(status="solved").update(status="closed")
            len(diff)

        Queries are sent as usual. Objects keep their changes. Until the block ends, the account
        sends no request that changes data: saves through brands and other aliases are collected,
        too, and saves of other threads raise `DryRunError`.

        Args:
            quiet: do not print the changes at the end.
        """
        return DryRun(self.for_current_user(), quiet=quiet)

    @property
    def raw(self) -> Raw:
        """Requests to any path: `account.raw.get("/api/v2/...")`."""
        return Raw(self.for_current_user())

    def on_commit(self, function: Callable[[], Any]) -> None:
        """Call a function when the current batch has been sent without failures, or at once."""
        if not callable(function):
            raise InvalidValue(f"on_commit() needs a function, not {display(function)}")
        self.sender.on_commit(function)


class Connections(Accounts[Account]):
    """The accounts by alias.

    `connections["default"]` is connected from environment variables if `connect()` was not called.
    """

    def __getitem__(self, alias: str) -> Account:
        if not isinstance(alias, str):
            raise ConfigurationError(f"the alias of an account must be text, not {display(alias)}")
        account = self._accounts.get(alias)
        if account is not None:
            return account
        name, user = split_alias(alias)
        if name is not None and name in self:
            return self[name].for_user(user)
        with self._lock:
            account = self._accounts.get(alias) or self._connect_defined(alias)
            if account is not None:
                return account
            if alias == DEFAULT and environment.is_configured():
                return connect()
        raise ConfigurationError(
            settings.HOW
            if alias == DEFAULT
            else f"there is no account {display(alias)}{suggestion(alias, self)}"
        )

    def session(self, alias: str) -> Session:
        """Return the session in which queries for an alias are evaluated.

        The session acts as the user of the current `acting_as()` block. If the alias belongs to
        an object or names a user, the session acts as that identity instead.
        """
        account = self[alias]
        return account.own_session() if isinstance(alias, BoundAlias) else account.current()


connections = Connections()


source_of.register(partial(DeferredSource, connections))


def connect(  # noqa: PLR0913 - one keyword for each way in
    url: str | None = None,
    *,
    subdomain: str | None = None,
    base_url: str | None = None,
    email: str | None = None,
    token: str | None = None,
    password: str | None = None,
    oauth_token: str | Callable[[], str] | None = None,
    oauth: Grant | None = None,
    anonymous: bool = False,
    messaging: MessagingKey | MessagingToken | None = None,
    alias: str = DEFAULT,
    session: requests.Session | None = None,
    retry: RetryPolicy | None = None,
    timeout: tuple[float, float] = (10.0, 60.0),
    response_timeout: float | None = RESPONSE_TIMEOUT,
    max_response_bytes: int | None = MAX_RESPONSE_BYTES,
    clock: Clock | None = None,
    cache_seconds: dict[type[Any], float] | None = None,
    read_ahead: int = READ_AHEAD,
    max_rpm: int | None = None,
    reserve: int = 0,
    max_wait: float | None = None,
    endpoint_limits: Mapping[str, int | None] | None = None,
    limiter: Limiter | None = None,
    shared: SharedState | None = None,
    **unknown: NoReturn,
) -> Account:
    """Return an account, and add it to `connections`; no request is sent.

    >>> account = connect("emulator://?seed=demo")
    >>> account.alias
    'default'
    >>> Ticket.objects.count()
    3000

    Args:
        url: `zendesk+client://CLIENT_ID:SECRET@SUBDOMAIN` (percent-encoded) and other forms, see
            `docs/connecting.md`; `emulator://` for an embedded Zendesk in memory,
            `emulator:///path/file.db` for one in a file; `emulator://?seed=demo` fills it. Limits
            and `read_ahead` have no effect on an emulator.
            Without arguments, environment variables are used: ZENDESK_URL, or
            ZENDESK_SUBDOMAIN (or ZENDESK_BASE_URL) with ZENDESK_OAUTH_CLIENT_ID and others.
        subdomain: `acme` for `https://acme.zendesk.com`.
        base_url: the full address instead of the subdomain, for a custom domain.
        oauth: `ClientCredentials(...)` for a program, `RefreshToken(...)` for a person; access
            tokens are requested when they are needed, and renewed before they expire.
        oauth_token: an OAuth access token, or a function that returns the current one.
        email, token: an agent's e-mail and an API token; Zendesk stops accepting API tokens on
            2027-04-30.
        password: the password of an end user of a closed help center, with `email`.
        anonymous: send no credentials.
        messaging: `MessagingKey(...)` or `MessagingToken(...)` of Sunshine Conversations, for the
            models of `zendesk_orm.messaging`, which need no other credentials.
        alias: the name of the account, for `.using(alias)`.
        session: a `requests.Session` to use, with its adapters, proxies and headers.
        retry: the failures that are retried.
        timeout: seconds to wait for a connection, and for each read.
        response_timeout: seconds until a response is complete; downloads are not limited.
        max_response_bytes: the size of a response after decoding; downloads are not limited.
        clock: measures time and waits; tests replace it.
        cache_seconds: seconds for which rows are cached, by model; other models use `Meta`.
        read_ahead: the maximum number of requests that are sent in advance, and of requests that
            a bulk operation sends at the same time; 0 for none.
        max_rpm: the maximum number of requests per minute; None for the limits of Zendesk only.
        reserve: requests of the account's rate limit that are left to other clients.
        max_wait: seconds that a request waits for rate limits at most; 0 raises at once.
        endpoint_limits: other rate limits of endpoints: `{"incremental-exports": 30}`.
        limiter: keeps the state of the rate limits outside of the process.
        shared: the state that several processes share, `RedisState(...)`.

    Raises:
        ConfigurationError: arguments are missing, invalid, or contradict each other.
        FieldError: a keyword does not exist.
    """
    for name in unknown:
        raise FieldError(f"connect() has no keyword {display(name)}{suggestion(name, KEYWORDS)}")
    # Tracebacks display local variables, and would display secrets in plain strings.
    url, token, password, oauth_token = map(hide, (url, token, password, oauth_token))
    arguments = Settings(
        *(subdomain, base_url, email, token, password, oauth_token, oauth, anonymous),
        messaging=messaging,
    )
    check_arguments(alias=alias, session=session, retry=retry, clock=clock, read_ahead=read_ahead)
    limits = Limits(timeout, response_timeout, max_response_bytes)
    quota = QuotaSettings(max_rpm, reserve, max_wait, endpoint_limits, limiter)
    is_environment = url is None and session is None and arguments.empty
    with environment.name_variables() if is_environment else nullcontext():
        if is_environment:
            url = environment.read_url()
            arguments = environment.read_settings() if url is None else arguments
        if isinstance(url, str) and url.partition("://")[0] == "emulator":
            if session is not None or not arguments.empty:
                raise ConfigurationError("emulator:// takes no address, credentials or session")
            emulator = settings.emulator_class().from_url(url, clock)
            values = {"cache_seconds": cache_seconds, "quota": quota, "shared": shared}
            return cast("Account", emulator.connect(alias, retry, **values))
        if url is not None:
            arguments = settings.from_url(url, arguments)
        address = arguments.address()
        credentials = arguments.credentials(own_session=session is not None)
    clock, retry = clock or Clock(), retry or RetryPolicy()
    options: dict[str, Any] = {"alias": alias, "session": session, "limits": limits}
    options |= {"clock": clock, "retry": retry}
    check_shared(shared)
    if credentials is not None and not isinstance(credentials, Credentials):
        credentials = credentials if shared is None else shared.with_store(credentials)
        endpoint = TokenEndpoint(address, **options)
        credentials = RenewingCredentials(credentials, endpoint)
    throttle = Throttle(quota, clock, retry)
    transport = Transport(address, credentials, throttle=throttle, **options)
    transport.messaging = open_access(arguments.messaging, address)
    account = Account(alias, transport, CachePolicies(cache_seconds), read_ahead)
    account._share(shared)
    connections.add(account)
    return account


#: The keywords of `connect()`.
KEYWORDS = frozenset(signature(connect).parameters) - {"unknown"}
