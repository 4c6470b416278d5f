"""All text made for people: nothing from a container can act on the terminal; units and ages."""

from typing import Literal

Units = Literal["bit", "byte"]
"""What rates are shown in."""

UNKNOWN = "?"
"""Stands where a value is not known; never 0, never blank."""

_SI = ("", "k", "M", "G", "T", "P", "E")
_IEC = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_PLAIN = str.maketrans(
    {"↓": "v", "↑": "^", "⇄": "<>", "→": "->", "←": "<-", "·": "-", "…": "~", "\u203a": ">"}
    | {"│": "|", "─": "-", "├": "|", "└": "`", "▸": "+", "▾": "-", "▼": "-", "●": "*", "⚠": "!", "✗": "x", "⏸": "="}
    | {"▲": "^", "‖": "=", "≡": "=", "\u2212": "-"}
    | {"▁": "_", "▃": "=", "█": "#", "┆": ":", "┃": "#", "∘": "o", "━": "=", "✓": "*", "┯": "+", "┴": "+"}
    | dict.fromkeys("╭╮╰╯", "+")
)
# Printable for Python, invisible on a screen: fillers, joiners and variation selectors.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for low, high in ((0xFE00, 0xFE0F), (0x180B, 0x180F), (0xE0100, 0xE01EF)) for code in range(low, high + 1)
}


def safe(raw: str) -> str:
    r"""The text with every control, bidi, zero-width and undecodable character made visible: "\x1b", "\u202e", "\xff"."""
    if raw.isprintable() and (raw.isascii() or _INVISIBLE.isdisjoint(raw)):
        return raw
    return "".join(char if char.isprintable() and char not in _INVISIBLE else _visible(char) for char in raw)


def _visible(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # A byte that is not UTF-8, by surrogateescape.
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def si(value: float | None, unit: str = "") -> str:
    """A quantity with SI prefix and two digits at least: "8.1 Mbit/s", "21 k", "0 bit/s"; "?" for None."""
    if value is None:
        return UNKNOWN
    number, prefix = _scaled(value, 1000.0, _SI)
    suffix = prefix + unit
    return f"{number} {suffix}" if suffix else number


def iec(count: float | None) -> str:
    """Bytes with IEC prefix: "7.7 MiB", "312 B"; "?" for None."""
    if count is None:
        return UNKNOWN
    number, prefix = _scaled(count, 1024.0, _IEC)
    return f"{number} {prefix}"


def throughput(bytes_per_s: float | None, units: Units) -> str:
    """A rate of bytes in the units that the user chose: "8.1 Mbit/s" or "1.0 MB/s"; "?" for None."""
    if units == "byte":
        return si(bytes_per_s, "B/s")
    return si(None if bytes_per_s is None else bytes_per_s * 8, "bit/s")


def plain(text: str) -> str:
    """The text with netview's own glyphs in ASCII, for terminals without UTF-8."""
    return text if text.isascii() else text.translate(_PLAIN)


def age(seconds: float) -> str:
    """How long ago, in one unit: "3 s", "12 min", "5 h", "9 d"."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"


def duration(seconds: float) -> str:
    """A short time: "0.4 µs", "391 µs", "12 ms", "1.5 s"."""
    if seconds < 1e-5:
        return f"{seconds * 1e6:.1f} µs" if seconds else "0 µs"
    if seconds < 0.01:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _scaled(value: float, base: float, prefixes: tuple[str, ...]) -> tuple[str, str]:
    index = 0
    # 999.5 would be printed as "1000": it belongs to the next prefix already.
    while abs(value) >= base - 0.5 and index < len(prefixes) - 1:
        value /= base
        index += 1
    whole = abs(value) >= 9.95 or (index == 0 and value == int(value))
    return (f"{value:.0f}" if whole else f"{value:.1f}"), prefixes[index]
