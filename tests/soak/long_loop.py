"""A loop over many rows while requests fail at random; run by `scripts/faults`.

Fails if a row is lost or doubled, or if the loop takes more than 1.1 times the minutes that the
rate limit permits for its requests.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from zendesk_orm import RetryPolicy, Ticket, TransportError
from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.errors import RateLimited, ServerError


#: The failures: rate limits, server errors, broken connections and truncated bodies.
KINDS = (
    {"status": 429, "headers": {"Retry-After": "7"}},
    {"status": 429},
    {"status": 500},
    {"status": 503, "headers": {"Retry-After": "3"}},
    {"disconnect": True},
    {"truncate": True},
)
#: The share of the time that the rate limit permits.
MAX_RATIO = 1.1


def read_all(rows: int, page_size: int, chance: float, limit: int, seed: int) -> bool:
    """Read all rows, print the figures, and return whether they meet the limits.

    Args:
        rows: the number of tickets.
        page_size: tickets of a page.
        chance: the share of requests that fail.
        limit: requests per minute.
        seed: selects the requests that fail.
    """
    emulator = Emulator(requests_per_minute=limit)
    emulator.generate(Ticket, rows, lambda number: {"subject": f"No. {number}"})
    # Each fault is chosen among the requests that earlier faults do not affect.
    for number, kind in enumerate(KINDS):
        share = chance / len(KINDS) / (1 - number * chance / len(KINDS))
        emulator.faults.add(Fault("GET *", chance=share, seed=seed + number, **kind))
    account = emulator.connect(retry=RetryPolicy(attempts=2))
    began, ids, failures = emulator.clock.now(), [], Counter()
    iterator = Ticket.objects.fresh().page_size(page_size).iterator()
    while True:
        try:
            ids.append(next(iterator).id)
        except StopIteration:  # noqa: PERF203 - next() continues after an error
            break
        except (RateLimited, ServerError, TransportError) as error:
            failures[type(error).__name__] += 1
    seconds = emulator.clock.now() - began
    # The first period of the limit is free.
    permitted = max(account.requests_sent / limit * 60.0, 60.0)
    distinct = len(set(ids))
    print(f"{rows} rows: {rows - distinct} lost, {len(ids) - distinct} doubled")
    print(f"{account.requests_sent} requests, {account.stats.retries} sent again, {dict(failures)}")
    ratio = seconds / permitted
    print(f"{seconds:.0f} s of the clock; {permitted:.0f} s are permitted: {ratio:.2f}")
    return len(ids) == distinct == rows and ratio <= MAX_RATIO


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--page-size", type=int, default=100)
    parser.add_argument("--chance", type=float, default=0.05)
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    is_right = read_all(
        options.rows, options.page_size, options.chance, options.limit, options.seed
    )
    sys.exit(0 if is_right else 1)
