"""Names in annotations that Python 3.10 lacks.

They are imported at runtime, too, so that `typing.get_type_hints()` can evaluate annotations.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar


__all__ = ["Self", "Unpack"]

T = TypeVar("T")

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack
elif sys.version_info >= (3, 11):
    from typing import Self, Unpack
else:
    Self = Any

    class Unpack(Generic[T]):
        """The type of keyword arguments: `**options: Unpack[Options]`."""
