"""What Django's QuerySet can and Zendesk cannot: refused, with the way to go."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from zendesk_orm.errors import FieldError
from zendesk_orm.queryset.narrowing import Narrowing


R = TypeVar("R")


class Refused(Narrowing[R]):
    """Names that a reader of Django code may try; each says what to do instead."""

    def extra(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: there is no SQL.

        Raises:
            FieldError: always; `search()` takes free text, `filter()` the rest.
        """
        raise FieldError("there is no SQL to extend; search() takes free text, filter() lookups")

    def select_for_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: Zendesk locks nothing.

        Raises:
            FieldError: always.
        """
        raise FieldError("Zendesk has no locks; a save sends only what changed")

    def annotate(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: Zendesk computes nothing for each row.

        Raises:
            FieldError: always; a comprehension over the rows does it.
        """
        raise FieldError("Zendesk computes nothing for each row; do so in a loop over the rows")

    alias = annotate
