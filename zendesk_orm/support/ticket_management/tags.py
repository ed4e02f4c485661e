"""Tags of the account, and of tickets, users and organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.vocabulary import listing
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import plain
from zendesk_orm.messages import display
from zendesk_orm.model import Model, StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.loading import load_str
from zendesk_orm.schema.row import PartialRow
from zendesk_orm.session.action_bodies import values_of


#: Characters that Zendesk requires for autocompletion.
MIN_CHARACTERS = 2


class TagManager(Manager["Tag"]):
    """`Tag.objects`."""

    @action("GET", "autocomplete/tags", key="tags")
    def autocomplete(self, name: str) -> list[str]:
        """Return up to 15 tags that have a word with this beginning, of the most used in 60 days.

        Words are separated by underscores, hyphens and spaces: `trig` finds `by_this_trigger`.

        Args:
            name: the beginning of the word, of two or more characters.

        Returns:
            The names of the tags.

        Raises:
            InvalidValue: `name` is too short.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#search-tags
        """
        if len(require_text("name", name)) < MIN_CHARACTERS:
            raise InvalidValue(
                f"name must have at least {MIN_CHARACTERS} characters, not {display(name)}"
            )
        return values_of(self._call("autocomplete", name=name), "tags", load_str)


class Tag(StringIdModel):
    """A tag of tickets, users and organizations; its id is its name.

    The list has the 20,000 most used tags of the last 60 days, the most used first.
    """

    objects = TagManager.as_manager()

    name: ReadOnly[str]
    count: ReadOnly[int]

    class Meta:
        pk_key = "name"
        api = listing("tags", count=True, default_order=None)


class Tagged(Model):
    """An object whose tags can be changed without saving its other fields."""

    if not TYPE_CHECKING:  # Type checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True

    def add_tags(self, *tags: str) -> list[str]:
        """Add tags, without overwriting concurrent changes of the tags.

        Args:
            tags: the tags; existing tags are not changed.

        Returns:
            All tags after the change.

        Raises:
            InvalidValue: `tags` is empty, or a tag is empty or not a string.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#add-tags
        """
        return self._tag("add_tags", _check_tags(tags))

    def remove_tags(self, *tags: str) -> list[str]:
        """Remove tags, without overwriting concurrent changes of the tags.

        Args:
            tags: the tags; tags that the object does not have are ignored.

        Returns:
            All tags after the change.

        Raises:
            InvalidValue: `tags` is empty, or a tag is empty or not a string.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#remove-tags
        """
        return self._tag("remove_tags", _check_tags(tags))

    def set_tags(self, *tags: str) -> list[str]:
        """Replace the tags.

        Args:
            tags: the new tags; without arguments, all tags are removed.

        Returns:
            All tags after the change.

        Raises:
            InvalidValue: a tag is empty or not a string.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#set-tags
        """
        return self._tag("set_tags", _check_tags(tags) if tags else [])

    def fetch_tags(self) -> list[str]:
        """Fetch the tags without the other fields, and update them on the object.

        Returns:
            The current tags.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/#list-resource-tags
        """
        tags = values_of(self._call("fetch_tags"), "tags", load_str)
        self.update_from_row(type(self._row)({**self._row, "tags": tags}), sent=("tags",))
        return list(tags)

    def _tag(self, action_: str, tags: list[str]) -> list[str]:

        def update(data: Any) -> list[str]:
            stored = values_of(data, "tags", load_str)
            # The update changes `updated_at`, too, which the response does not contain.
            self._session().expire(self)
            self.update_from_row(PartialRow(id=self.pk, tags=stored), sent=("tags",))
            return list(stored)

        return self._call(action_, {"tags": tags}, then=update, in_dry_run=tags)


def tag_actions(path: str) -> Api:
    """Declare the endpoints of the methods of `Tagged`.

    Args:
        path: the path of the resource: `tickets`.
    """
    tags_path = f"{path}/{{id}}/tags"
    return (
        action_endpoint("fetch_tags", "GET", tags_path, "tags")
        + action_endpoint("add_tags", "PUT", tags_path, "tags")
        + action_endpoint("remove_tags", "DELETE", tags_path, "tags")
        + action_endpoint("set_tags", "POST", tags_path, "tags", repeatable=True)
    )


def _check_tags(tags: tuple[Any, ...]) -> list[str]:
    """Return the tags as a list.

    Raises:
        InvalidValue: `tags` is empty, or a tag is empty, not a string, or cannot be sent.
    """
    invalid = [tag for tag in tags if not isinstance(tag, str) or not tag.strip()]
    if invalid or not tags:
        value = display(invalid[0]) if invalid else "nothing"
        raise InvalidValue(f"tags must be separate arguments: ('vip', 'gold'), not {value}")
    return [plain(tag) for tag in tags]
