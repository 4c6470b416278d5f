"""What a resolver's files say (resolv.conf(5), hosts(5))."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Resolver(NamedTuple):
    """How names are looked for."""

    nameservers: tuple[str, ...]
    search: tuple[str, ...]
    options: tuple[str, ...]


class HostLine(NamedTuple):
    """A line of /etc/hosts."""

    address: str
    names: tuple[str, ...]


def resolver(lines: Iterable[str]) -> Resolver:
    """Every nameserver and option; of search lists the last one counts."""
    servers: list[str] = []
    options: list[str] = []
    search: tuple[str, ...] = ()
    for words in _words(lines, "#;"):
        if words[0] == "nameserver" and len(words) > 1:
            servers.append(words[1])
        elif words[0] in {"search", "domain"}:
            search = tuple(words[1:])
        elif words[0] == "options":
            options += words[1:]
    return Resolver(tuple(servers), search, tuple(options))


def host_lines(lines: Iterable[str]) -> tuple[HostLine, ...]:
    """Addresses and their names."""
    return tuple(HostLine(words[0], tuple(words[1:])) for words in _words(lines, "#") if len(words) > 1)


def _words(lines: Iterable[str], comments: str) -> Iterator[list[str]]:
    """The words of each line that says something."""
    for line in lines:
        told = line
        for sign in comments:
            told = told.partition(sign)[0]
        words = told.split()
        if words:
            yield words
