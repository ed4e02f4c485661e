"""Options that several commands share, types of values, and commands with examples."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from attrs import frozen

from zendesk_orm.cli.output import Output


F = TypeVar("F", bound=Callable[..., Any])


if TYPE_CHECKING:
    ParameterType = click.ParamType[Any]
else:
    # It is generic in the newest versions of click only.
    ParameterType = click.ParamType


#: Python refuses to convert texts with thousands of digits.
_MAX_DIGITS = 20


class IntegerBetween(ParameterType):
    """An integer in a range."""

    name = "number"

    def __init__(self, minimum: int, maximum: int) -> None:
        self._minimum, self._maximum = minimum, maximum

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number.

        Raises:
            UsageError: the text is not a number, or out of range.
        """
        text = str(value)
        is_number = text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS
        if not is_number or not self._minimum <= int(text) <= self._maximum:
            self.fail(
                f"must be a number from {self._minimum} to {self._maximum}, not {text!r}",
                param,
                ctx,
            )
        return int(text)


class Seconds(click.FloatRange):
    """A finite number of seconds, up to a maximum."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number.

        Raises:
            UsageError: the text is not a number, or out of range.
        """
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return seconds


class Command(click.Command):
    """A command with `--quiet`, `--verbose`, and examples at the end of its help.

    Attributes:
        examples: lines for a shell, which tests execute.
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params += [
            click.Option(
                ["-q", "--quiet"],
                is_flag=True,
                expose_value=False,
                callback=_set_quiet,
                help="print neither progress nor notes to stderr",
            ),
            click.Option(
                ["-v", "--verbose"],
                is_flag=True,
                expose_value=False,
                callback=_set_verbose,
                help="log each request to stderr",
            ),
        ]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments.

        Raises:
            UsageError: they are invalid; the message names the command.
        """
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{' ' * formatter.current_indent}{example}\n")


def command(*, examples: Sequence[str], **options: Any) -> Callable[[Callable[..., Any]], Command]:
    """Declare a command with examples; its help is the docstring of the function."""
    return click.command(cls=Command, examples=examples, **options)


def _set_quiet(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value:
        ctx.ensure_object(Output).be_quiet()


def _set_verbose(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value:
        ctx.ensure_object(Output).be_verbose()


@frozen
class AccountChoice:
    """The options that choose an account.

    Attributes:
        url: the URL of the account: `--url`.
        subdomain, base_url: the account of a sign-in.
        client_id: the OAuth client of a sign-in.
        client_secret: whether to prompt for the secret of the client.
        file, keyring: the store of the tokens.
    """

    url: str | None = None
    subdomain: str | None = None
    base_url: str | None = None
    client_id: str | None = None
    client_secret: bool = False
    file: str | None = None
    keyring: bool = False


def _refuse_value(ctx: click.Context, param: click.Parameter, value: str | None) -> bool:
    """Return True if the flag for a secret is given.

    Raises:
        UsageError: the flag has a value, which is not repeated.
    """
    if value not in (None, ""):
        raise click.UsageError(
            "--client-secret takes no value, which others could see in the list of processes", ctx
        )
    return value is not None


_SIGN_IN = (
    click.option("--subdomain", help="the subdomain of the account: acme for acme.zendesk.com"),
    click.option("--base-url", help="the address of the account, if it is not at zendesk.com"),
    click.option("--client-id", help="the unique identifier of the OAuth client"),
    click.option(
        "--client-secret",
        is_flag=False,
        flag_value="",
        metavar="",
        callback=_refuse_value,
        help="prompt for the client secret; ZENDESK_OAUTH_CLIENT_SECRET is used by default",
    ),
    click.option("--file", help="the file of the tokens; by default one in your data folder"),
    click.option("--keyring", is_flag=True, help="store the tokens in the keyring of the system"),
)
_URL = click.option(
    "--url",
    metavar="URL",
    help="the URL of the account: zendesk+client://..., or emulator://?seed=demo",
)
json_option = click.option("--json", "as_json", is_flag=True, help="print JSON")


def accept_account(function: F) -> F:
    """Add `--url` and the options of a sign-in; the function gets them as `choice`."""
    return _URL(accept_sign_in(function))


def accept_sign_in(function: F) -> F:
    """Add the options that select a sign-in, and the store of its tokens, as `choice`."""

    @wraps(function)
    def call(
        *args: Any,
        subdomain: str | None,
        base_url: str | None,
        client_id: str | None,
        client_secret: bool,
        file: str | None,
        keyring: bool,
        url: str | None = None,
        **kwargs: Any,
    ) -> Any:
        exclude({"--base-url": base_url, "--subdomain": subdomain})
        exclude({"--keyring": keyring, "--file": file})
        choice = AccountChoice(url, subdomain, base_url, client_id, client_secret, file, keyring)
        return function(*args, choice=choice, **kwargs)

    decorated: Any = call
    for option in reversed(_SIGN_IN):
        decorated = option(decorated)
    return cast("F", decorated)


def exclude(options: dict[str, Any]) -> None:
    """Check that at most one of some options is given.

    Raises:
        UsageError: there are several.
    """
    given_options = [name for name, value in options.items() if value]
    if len(given_options) > 1:
        raise click.UsageError(f"{given_options[0]} is not allowed with {given_options[1]}")


def interrupt_by(*numbers: signal.Signals) -> None:
    """Raise `KeyboardInterrupt` on signals.

    This also applies if SIGINT was ignored when the process began, as in the background of a shell.
    """
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            signal.signal(number, signal.default_int_handler)
