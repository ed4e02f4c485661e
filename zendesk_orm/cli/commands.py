"""The commands by name, without their modules: `--help` and completion import none of them."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Entry:
    """A command in the list of commands.

    Attributes:
        module: the module of `zendesk_orm.cli` with a function of the command's name.
        summary: the line that `zendesk-orm --help` shows.
    """

    module: str
    summary: str


#: The commands in the order of `zendesk-orm --help`.
COMMANDS: Mapping[str, Entry] = {
    "demo": Entry("demo", "try the library on the embedded Zendesk"),
    "emulator": Entry("emulator", "serve the embedded Zendesk"),
    "login": Entry("sign_in", "sign in by OAuth, in the browser"),
    "logout": Entry("sign_in", "revoke and delete the tokens of a sign-in"),
    "whoami": Entry("identity", "show the signed-in user, the account and the scopes"),
    "scopes": Entry("inspection", "list the OAuth scopes that programs need"),
    "query": Entry("queries", "print the rows that match conditions"),
    "explain": Entry("queries", "print the requests of a query without sending them"),
    "export": Entry("exports", "write rows to a file: Parquet, CSV or JSON lines"),
    "watch": Entry("watching", "print the changes of others, or call functions with them"),
    "listen": Entry("listening", "show and forward the deliveries of webhooks"),
    "sync": Entry("syncing", "copy an account into a file of DuckDB"),
    "inspect": Entry("inspection", "write the custom fields of an account as models"),
    "check": Entry("inspection", "report how models differ from the account"),
    "plan": Entry("schema", "show the changes that make an account match models"),
    "push": Entry("schema", "create and change custom fields and objects from models"),
    "shell": Entry("shell", "start Python with the models and the account"),
    "jobs": Entry("jobs", "list, show and wait for background jobs"),
}
