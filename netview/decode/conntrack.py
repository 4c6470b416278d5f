"""Connections as text: /proc/net/nf_conntrack."""

from netview.model import Family
from netview.model.connection import Connection, Ends

_FAMILIES = {b"ipv4": Family.INET, b"ipv6": Family.INET6}


def connection(line: bytes) -> Connection | None:
    """One line; None: it has another form, or is of a protocol without ports."""
    words = line.split()
    if len(words) < 3 or words[0] not in _FAMILIES:
        return None
    told: dict[str, list[str]] = {"src": [], "dst": [], "sport": [], "dport": []}
    for word in words:
        name, _, value = word.decode("ascii", "replace").partition("=")
        if name in told:
            told[name].append(value)
    try:
        original, reply = (Ends(told["src"][n], told["dst"][n], int(told["sport"][n]), int(told["dport"][n])) for n in range(2))
    except (IndexError, ValueError):
        return None
    return Connection(words[2].decode("ascii", "replace"), _FAMILIES[words[0]], original, reply)
