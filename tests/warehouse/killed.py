"""Updates a mirror of a served emulator; the tests kill it.

Arguments: the address, the path, and `first` to end after the first transaction, or `parquet`.
"""

from __future__ import annotations

import os
import sys

from zendesk_orm import Mirror, Ticket, connect
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS
from zendesk_orm.progress import Progress
from zendesk_orm.warehouse import mirror


def main() -> None:
    """Update the mirror in small transactions, and announce each one."""
    url, path, *options = sys.argv[1:]
    mirror._ROWS = 1
    connect(base_url=url, oauth_token="emulated", endpoint_limits=NO_ENDPOINT_LIMITS)
    format_ = "parquet" if options == ["parquet"] else "duckdb"
    copy = Mirror(path, models=[Ticket], format=format_, page_size=100)

    def report(progress: Progress) -> None:
        os.write(1, b"written\n")
        if options == ["first"]:
            sys.exit()

    copy.sync(progress=report)


if __name__ == "__main__":
    main()
