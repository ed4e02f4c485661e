"""Sets of ids as bytes: the distances of sorted numbers, of which most need one or two bytes."""

from __future__ import annotations

from collections.abc import Iterable


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
