"""The switch `paging`, which sets one paging style for all lists."""

from __future__ import annotations

import pytest

from zendesk_orm import ConfigurationError, Group, Organization, Ticket, User
from zendesk_orm.emulator import Emulator


STYLES = ["offset", "cursor", "once"]


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with the demo rows, which the tests only read."""
    with Emulator(seed="demo") as emulator:
        yield emulator


QUERIES = {
    "tickets": Ticket.objects.fresh(),
    "users": User.objects.all(),
    "organizations": Organization.objects.all(),
    "groups": Group.objects.all(),
    "ordered": Ticket.objects.fresh().order_by("-updated_at"),
    "a slice": Ticket.objects.fresh()[240:260],
    "an ordered slice": Ticket.objects.fresh().order_by("-updated_at")[240:260],
    "small pages": User.objects.page_size(7)[:50],
    "by id": Ticket.objects.filter(id__in=range(2000, 2150)),
}


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", QUERIES)
def test_every_style_returns_the_same_rows(emulator, style, name):
    """The library reads the same rows in every paging style."""
    account = emulator.connect()
    emulator.switches.paging = "as_requested"
    expected = [row.pk for row in QUERIES[name].all()]
    emulator.switches.paging = style

    assert [row.pk for row in QUERIES[name].all()] == expected
    emulator.switches.paging = "as_requested"
    account.close()


def test_unknown_style_is_rejected():
    """An unknown paging style raises an error with the available styles."""
    with pytest.raises(ConfigurationError, match="as_requested"):
        Emulator(paging="sideways")
