"""What a stack counts, as text: /proc/net/snmp, netstat, snmp6, and the tables of /proc/net/stat."""

import re

_SIX = re.compile(rb"^(Ip6|Icmp6|Udp6|UdpLite6)(\w+)\s+(\d+)$", re.MULTILINE)


def paired(text: bytes) -> dict[str, int]:
    """/proc/net/snmp and netstat: a line of names, then one of values, both with their group in front: "TcpExt/TCPMTUPFail"."""
    found: dict[str, int] = {}
    lines = text.splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        group, *words = names.decode("ascii", "replace").split()
        told = values.split()[1:]
        found.update((f"{group[:-1]}/{name}", int(value)) for name, value in zip(words, told, strict=False) if _is_number(value))
    return found


def listed(text: bytes) -> dict[str, int]:
    """/proc/net/snmp6: a name and a value a line: "Ip6/FragFails"."""
    return {f"{group.decode()}/{name.decode()}": int(value) for group, name, value in _SIX.findall(text)}


def by_processor(name: str, text: bytes) -> dict[str, int]:
    """A table of /proc/net/stat: names, then a line of hexadecimal numbers for each processor, which are added up."""
    lines = text.splitlines()
    names = lines[0].decode("ascii", "replace").split() if lines else []
    rows = [line.split() for line in lines[1:]]
    try:
        return {f"{name}/{word}": sum(int(row[at], 16) for row in rows if at < len(row)) for at, word in enumerate(names)}
    except ValueError:
        return {}


def _is_number(word: bytes) -> bool:
    return word.lstrip(b"-").isdigit()
