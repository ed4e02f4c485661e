"""Random predicates of several conditions."""

from __future__ import annotations

from hypothesis import strategies as st


def combine(conditions, max_leaves=4):
    """Return a strategy for conditions that are combined by `&`, `|` and `~`."""
    return st.recursive(
        conditions,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1]),
            st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
            inner.map(lambda q: ~q),
        ),
        max_leaves=max_leaves,
    )
