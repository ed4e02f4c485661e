"""`Account`, `connect()`, and the accounts by name."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError, MissingScope, PermissionDenied
from zendesk_orm.http import settings
from zendesk_orm.http.auth import Credentials
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.limits import MAX_RESPONSE_BYTES, RESPONSE_TIMEOUT, Limits
from zendesk_orm.http.oauth.endpoint import TokenEndpoint
from zendesk_orm.http.oauth.grants import Grant
from zendesk_orm.http.oauth.renewal import RenewingCredentials
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.http.secret import hide
from zendesk_orm.http.settings import Settings
from zendesk_orm.http.transport import Transport
from zendesk_orm.http.values import shortened
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.schema.arguments import require_model
from zendesk_orm.schema.record import DEFAULT, set_source_of
from zendesk_orm.schema.source import BoundAlias
from zendesk_orm.session.account import Sessions, split_alias
from zendesk_orm.session.deferred import DeferredSource
from zendesk_orm.session.session import Session
from zendesk_orm.suggestions import suggestion
from zendesk_orm.write.batch import Batch
from zendesk_orm.write.dry_run import DryRun
from zendesk_orm.write.raw import Raw


if TYPE_CHECKING:
    import requests

#: Seconds for which is remembered what an account offers.
_REMEMBERED = 3600


class Account(Sessions):
    """A Zendesk account as one set of credentials sees it.

    Attributes:
        alias: its name: `Ticket.objects.using(alias)`.
        transport: the way to its host.
        job_timeout: seconds for which one background job is waited for, unless a call says
            `timeout=`; an hour. What becomes of its objects is unknown then.
    """

    def __init__(
        self,
        alias: str,
        transport: Transport,
        keep: dict[type[Any], float] | None = None,
        read_ahead: int = 0,
        main: Sessions | None = None,
    ) -> None:
        super().__init__(alias, transport, keep, read_ahead, main)
        self._offered: dict[type[Any], tuple[float, bool]] = {}
        #: The aliases under which it is known at the hosts of its brands.
        self.at_brands: set[str] = set()

    def search(self, text: str) -> Any:
        """Return what search finds by a text, of all types, each row as its own model.

        It is a QuerySet: `account.search("printer").filter(result_type="user")[:10]`.

        Raises:
            InvalidValue: there is no word in the text.
        """
        results: Any = registry.find("Result", "support")
        return results.objects.using(self.alias).search(text)

    def brand(self, brand: Any) -> Account:
        """Return the account as it is at the host of a brand, which has a help center of its own.

        ::

            outdoor = account.brand("outdoor")
            Article.objects.using(outdoor.alias)

        Who asks is the same, and so are the limits; rows are kept apart. It is one account
        nevertheless: objects read through either are equal, may point to one another, and
        wait in the same batch. The brand is looked up
        in the account, so that credentials go to no host that is not its own.

        Args:
            brand: the brand, its id, or its subdomain.

        Raises:
            ObjectDoesNotExist: the account has no such brand.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/
        """
        if self._is_view:
            main: Account = self._base
            return main.brand(brand)
        model: Any = registry.find("Brand", "support")
        brands = model.objects.using(self.alias)
        name = "subdomain" if isinstance(brand, str) else "id"
        wanted = brand if name == "subdomain" else self.current().id_of(model, brand, "brand")
        # End users may not list brands.
        with self._acting_user(None):
            subdomain = brands.get(**{name: wanted}).subdomain
        alias = f"{self.alias}@{subdomain}"
        if alias not in self.at_brands or alias not in connections:
            transport = self.main.transport.to(Settings(subdomain).address(), alias)
            policy, depth = self.rows.policy, self.ahead.depth
            connections.add(Account(alias, transport, policy, depth, main=self.main))
            self.at_brands.add(alias)
        return connections[alias]

    def offers(self, model: type[Any]) -> bool:
        """Tell whether the account has something, and lets whoever asks read it.

        `account.offers(SlaPolicy)` asks for one row; the answer is remembered for an hour, as
        plans and roles change seldom.

        Raises:
            NoEndpoint: there is no list of its rows, so that it cannot be told.
            ApiError: it was refused for another reason; TransportError.
        """
        require_model("offers()", model)
        account, now = self.effective(), self.transport.clock.now()
        known = account._offered.get(model)
        if known is None or now - known[0] > _REMEMBERED:
            known = account._offered[model] = (now, self._offers(model))
        return known[1]

    def _offers(self, model: type[Any]) -> bool:
        try:
            for _ in self.current().fetch(Query.of(model).window(0, 1)):
                break
        except MissingScope:
            # The account may have it: only the token may not read it.
            raise
        except PermissionDenied:
            return False
        return True

    def batch(self, *, raise_on_failure: bool = True) -> Batch:
        """Collect what is saved and deleted, and send it at the end, a hundred to a job.

        ::

            with account.batch() as batch:
                for ticket in Ticket.objects.filter(status="new"):
                    ticket.tags.append("seen")
                    ticket.save()
            batch.result.failed

        Several saves of one object become one; objects that others point to go first, so that
        a new user and a new ticket of theirs can be saved side by side. An exception inside
        sends nothing. A batch within another joins it. What is read inside does not show yet
        what waits.

        It collects what its own thread or asyncio task saves, through this account, its brands
        and its other aliases, with tasks that the task starts. Other threads, those of a pool
        among them, have no part in it: what they save is sent at once.

        Args:
            raise_on_failure: False lets `batch.result` tell of failures, instead of raising.

        Raises:
            BulkError: at the end, when some failed; `batch.result` has one outcome for each.
        """
        return Batch(self.effective(), raises=raise_on_failure)

    def dry_run(self, *, quiet: bool = False) -> DryRun:
        """Send nothing, and tell what would be: `with account.dry_run() as diff:`.

        ::

            with account.dry_run() as diff:
                Ticket.objects.filter(status="solved").update(status="closed")
            len(diff)

        Reading goes on as ever. Objects keep their edits. Until the block ends, the account
        sends nothing that changes something, whoever saves: through a brand or another alias
        it is collected, too; what other threads try to send raises `DryRunError`.

        Args:
            quiet: whether it is not printed at the end.
        """
        return DryRun(self.effective(), quiet=quiet)

    @property
    def raw(self) -> Raw:
        """Calls that no model declares: `account.raw.get("/api/v2/...")`."""
        return Raw(self.effective())

    def on_commit(self, function: Callable[[], Any]) -> None:
        """Call a function when the batch around has been sent without failures; else at once."""
        if self.outbox is None:
            function()
        else:
            self.outbox.on_commit(function)


class Connections(Mapping[str, Account]):
    """The accounts by alias. `connections["default"]` is made from the environment if need be."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._lock = fork.Lock()

    def __getitem__(self, alias: str) -> Account:
        found = self._accounts.get(alias)
        if found is not None:
            return found
        name, user = split_alias(alias)
        if name in self._accounts:
            return self._accounts[name].for_user(user)
        with self._lock:
            if alias == DEFAULT and DEFAULT not in self._accounts and settings.configured():
                return connect()
            if alias in self._accounts:
                return self._accounts[alias]
        raise ConfigurationError(
            settings.HOW if alias == DEFAULT else f"no account {alias!r}" + suggestion(alias, self)
        )

    def __contains__(self, alias: object) -> bool:
        return alias in self._accounts or split_alias(alias)[0] in self._accounts

    def __iter__(self) -> Iterator[str]:
        return iter(self._accounts)

    def __len__(self) -> int:
        return len(self._accounts)

    def __repr__(self) -> str:
        names = ", ".join(map(repr, self))
        return f"<{type(self).__name__}: {shortened(names) or 'none'}>"

    def session(self, alias: str) -> Session:
        """Return the session in which queries of an alias are evaluated.

        It acts as the user of the `acting_as()` block around. With the alias of an object, or
        with one that names a user, it acts as that identity, whatever the block.
        """
        account = self[alias]
        return account.own_session() if isinstance(alias, BoundAlias) else account.current()

    def add(self, account: Account) -> None:
        """Make an account known by its alias; one that was there is closed, with its brands."""
        with self._lock:
            before = self._taken(account.alias)
            self._accounts[account.alias] = account
        for each in before:
            each.close()

    def remove(self, alias: str) -> None:
        """Close an account and its brands, and forget them."""
        with self._lock:
            before = self._taken(alias)
        for each in before:
            each.close()

    def _taken(self, alias: str) -> list[Account]:
        """Take out an account, and those at the hosts of its brands."""
        found = self._accounts.pop(alias, None)
        if found is None:
            return []
        return [found, *(each for name in found.at_brands for each in self._taken(name))]


connections = Connections()


set_source_of(partial(DeferredSource, connections))


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
    alias: str = DEFAULT,
    session: requests.Session | None = None,
    retry: RetryPolicy | None = None,
    timeout: tuple[float, float] = (10.0, 60.0),
    response_timeout: float | None = RESPONSE_TIMEOUT,
    max_response_bytes: int | None = MAX_RESPONSE_BYTES,
    clock: Clock | None = None,
    keep: dict[type[Any], float] | None = None,
    read_ahead: int = 1,
) -> Account:
    """Make an account known, and return it. Nothing is sent.

    Args:
        url: `zendesk+client://CLIENT_ID:SECRET@SUBDOMAIN` (percent-encoded) and other forms, see
            `docs/connecting.md`; `emulator://` for an embedded Zendesk in memory,
            `emulator:///path/file.db` for one in a file; `emulator://?seed=demo` fills it.
            Without any argument the environment is read: ZENDESK_URL, or ZENDESK_SUBDOMAIN
            (or ZENDESK_BASE_URL) with ZENDESK_OAUTH_CLIENT_ID and others.
        subdomain: `acme` for `https://acme.zendesk.com`.
        base_url: the whole address instead, for a domain of your own.
        oauth: `ClientCredentials(...)` for a program, `RefreshToken(...)` for a person; access
            tokens are requested when they are needed, and renewed before they expire.
        oauth_token: an OAuth access token, or a function that returns the current one.
        email, token: an agent's e-mail and an API token; Zendesk stops accepting API tokens on
            2027-04-30.
        password: the password of an end user of a closed help center, with `email`.
        anonymous: send no credentials.
        alias: the account's name, for `.using(alias)`.
        session: an own `requests.Session`; its adapters, proxies and headers are kept.
        retry: which failures are tried again.
        timeout: seconds to wait for a connection, and for each read.
        response_timeout: seconds until a response is complete; downloads have no such limit.
        max_response_bytes: the size of a response after decoding; downloads have no such limit.
        clock: what waiting is done on.
        keep: model -> seconds for which its rows are kept, where not the model's own.
        read_ahead: pages that are fetched while another is read, from the second on and as
            far as the quota allows; numbered pages are fetched so many at once. 0 for none.

    Raises:
        ConfigurationError: not enough is given, or too much.
    """
    # Local variables of a traceback display what was passed as plain strings.
    url, token, password, oauth_token = map(hide, (url, token, password, oauth_token))
    given = Settings(subdomain, base_url, email, token, password, oauth_token, oauth, anonymous)
    if url is None and session is None and given.empty:
        url = hide(os.environ.get("ZENDESK_URL"))
        given = settings.from_environment() if url is None else given
    if url is not None:
        if isinstance(url, str) and url.partition("://")[0] == "emulator":
            return _emulated(url, alias, retry, keep)
        given = settings.from_url(url, given)
    address = given.address()
    options: dict[str, Any] = {
        "alias": alias,
        "session": session,
        "retry": retry,
        "limits": Limits(timeout, response_timeout, max_response_bytes),
        "clock": clock,
    }
    credentials = given.credentials(own_session=session is not None)
    if credentials is not None and not isinstance(credentials, Credentials):
        endpoint = TokenEndpoint(address, **options)
        credentials = RenewingCredentials(credentials, endpoint)
    transport = Transport(address, credentials, **options)
    if read_ahead < 0:
        raise ConfigurationError(f"read_ahead wants a number from 0 on, not {read_ahead}")
    account = Account(alias, transport, keep, read_ahead)
    connections.add(account)
    return account


def _emulated(
    url: str, alias: str, retry: RetryPolicy | None, keep: dict[type[Any], float] | None
) -> Account:
    # Seam: the emulator stands above everything and is loaded only when it is asked for.
    try:
        module: Any = importlib.import_module("zendesk_orm.emulator")
    except ModuleNotFoundError as missing:
        if missing.name != "werkzeug":
            raise
        raise ConfigurationError(str(missing)) from None
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    emulator = module.Emulator(parts.path or None, **options)
    account: Account = emulator.connect(alias=alias, retry=retry, keep=keep)
    return account
