"""Arguments that several commands share, and types for argparse."""

from __future__ import annotations

import signal
import threading
from argparse import Action, ArgumentError, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from typing import Any


def integer_between(minimum: int, maximum: int) -> Callable[[str], int]:
    """Return an argparse type: an integer from `minimum` to `maximum`."""

    def convert(text: str) -> int:
        """Return the number; raise `ArgumentTypeError` if the text is invalid."""
        if not text.isascii() or not text.isdigit() or not minimum <= int(text) <= maximum:
            raise ArgumentTypeError(f"must be a number from {minimum} to {maximum}, not {text!r}")
        return int(text)

    return convert


def declare_account(parser: ArgumentParser) -> None:
    """Declare `--url` and the arguments that choose one of the stored sign-ins."""
    parser.add_argument("--url", help="the URL of the account: zendesk+client://..., emulator://")
    declare_sign_in(parser)


def declare_sign_in(parser: ArgumentParser) -> None:
    """Declare the arguments that select a sign-in, and the store of its tokens."""
    host = parser.add_mutually_exclusive_group()
    host.add_argument("--subdomain", help="the subdomain of the account: acme for acme.zendesk.com")
    host.add_argument("--base-url", help="the address of the account, if it is not at zendesk.com")
    parser.add_argument("--client-id", help="the unique identifier of the OAuth client")
    parser.add_argument(
        "--client-secret",
        action=_Prompt,
        nargs="?",
        default=False,
        metavar="",
        help="prompt for the client secret; ZENDESK_OAUTH_CLIENT_SECRET is used by default",
    )
    store = parser.add_mutually_exclusive_group()
    store.add_argument("--file", help="the file of the tokens; by default one in your data folder")
    store.add_argument(
        "--keyring", action="store_true", help="store the tokens in the keyring of the system"
    )
    parser.set_defaults(fail=parser.error)


class _Prompt(Action):
    """A flag for a secret that is typed in; a value is rejected, and not echoed."""

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: Any, *_: object
    ) -> None:
        """Set the flag.

        Raises:
            ArgumentError: the flag has a value.
        """
        if values is not None:
            raise ArgumentError(
                self, "takes no value, which others could see in the list of processes"
            )
        setattr(namespace, self.dest, True)


def interrupt_by(*numbers: signal.Signals) -> None:
    """Raise `KeyboardInterrupt` on signals.

    This also applies if SIGINT was ignored when the process began, as in the background of a shell.
    """
    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            signal.signal(number, signal.default_int_handler)
