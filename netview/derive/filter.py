"""The filter language of the lists.

Plain text, `!text`, `ns:` `if:` `ip:` `mac:` `kind:` `owner:` `pod:` `image:` `port:` and `rate>1M`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, Protocol

from netview.model import Owner

_RATE = re.compile(r"rate([<>])(\d+(?:\.\d+)?)([kMGT]?)", re.ASCII)
_RATES = ("rate>", "rate<")
_FIELD = re.compile(r"([A-Za-z]+):(.*)", re.ASCII | re.DOTALL)
_MULTIPLES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_HEX = frozenset("0123456789abcdefABCDEF")


class Told(Protocol):
    """What a filter may ask of a row."""

    @property
    def namespaces(self) -> tuple[str, ...]:
        """What those are called that it is about."""

    @property
    def links(self) -> tuple[str, ...]:
        """Names of links."""

    @property
    def ips(self) -> tuple[str, ...]:
        """Addresses."""

    @property
    def macs(self) -> tuple[str, ...]:
        """Link-layer addresses."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of its links."""

    @property
    def words(self) -> tuple[str, ...]:
        """What else the row says."""

    @property
    def rate(self) -> float | None:
        """Both directions together, in the unit that is shown."""

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Whose it is."""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What a route leads to: an address finds the routes that contain it."""

    @property
    def ports(self) -> tuple[int, ...]:
        """Ports that the row itself is about; without any those count that its owners publish."""


class Subject(NamedTuple):
    """What a row is about, as raw text."""

    namespaces: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    rate: float | None = None
    owners: tuple[Owner, ...] = ()
    prefixes: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


class InvalidFilterError(ValueError):
    """The filter cannot be understood; the message says why."""


Test = Callable[[Told], bool]
_FIELDS: Mapping[str, Callable[[Told], tuple[str, ...]]] = {
    "ns": lambda subject: subject.namespaces,
    "if": lambda subject: subject.links,
    "ip": lambda subject: subject.ips,
    "mac": lambda subject: subject.macs,
    "kind": lambda subject: subject.kinds,
}
_TEXTS: tuple[Callable[[Told], tuple[str, ...]], ...] = (*_FIELDS.values(), lambda subject: subject.words)
_OWNED: Mapping[str, Callable[[Owner], tuple[str | None, ...]]] = {
    "owner": lambda owner: (owner.name, owner.id, owner.runtime.value),
    "pod": lambda owner: () if owner.pod is None else (owner.pod.name, f"{owner.pod.namespace}/{owner.pod.name}"),
    "image": lambda owner: (owner.image,),
}
"""What the fields of an owner look into."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Terms that must all hold."""

    tests: tuple[Test, ...] = ()
    live: bool = False
    """Whether it asks for what every sample changes."""

    def __call__(self, subject: Told) -> bool:
        """Whether the row stays."""
        return all(test(subject) for test in self.tests)


def parse(query: str) -> Filter:
    """The filter that the words say; raises InvalidFilterError."""
    terms = query.split()
    return Filter(tuple(_term(term) for term in terms), any(term.removeprefix("!").startswith(_RATES) for term in terms))


def _term(term: str) -> Test:
    if not term.startswith("!"):
        return _positive(term)
    if term == "!":
        raise InvalidFilterError("! wants a text")
    wanted = _positive(term[1:])
    return lambda subject: not wanted(subject)


def _positive(term: str) -> Test:
    if term.startswith(_RATES):
        return _rate(term)
    named = _FIELD.fullmatch(term)
    if named is not None:
        name, value = named.groups()
        test = _field(name, value)
        if test is not None:
            return test
    text = term.casefold()
    address = _address(text)

    def holds(subject: Told) -> bool:
        if address is not None and subject.prefixes:
            return any(address in _network(prefix) for prefix in subject.prefixes)
        return any(text in word.casefold() for field in _TEXTS for word in field(subject))

    return holds


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def as_address(query: str) -> str | None:
    """The one word of a query that is an address; None: there is none, or more than one."""
    found = [address for address in map(_address, query.split()) if address is not None]
    return str(found[0]) if len(found) == 1 else None


@lru_cache(maxsize=4096)
def _network(prefix: str) -> IPv4Network | IPv6Network:
    """Thousands of routes lead to few prefixes."""
    return ip_network(prefix)


def _rate(term: str) -> Test:
    found = _RATE.fullmatch(term)
    if found is None:
        raise InvalidFilterError("rate> wants a number such as 1M")
    sign, number, prefix = found.groups()
    bound = float(number) * _MULTIPLES[prefix]
    if sign == ">":
        return lambda subject: subject.rate is not None and subject.rate > bound
    return lambda subject: subject.rate is not None and subject.rate < bound


def _field(name: str, value: str) -> Test | None:
    """The test of one field; None where the colon belongs to an IPv6 or MAC address."""
    if name not in {*_FIELDS, *_OWNED, "port"}:
        if set(name) <= _HEX:
            return None
        raise InvalidFilterError(f"no field is called {name}")
    if not value:
        raise InvalidFilterError(f"{name}: wants a text")
    if name == "port":
        return _port(value)
    if name == "ip" and "/" in value:
        return _within(value)
    if name in _OWNED:
        return _owned(_OWNED[name], value.casefold())
    text, field = value.casefold(), _FIELDS[name]
    return lambda subject: any(text in word.casefold() for word in field(subject))


def _owned(words: Callable[[Owner], tuple[str | None, ...]], text: str) -> Test:
    return lambda subject: any(text in word.casefold() for owner in subject.owners for word in words(owner) if word)


def _port(value: str) -> Test:
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 1 << 16):
        raise InvalidFilterError("port: wants a number from 1 to 65535")
    number = int(value)

    def test(subject: Told) -> bool:
        published = (port for owner in subject.owners for known in owner.ports for port in (known.port, known.host_port))
        return number in (subject.ports or published)

    return test


def _within(prefix: str) -> Test:
    try:
        network = ip_network(prefix, strict=False)
    except ValueError:
        raise InvalidFilterError("ip: wants an address or a prefix such as 172.17.0.0/16") from None

    def test(subject: Told) -> bool:
        for word in subject.ips:
            try:
                address = ip_address(word.partition("/")[0])
            except ValueError:
                continue
            if address in network:
                return True
        return False

    return test
