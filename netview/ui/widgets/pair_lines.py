"""The pair pane's text: what matters most first, each line fitted to a width."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from rich.cells import cell_len

from netview.derive.attributes import attributes, port_attributes, published
from netview.derive.pair import End, Pair
from netview.model import Address, Link, LinkFlag, Owner, Runtime
from netview.text import UNKNOWN, safe
from netview.ui.widgets.pair_table import FIRST, REST, counter_lines, header_lines
from netview.ui.widgets.pieces import Item, Line, Piece, fit, item_lines

Section = list[Line]
_NOT_CONTAINERS = frozenset({Runtime.NETNS, Runtime.PROCESS})
_HARDWARE_TYPES = {1: "Ethernet", 772: "Local Loopback", 65534: "none"}


def title(pair: Pair) -> str:
    """Both ends in one line: "nginx-1 eth0 ⇄ veth9c02e56"."""
    inside = f"{UNKNOWN if pair.inside.place is None else safe(pair.inside.place)} {_name(pair.inside)}"
    return inside if pair.outside is None else f"{inside} ⇄ {_name(pair.outside)}"


def sections(pair: Pair, rates: tuple[Line, ...], width: int) -> list[Section]:
    """Everything there is to say, the most important first."""
    ends = [pair.inside] if pair.outside is None else [pair.inside, pair.outside]
    known = [end for end in ends if end.link is not None]
    main = [*_identity(ends, width), *_long_addresses(known, len(ends), width), *rates]
    if pair.outside is None:
        main += item_lines(attributes(pair.inside), width)
    if pair.inside.link is not None:
        main += item_lines(_routing(pair.inside, alone=pair.outside is None), width)
    main += item_lines([item for owner in pair.inside.owners for item in _owner(owner)], width)
    table = [*header_lines(ends, width), *counter_lines(FIRST, ends, width)]
    details = [line for end in known if end.link is not None for line in _details(end, end.link, width)]
    return [main, table, details, list(counter_lines(REST, ends, width))]


def _identity(ends: Sequence[End], width: int) -> Iterator[Line]:
    """Place, name, state and addresses, MAC and MTU, each side by side where there are two ends."""
    column = width if len(ends) == 1 else (width - 1) // 2
    groups = zip(*(_groups(end, column, outer=number > 0) for number, end in enumerate(ends)), strict=True)
    for group in groups:
        for row in zip_longest(*group, fillvalue=Piece("")):
            yield tuple(Piece(f"{fit(piece.text, column)} ", piece.style) for piece in row)


def _groups(end: End, column: int, *, outer: bool) -> list[list[Piece]]:
    number = f" #{end.ifindex}"
    name = [Piece(fit(safe(end.link.name) if end.link else UNKNOWN, column - len(number)).rstrip() + number, "name")]
    where = _where(end, column, outer=outer)
    if end.link is None:
        return [where, name, [Piece(line, "unknown") for line in wrap(safe(end.missing or ""), column)], [], []]
    state = [] if end.link.port is None else [_port_state(end.link.port.state.word)]
    addresses = [Piece(text) for address in end.addresses if cell_len(text := _address(address)) <= column]
    mac = Piece(safe(end.link.address)) if end.link.address else Piece("no link address", "label")
    return [where, name, state + addresses, [mac], [_mtu(end.link)]]


def _where(end: End, column: int, *, outer: bool) -> list[Piece]:
    place = Piece(f"in {UNKNOWN if end.place is None else safe(end.place)}", "where")
    if end.master is None:
        return [place]
    number = end.link.port.number if end.link and end.link.port else None
    plug = [Piece(text, "where") for text in _plug(safe(end.master.name), number, column)]
    if outer:
        return plug if end.home else [*plug, place]
    return [place, *plug]


def _plug(master: str, number: int | None, column: int) -> list[str]:
    """The bridge and the port's number in one line, or in two where a line is too short."""
    if number is None:
        return [f"on {master}"]
    joined = (f"on {master}, port {number}", f"{master}, port {number}")
    fitting = [text for text in joined if cell_len(text) <= column]
    return fitting[:1] or [f"on {master}", f"port {number}"]


def _port_state(word: str) -> Piece:
    return Piece(word, "value" if word == "forwarding" else "problem")


def _mtu(link: Link) -> Piece:
    if LinkFlag.UP not in link.flags:
        state, good = "down", False
    elif link.carrier is False:
        state, good = "no carrier", False
    else:
        state, good = link.operstate.word.lower(), True
    return Piece(f"mtu {link.mtu} {state}", "value" if good else "problem")


def _long_addresses(ends: Sequence[End], columns: int, width: int) -> Iterator[Line]:
    """Addresses that are wider than a column have lines of their own."""
    column = width if columns == 1 else (width - 1) // 2
    alike = len({_name(end) for end in ends}) < len(ends)
    for end in ends:
        longs = [text for address in end.addresses if cell_len(text := _address(address)) > column]
        yield from item_lines([(safe(end.place) if alike and end.place else _name(end), text) for text in longs], width)


def _routing(end: End, *, alone: bool) -> Iterator[Item]:
    if not end.defaults and not alone:
        yield "", "routes unknown" if "routes" in end.unread else "no default route here"
    for route in end.defaults:
        gateways = [route.gateway] if route.gateway else [hop.gateway for hop in route.nexthops if hop.gateway]
        table = "" if route.table == "main" else f" table {route.table}"
        yield "default", (f"via {', '.join(gateways)}" if gateways else f"dev {_name(end)}") + table
    if not end.neighbours and "neighbours" in end.unread:
        yield "", "neighbours unknown"
    elif end.defaults or end.neighbours or not alone:
        yield "", f"{end.neighbours} neighbour{'' if end.neighbours == 1 else 's'}"


def _owner(owner: Owner) -> Iterator[Item]:
    if owner.runtime in _NOT_CONTAINERS:
        return
    yield owner.runtime.value, f"{safe(owner.name)} {safe(owner.id[:12])}"
    if owner.networks:
        yield "networks" if len(owner.networks) > 1 else "network", ", ".join(map(safe, owner.networks))
    yield from (("", text) for text in published(owner.ports))
    yield from (("exposes", f"{port.port}/{safe(port.protocol)}") for port in owner.ports if port.host_port is None)


def _details(end: End, link: Link, width: int) -> Iterator[Line]:
    yield (Piece(f"{_name(end)} ", "name"), Piece(f"in {UNKNOWN if end.place is None else safe(end.place)}", "where"))
    yield from item_lines(_detail_items(end, link), width)


def _detail_items(end: End, link: Link) -> Iterator[Item]:
    yield "flags", f"{link.flags & 0xFFFF:d}<{','.join(flag.name or '' for flag in LinkFlag if flag in link.flags)}>"
    yield "kind", safe(link.kind)
    yield "txqueuelen", UNKNOWN if link.txqlen is None else str(link.txqlen)
    yield "qdisc", UNKNOWN if link.qdisc is None else safe(link.qdisc)
    for address in end.addresses:
        yield address.family.word, _address_in_full(address)
    yield "link type", _HARDWARE_TYPES.get(link.hardware_type, str(link.hardware_type))
    if link.broadcast:
        yield "link broadcast", link.broadcast
    yield "carrier changes", UNKNOWN if link.carrier_changes is None else str(link.carrier_changes)
    if link.alias:
        yield "alias", safe(link.alias)
    if link.altnames:
        yield "altnames", ", ".join(map(safe, link.altnames))
    yield from port_attributes(link)


def _address(address: Address) -> str:
    return f"{safe(address.address)}/{address.prefixlen}"


def _address_in_full(address: Address) -> str:
    broadcast = f" broadcast {address.broadcast}" if address.broadcast else ""
    peer = f" peer {address.peer}" if address.peer else ""
    return f"{_address(address)}{peer}{broadcast} scope {address.scope}"


def _name(end: End) -> str:
    return f"#{end.ifindex}" if end.link is None else safe(end.link.name)
