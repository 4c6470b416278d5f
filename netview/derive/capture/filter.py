"""Capture filters: a part of pcap-filter(7) as a program of classic BPF.

    ip ip6 arp icmp icmp6 tcp udp     [src|dst] host ADDRESS     [src|dst] net ADDRESS/LENGTH
    [tcp|udp] [src|dst] port N        [tcp|udp] [src|dst] portrange N-M
    less N     greater N     proto N     not and or ( )

They mean what they mean to tcpdump. All is read from the network layer on, so that a program fits every kind of link.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from struct import Struct
from typing import NamedTuple

_INSTRUCTION = Struct("=HBBI")
_LOAD_HALF, _LOAD_BYTE, _LOAD_WORD, _LOAD_LENGTH = 0x28, 0x30, 0x20, 0x80
_LOAD_HALF_BEHIND_X, _HEADER_INTO_X = 0x48, 0xB1
_AND, _EQUAL, _MORE, _AT_LEAST, _ANY_BIT, _RETURN = 0x54, 0x15, 0x25, 0x35, 0x45, 0x06
_NETWORK, _ETHERTYPE = 0xFFF00000, 0xFFFFF000
"""SKF_NET_OFF; SKF_AD_OFF + SKF_AD_PROTOCOL."""
_LATER_FRAGMENT = 0x1FFF
_WHOLE = 0x40000
_FARTHEST = 255
_LONGEST, _MOST_WORDS = 2000, 200
_IP, _ARP, _IP6 = 0x0800, 0x0806, 0x86DD
_PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58}
_SIDES = frozenset({"src", "dst"})
_FAMILIES = {"ip": _IP, "arp": _ARP, "ip6": _IP6}
_BEGINNINGS = ("host", "net", "port", "portrange", *sorted(_SIDES), *_PROTOCOLS, *_FAMILIES, "proto", "less", "greater")
_WORD = re.compile(r"\(|\)|&&|\|\||[!&|]|[^\s()!&|]+")
_SAME = {"&&": "and", "||": "or", "!": "not"}


class FilterError(ValueError):
    """A filter that is not understood; the message is one line."""


class _Test(NamedTuple):
    """Loads something and compares it."""

    loads: tuple[tuple[int, int], ...]
    """Code and operand of each instruction before the comparison."""
    compare: int
    value: int


class _Not(NamedTuple):
    inner: "_Node"


class _Both(NamedTuple):
    parts: "tuple[_Node, ...]"


class _Either(NamedTuple):
    parts: "tuple[_Node, ...]"


_Node = _Test | _Not | _Both | _Either


def program(text: str) -> bytes:
    """The instructions of a filter (struct sock_filter); empty for an empty filter. Raises FilterError."""
    words = [_SAME.get(word, word) for word in _WORD.findall(text[: _LONGEST + 1])]
    if not words:
        return b""
    if len(text) > _LONGEST or len(words) > _MOST_WORDS:
        raise FilterError("the filter is too long for the kernel")
    parser = _Parser(words)
    node = parser.either()
    if parser.left:
        raise FilterError(f"the filter ends before {parser.left[0]!r}")
    return _assembled(node)


class _Parser:
    """Reads words one after the other."""

    def __init__(self, words: list[str]) -> None:
        self.left = words

    def either(self) -> _Node:
        """Parts with "or" between them."""
        parts = [self._both()]
        while self._takes("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else _Either(tuple(parts))

    def _both(self) -> _Node:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else _Both(tuple(parts))

    def _one(self) -> _Node:
        if self._takes("not"):
            return _Not(self._one())
        if self._takes("("):
            inner = self.either()
            if not self._takes(")"):
                raise FilterError("the filter has a ( without its )")
            return inner
        return self._primitive()

    def _primitive(self) -> _Node:
        word = self._next("something to match")
        if word in {"less", "greater"}:
            return _length(word, self._number())
        if word == "proto":
            return _carries(self._number(255))
        if word in _FAMILIES:
            return _ethertype(_FAMILIES[word])
        protocol = word if word in _PROTOCOLS else None
        if protocol is not None:
            if protocol not in {"tcp", "udp"} or not self.left or self.left[0] not in _SIDES | {"port", "portrange"}:
                return _protocol(protocol)
            word = self._next("port")
        side = word if word in _SIDES else None
        if side is not None:
            word = self._next("host, net or port")
        if word in {"port", "portrange"}:
            return _port(protocol, side, self._ports(word))
        if protocol is not None:
            raise FilterError(f"{protocol} {word}: a port is what can be asked of {protocol}")
        return _address(side, self._network(word, bare=side is None))

    def _network(self, word: str, *, bare: bool) -> IPv4Network | IPv6Network:
        if word not in {"host", "net"} and bare and not _begins_address(word):
            raise FilterError(f"{word!r} is neither an address nor one of {', '.join(_BEGINNINGS)}")
        text = self._next("an address") if word in {"host", "net"} else word
        try:
            network = ip_network(text, strict=word == "net")
        except ValueError:
            raise FilterError(f"{text!r} is no {'network such as 10.0.0.0/8' if word == 'net' else 'address'}") from None
        if word != "net" and network.num_addresses > 1:
            raise FilterError(f"{text} is a network: write net {text}")
        return network

    def _ports(self, word: str) -> tuple[int, int]:
        if word == "port":
            number = self._number(0xFFFF)
            return number, number
        first, dash, last = self._next("two ports such as 80-90").partition("-")
        if not (dash and first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= 0xFFFF):
            raise FilterError("portrange takes two ports such as 80-90")
        return int(first), int(last)

    def _number(self, most: int = 0xFFFFFFFF) -> int:
        word = self._next("a number")
        if not (word.isascii() and word.isdecimal() and int(word) <= most):
            raise FilterError(f"{word!r} is no number from 0 to {most}")
        return int(word)

    def _next(self, wanted: str) -> str:
        if not self.left:
            raise FilterError(f"the filter ends where {wanted} should follow")
        return self.left.pop(0)

    def _takes(self, word: str) -> bool:
        if self.left and self.left[0] == word:
            del self.left[0]
            return True
        return False


def _begins_address(word: str) -> bool:
    """Whether it is meant as one, right or wrong."""
    return word[:1].isdecimal() or ":" in word


def _at(code: int, offset: int) -> tuple[int, int]:
    return code, (_NETWORK + offset) & 0xFFFFFFFF


def _ethertype(number: int) -> _Node:
    return _Test(((_LOAD_HALF, _ETHERTYPE),), _EQUAL, number)


def _protocol(name: str) -> _Node:
    number = _PROTOCOLS[name]
    four = _Both((_ethertype(_IP), _Test((_at(_LOAD_BYTE, 9),), _EQUAL, number)))
    six = _Both((_ethertype(_IP6), _six_carries(number)))
    return four if name == "icmp" else six if name == "icmp6" else _Either((four, six))


def _six_carries(number: int) -> _Node:
    """Whether it is the next header, or the one behind a fragment's."""
    behind = _Both((_Test((_at(_LOAD_BYTE, 6),), _EQUAL, 44), _Test((_at(_LOAD_BYTE, 40),), _EQUAL, number)))
    return _Either((_Test((_at(_LOAD_BYTE, 6),), _EQUAL, number), behind))


def _carries(number: int) -> _Node:
    four = _Both((_ethertype(_IP), _Test((_at(_LOAD_BYTE, 9),), _EQUAL, number)))
    return _Either((four, _Both((_ethertype(_IP6), _six_carries(number)))))


def _length(word: str, number: int) -> _Node:
    at_least = _Test(((_LOAD_LENGTH, 0),), _AT_LEAST if word == "greater" else _MORE, number)
    return at_least if word == "greater" else _Not(at_least)


def _address(side: str | None, network: IPv4Network | IPv6Network) -> _Node:
    if network.version == 6:
        return _Both((_ethertype(_IP6), _sides(side, 8, 24, network)))
    four = _Both((_ethertype(_IP), _sides(side, 12, 16, network)))
    return _Either((four, _Both((_ethertype(_ARP), _sides(side, 14, 24, network)))))


def _sides(side: str | None, source: int, destination: int, network: IPv4Network | IPv6Network) -> _Node:
    tests = {"src": _inside(source, network), "dst": _inside(destination, network)}
    return _Either(tuple(tests.values())) if side is None else tests[side]


def _inside(offset: int, network: IPv4Network | IPv6Network) -> _Node:
    address, mask = network.network_address.packed, network.netmask.packed
    parts = ((at, *(int.from_bytes(whole[at : at + 4], "big") for whole in (address, mask))) for at in range(0, len(mask), 4))
    tests = tuple(
        _Test((_at(_LOAD_WORD, offset + at), *(((_AND, bits),) if bits != 0xFFFFFFFF else ())), _EQUAL, value)
        for at, value, bits in parts
        if bits
    )
    return _Both(tests) if tests else _Test((_at(_LOAD_BYTE, 0),), _AT_LEAST, 0)


def _port(protocol: str | None, side: str | None, ports: tuple[int, int]) -> _Node:
    numbers = (_PROTOCOLS[protocol],) if protocol is not None else (6, 17, 132)
    four = _Either(tuple(_Test((_at(_LOAD_BYTE, 9),), _EQUAL, number) for number in numbers))
    six = _Either(tuple(_Test((_at(_LOAD_BYTE, 6),), _EQUAL, number) for number in numbers))
    first = _Not(_Test((_at(_LOAD_HALF, 6),), _ANY_BIT, _LATER_FRAGMENT))
    source, destination = ((_at(_HEADER_INTO_X, 0), _at(_LOAD_HALF_BEHIND_X, offset)) for offset in (0, 2))
    in_four = _Both((_ethertype(_IP), four, first, _ends(side, source, destination, ports)))
    in_six = _Both((_ethertype(_IP6), six, _ends(side, (_at(_LOAD_HALF, 40),), (_at(_LOAD_HALF, 42),), ports)))
    return _Either((in_four, in_six))


def _ends(
    side: str | None, source: tuple[tuple[int, int], ...], destination: tuple[tuple[int, int], ...], ports: tuple[int, int]
) -> _Node:
    tests = {"src": _within(source, ports), "dst": _within(destination, ports)}
    return _Either(tuple(tests.values())) if side is None else tests[side]


def _within(loads: tuple[tuple[int, int], ...], ports: tuple[int, int]) -> _Node:
    if ports[0] == ports[1]:
        return _Test(loads, _EQUAL, ports[0])
    return _Both((_Test(loads, _AT_LEAST, ports[0]), _Not(_Test(loads, _MORE, ports[1]))))


class _Label:
    """A place in the program, known once everything behind it is written."""

    at = -1


class _Line(NamedTuple):
    code: int
    operand: int
    then: _Label | None = None
    otherwise: _Label | None = None


def _assembled(node: _Node) -> bytes:
    """The whole program: it returns how many bytes are kept."""
    keep, leave = _Label(), _Label()
    written: list[_Line | _Label] = [*_written(node, keep, leave), keep, _Line(_RETURN, _WHOLE), leave, _Line(_RETURN, 0)]
    lines: list[_Line] = []
    for one in written:
        if isinstance(one, _Label):
            one.at = len(lines)
        else:
            lines.append(one)
    return b"".join(_packed(line, at) for at, line in enumerate(lines))


def _written(node: _Node, then: _Label, otherwise: _Label) -> Iterator[_Line | _Label]:
    if isinstance(node, _Test):
        yield from (_Line(code, operand) for code, operand in node.loads)
        yield _Line(node.compare, node.value, then, otherwise)
    elif isinstance(node, _Not):
        yield from _written(node.inner, otherwise, then)
    else:
        every = isinstance(node, _Both)
        for part in node.parts[:-1]:
            following = _Label()
            yield from _written(part, following if every else then, otherwise if every else following)
            yield following
        yield from _written(node.parts[-1], then, otherwise)


def _packed(line: _Line, at: int) -> bytes:
    jumps = [0 if label is None else label.at - at - 1 for label in (line.then, line.otherwise)]
    if max(jumps) > _FARTHEST:
        raise FilterError("the filter is too long for the kernel")
    return _INSTRUCTION.pack(line.code, jumps[0], jumps[1], line.operand)
