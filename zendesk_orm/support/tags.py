"""Tags: those that an account uses, and those of one ticket, user or organization.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.vocabulary import action, listed
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.row import Hollow
from zendesk_orm.write import actions


#: Characters that a part of a tag needs before Zendesk suggests anything.
SHORTEST = 2


class TagManager(Manager["Tag"]):
    """`Tag.objects`."""

    def autocomplete(self, name: str) -> list[str]:
        """Return up to 15 tags of which a word begins so, from the most used of 60 days.

        Words are what underscores, hyphens and blanks divide: `trig` finds `by_this_trigger`.

        Args:
            name: how the word begins; two characters or more.

        Returns:
            The tags themselves.

        Raises:
            InvalidValue: it is too short.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#search-tags
        """
        if len(name) < SHORTEST:
            raise InvalidValue(f"autocomplete() wants {SHORTEST} characters or more, not {name!r}")
        found: list[str] = self._call("autocomplete", name=name)["tags"]
        return found


class Tag(Model):
    """A word that tickets, users and organizations are marked with; its id is the word.

    The list has the 20,000 most used of the last 60 days, the most used first.
    """

    objects = TagManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # the word, in the place of an id
    name: ReadOnly[str]
    count: ReadOnly[int]

    class Meta:
        known_by = "name"
        api = listed("tags", count=True, natural=None) + action(
            "autocomplete", "GET", "autocomplete/tags", "tags"
        )


class Tagged(Model):
    """What has tags that can be changed by themselves, without a look at the rest of it."""

    if not TYPE_CHECKING:  # Checkers want each `Meta` to be a kind of the one above.

        class Meta:
            abstract = True

    def add_tags(self, *tags: str) -> list[str]:
        """Add tags, whatever others add or remove at the same time.

        Args:
            tags: the tags; those that are there stay.

        Returns:
            All tags, as they are then.

        Raises:
            InvalidValue: there are no tags, or one that is no word.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#add-tags
        """
        return self._tag("add_tags", _words(tags))

    def remove_tags(self, *tags: str) -> list[str]:
        """Remove tags, whatever others add or remove at the same time.

        Args:
            tags: the tags; those that are not there are no mistake.

        Returns:
            All tags, as they are then.

        Raises:
            InvalidValue: there are no tags, or one that is no word.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#remove-tags
        """
        return self._tag("remove_tags", _words(tags))

    def set_tags(self, *tags: str) -> list[str]:
        """Let these be the tags, and no others.

        Args:
            tags: the tags; none to remove them all.

        Returns:
            All tags, as they are then.

        Raises:
            InvalidValue: one is no word.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#set-tags
        """
        return self._tag("set_tags", _words(tags) if tags else [])

    def fetch_tags(self) -> list[str]:
        """Fetch the tags alone, and let the object have them.

        Returns:
            All tags, as they are now.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#list-resource-tags
        """
        found: list[str] = self._call("fetch_tags")["tags"]
        self.absorb(type(self._row)({**self._row, "tags": found}), sent=("tags",))
        return list(found)

    def _tag(self, action_: str, tags: list[str]) -> list[str]:
        data = self._call(action_, {"tags": tags})
        if not data:
            return tags
        found: list[str] = data["tags"]
        # The row has a new date, too, which the answer does not tell.
        actions.outdated(self._session(), self)
        self.absorb(Hollow(id=self.pk, tags=found), sent=("tags",))
        return list(found)


def tagging(path: str) -> Api:
    """Declare the calls that `Tagged` makes.

    Args:
        path: where the rows are: `tickets`.
    """
    where = f"{path}/{{id}}/tags"
    return (
        action("fetch_tags", "GET", where, "tags")
        + action("add_tags", "PUT", where, "tags")
        + action("remove_tags", "DELETE", where, "tags")
        + action("set_tags", "POST", where, "tags", repeatable=True)
    )


def _words(tags: tuple[Any, ...]) -> list[str]:
    """Return the tags, which were given one by one.

    Raises:
        InvalidValue: there are none, or one is no word.
    """
    wrong = [tag for tag in tags if not isinstance(tag, str) or not tag.strip()]
    if wrong or not tags:
        shown = repr(wrong[0]) if wrong else "nothing"
        raise InvalidValue(f"wants tags, one by one: ('vip', 'gold'), not {shown}")
    return list(tags)
