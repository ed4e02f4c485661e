"""Tokens and checkpoints as text: JSON, and sets of numbers as the distances between them.

The distance of most ids needs one or two bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable
from typing import Any


#: The characters of a text at most, and the bytes of its content.
_MAX_CHARACTERS, _MAX_BYTES = 1_000_000, 4_000_000
#: Separates the JSON of a text from its packed numbers.
_END = b"\0"

#: A byte holds seven bits of a number; its highest bit shows that another byte follows.
_BITS, _MORE = 7, 0x80
#: The bits of a number at most, so that bytes of others do not make huge ones.
_MAX_BITS = 63


def pack_numbers(numbers: Iterable[int]) -> bytes:
    """Return the bytes of numbers that are sorted and not negative."""
    packed, previous = bytearray(), 0
    for number in numbers:
        distance, previous = number - previous, number
        while distance >= _MORE:
            packed.append(distance % _MORE | _MORE)
            distance >>= _BITS
        packed.append(distance)
    return bytes(packed)


def unpack_numbers(packed: bytes) -> list[int]:
    """Return the numbers that `pack_numbers()` has packed.

    Raises:
        ValueError: the bytes are not complete, or contain a number that is too large.
    """
    numbers, previous, distance, bits = [], 0, 0, 0
    for byte in packed:
        distance |= byte % _MORE << bits
        bits = bits + _BITS if byte & _MORE else 0
        if bits > _MAX_BITS:
            raise ValueError("a number is too large")
        if not bits:
            previous, distance = previous + distance, 0
            numbers.append(previous)
    if bits:
        raise ValueError("the last number is not complete")
    return numbers


def pack_text(prefix: str, content: Any, numbers: Iterable[int]) -> str:
    """Return a value and sorted numbers as text: letters, digits and `.-_`.

    Args:
        prefix: the beginning of the text, which names its format.
        content: a value that JSON can hold.
        numbers: numbers that are not negative, in ascending order.
    """
    text = json.dumps(content, separators=(",", ":")).encode()
    data = zlib.compress(text + _END + pack_numbers(numbers))
    return prefix + base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpack_text(prefix: str, text: Any) -> tuple[Any, list[int]]:
    """Return the value and the numbers of a text; None and [] if it is invalid."""
    if not isinstance(text, str) or not text.startswith(prefix) or len(text) > _MAX_CHARACTERS:
        return None, []
    encoded = text[len(prefix) :]
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        stream = zlib.decompressobj()
        content = stream.decompress(data, _MAX_BYTES)
        packed, _, numbers = content.partition(_END)
        return (
            (json.loads(packed), unpack_numbers(numbers))
            if stream.eof and not stream.unused_data
            else (None, [])
        )
    except (ValueError, RecursionError, zlib.error):
        return None, []


def digest(*parts: Any) -> str:
    """Return a text that identifies some values, and from which they cannot be read."""
    text = "\n".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
