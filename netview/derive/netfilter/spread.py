"""Which address of a range the kernel gives a connection (find_best_ips_proto): always the same to the same two ends."""

from collections.abc import Sequence
from ipaddress import ip_address
from struct import unpack

_BEGIN, _WORD = 0xDEADBEEF, 0xFFFFFFFF
_MIX, _FINISH = (4, 6, 8, 16, 19, 4), (14, 11, 25, 16, 4, 14, 24)


def chosen(source: str, destination: str, first: bytes, last: bytes, *, turns_destination: bool, persistent: bool) -> bytes:
    """One from `first` to `last`, which are of the family of the two ends; `persistent`: the same to every destination."""
    came = unpack("=4I", ip_address(source).packed.ljust(16, b"\0"))
    towards = [*unpack(f"={len(first) // 4}I", ip_address(destination).packed)]
    mixed = jhash2(came, 0 if persistent else towards[-1])
    made, any_ = b"", False
    for word, before in enumerate(towards):
        at = slice(4 * word, 4 * word + 4)
        low = 0 if any_ else int.from_bytes(first[at], "big")
        count = _WORD if any_ else (int.from_bytes(last[at], "big") - low + 1) & _WORD
        part = (low + (mixed * count >> 32) & _WORD).to_bytes(4, "big")
        made += part
        any_ = any_ or part != last[at]
        if not persistent:
            # The kernel writes the new destination over the one that it hashes.
            mixed ^= unpack("=I", part)[0] if turns_destination else before
    return made


def jhash2(words: Sequence[int], initial: int) -> int:
    """Bob Jenkins' lookup3 of words of the host's order (include/linux/jhash.h)."""
    left = list(words)
    a = b = c = (_BEGIN + 4 * len(left) + initial) & _WORD
    while len(left) > 3:
        a, b, c = a + left[0] & _WORD, b + left[1] & _WORD, c + left[2] & _WORD
        for bits in _MIX:
            a, b, c = b, c + b & _WORD, (a - c & _WORD) ^ _turned(c, bits)
        left = left[3:]
    if not left:
        return c
    left += [0, 0]
    a, b, c = a + left[0] & _WORD, b + left[1] & _WORD, c + left[2] & _WORD
    for bits in _FINISH:
        a, b, c = b, (c ^ b) - _turned(b, bits) & _WORD, a
    return b


def _turned(word: int, bits: int) -> int:
    return word << bits & _WORD | word >> 32 - bits
