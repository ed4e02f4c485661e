"""The page on fidelity."""

from __future__ import annotations

from tests.contract.fidelity import PAGE, build_page
from tests.contract.spec import needs_spec


@needs_spec
def test_the_page_on_fidelity_is_current():
    """`docs/fidelity.md` equals the output of `scripts/fidelity`."""
    assert PAGE.read_text(encoding="utf-8") == build_page()
