"""The native reader and the pyroute2 one, held against each other and against what iproute2 says beyond the JSON contract."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from netview.kernel.pyroute2_source import Pyroute2Reader
from netview.kernel.reader import MakeReader, Read, Reader
from netview.kernel.scan import NativeReader
from netview.model import Address, Family, LinkStats, Route, Rule
from netview.model.stats import stats_of
from tests.kernel import iproute2
from tests.kernel.lab import Lab
from tests.kernel.looking import at_home_in
from tests.kernel.topology import NAMES

_TOLD_BY_PYROUTE2 = len(LinkStats._fields) - 2
_ROWS = ("addresses", "routes", "rules", "neighbours", "fdb")
# IFA_F_* as iproute2 prints them.
_ADDRESS_FLAGS = {1: "secondary", 2: "nodad", 8: "dadfailed", 0x20: "deprecated", 0x40: "tentative", 0x200: "noprefixroute"}
_HOP_FLAGS = {1: "dead", 4: "onlink", 16: "linkdown"}


def _in(lab: Lab, name: str, make: MakeReader, read: Callable[[Reader], Any]) -> Any:
    def work() -> Any:
        with make() as reader:
            return read(reader)

    return at_home_in(lab, name, work)


def _tables(lab: Lab, name: str, make: MakeReader = NativeReader) -> Read:
    read: Read = _in(lab, name, make, lambda reader: reader.tables())
    return read


def _settled(lab: Lab, name: str, read: Callable[[], Any], told: Callable[[], Any]) -> tuple[Any, Any]:
    """What was read while iproute2 said the same before and after."""
    for _ in range(20):
        before, seen, after = told(), read(), told()
        if before == after:
            return seen, after
    pytest.fail(f"{lab.full(name)} never came to rest")


@pytest.mark.parametrize("name", NAMES)
def test_both_readers_read_the_same(rich: Lab, name: str) -> None:
    def told() -> Any:
        return iproute2.namespace(rich, name)

    (native, other), _ = _settled(
        rich, name, lambda: (_tables(rich, name, NativeReader), _tables(rich, name, Pyroute2Reader)), told
    )
    assert list(native.tables.links) == list(other.tables.links)
    assert native.tables.links == other.tables.links
    for rows in _ROWS:
        ours, theirs = getattr(native.tables, rows), getattr(other.tables, rows)
        if rows == "routes":
            ours = tuple(_without_nexthop_object(route) for route in ours)
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs)), rows
    assert native.tables.unknown == other.tables.unknown == ()
    told_by_both = {i: row[:_TOLD_BY_PYROUTE2] for i, row in native.counters.items()}
    assert told_by_both == {i: row[:_TOLD_BY_PYROUTE2] for i, row in other.counters.items()}


@pytest.mark.parametrize("make", [NativeReader, Pyroute2Reader])
def test_counters_alone_are_those_of_the_tables(rich: Lab, make: MakeReader) -> None:
    def both(reader: Reader) -> Any:
        counters = reader.counters()
        assert reader.counters_of({2, 1, 99999}).keys() == {1, 2}
        return {ifindex: stats_of(row) for ifindex, row in counters.items()}, reader.tables().counters

    (alone, within), _ = _settled(
        rich, "host", lambda: _in(rich, "host", make, both), lambda: iproute2.namespace(rich, "host")["links"]
    )
    assert alone == within


def test_the_cookie_is_one_identity_for_both_readers(rich: Lab) -> None:
    cookies = {name: _in(rich, name, NativeReader, lambda reader: reader.cookie()) for name in NAMES}
    assert len(set(cookies.values())) == len(NAMES)
    assert cookies["host"] == _in(rich, "host", Pyroute2Reader, lambda reader: reader.cookie())


@pytest.mark.parametrize("name", NAMES)
def test_addresses_have_what_ip_says_beyond_the_contract(rich: Lab, name: str) -> None:
    def told() -> list[tuple[Any, ...]]:
        rows = [(row["ifindex"], address) for row in rich.show(name, "-d", "addr") for address in row["addr_info"]]
        return sorted((_told_address(ifindex, address) for ifindex, address in rows), key=repr)

    read, said = _settled(rich, name, lambda: _tables(rich, name), told)
    assert sorted((_address(address) for address in read.tables.addresses), key=repr) == said


def _told_address(ifindex: int, row: dict[str, Any]) -> tuple[Any, ...]:
    flags = {word for word in _ADDRESS_FLAGS.values() if word in row}
    # The lifetime tells what `ip` calls "dynamic".
    return ifindex, row["local"], row.get("address"), row.get("broadcast"), row.get("label"), flags, "dynamic" in row


def _address(address: Address) -> tuple[Any, ...]:
    # Bit 1 is "secondary" for IPv4 and "temporary" for IPv6.
    flags = {word for bit, word in _ADDRESS_FLAGS.items() if address.flags & bit}
    dynamic = not address.flags & 0x80
    return address.ifindex, address.address, address.peer, address.broadcast, address.label, flags, dynamic


@pytest.mark.parametrize(("family", "option"), [(Family.INET, "-4"), (Family.INET6, "-6")])
def test_routes_have_what_ip_says_beyond_the_contract(rich: Lab, family: Family, option: str) -> None:
    def told() -> list[tuple[Any, ...]]:
        return sorted((_told_route(row) for row in rich.show("rt", "-d", option, "route", "show", "table", "all")), key=repr)

    read, said = _settled(rich, "rt", lambda: _tables(rich, "rt"), told)
    seen = [_route(route) for route in read.tables.routes if route.family is family]
    assert sorted(seen, key=repr) == said


def _told_route(row: dict[str, Any]) -> tuple[Any, ...]:
    metrics = {name: value for metric in row.get("metrics", []) for name, value in metric.items()}
    tos = int(row.get("tos", "0"), 16)
    hops = [tuple(hop["flags"]) for hop in row.get("nexthops", [])]
    return row["dst"], row["table"], row.get("from"), tos, tuple(row["flags"]), metrics.get("mtu"), row.get("nhid"), hops


def _route(route: Route) -> tuple[Any, ...]:
    dst = route.dst.removesuffix("/32" if route.family is Family.INET else "/128")
    hops = [_hop_flags(hop.flags) for hop in route.nexthops]
    return dst, route.table, route.src, route.tos, _hop_flags(route.flags), route.mtu, route.nhid, hops


def _hop_flags(flags: int) -> tuple[str, ...]:
    return tuple(word for bit, word in _HOP_FLAGS.items() if flags & bit)


def test_rules_that_are_turned_around_say_so(rich: Lab) -> None:
    said = {row["priority"] for option in ("-4", "-6") for row in rich.show("rt", option, "rule") if "not" in row}
    rules: Sequence[Rule] = _tables(rich, "rt").tables.rules
    assert {rule.priority for rule in rules if rule.inverted} == said == {102, 105}


def test_links_have_what_ip_says_beyond_the_contract(rich: Lab) -> None:
    rows = {row["ifindex"]: row for row in rich.show("host", "-d", "-s", "-s", "link")}
    names = {row["ifname"]: row["ifindex"] for row in rows.values()}
    for link in _tables(rich, "host").tables.links.values():
        row = rows[link.ifindex]
        slave = row.get("linkinfo", {}).get("info_slave_data")
        lower = names[row["link"]] if "link" in row else row.get("link_index")
        assert (link.qdisc, link.broadcast) == (row["qdisc"], row.get("broadcast")), link.name
        assert (link.link, link.link_nsid) == (lower, row.get("link_netnsid")), link.name
        assert link.carrier_changes == row["stats64"]["tx"]["carrier_changes"], link.name
        assert (link.port and link.port.number) == (int(slave["no"], 16) if slave else None), link.name
        assert link.port_kind == row.get("linkinfo", {}).get("info_slave_kind"), link.name


def test_a_bridge_says_whether_its_frames_pass_iptables(rich: Lab) -> None:
    links = _tables(rich, "host").tables.links.values()
    assert {link.name: link.bridge.nf_call_iptables for link in links if link.bridge} == {
        "br0": False,
        "br1": True,
        "br2": False,
        "br50": False,
        "br51": False,
    }


def test_routers_among_the_neighbours_say_so(rich: Lab) -> None:
    neighbours = _tables(rich, "rt").tables.neighbours
    assert {neighbour.ip for neighbour in neighbours if neighbour.router} == {"10.1.0.16", "2001:db8:a::11"}


@pytest.mark.parametrize("make", [NativeReader, Pyroute2Reader])
def test_a_name_that_is_no_utf_8_is_kept_byte_by_byte(lab: Lab, make: MakeReader) -> None:
    lab.add("a")
    raw = b"a\xff[red]\x1b[1m"
    lab.make_link_named("a", raw)
    names = {link.name.encode("utf-8", "surrogateescape") for link in _tables(lab, "a", make).tables.links.values()}
    assert raw in names


@pytest.mark.parametrize("make", [NativeReader, Pyroute2Reader])
def test_a_link_with_all_the_names_it_may_have_hides_no_other(lab: Lab, make: MakeReader) -> None:
    lab.add("host")
    lab.ip("host", "link add a0 type veth peer name a1\n")
    lab.ip("host", "".join(f"link property add dev lo altname {number:0>127}\n" for number in range(495)))
    links = _tables(lab, "host", make).tables.links
    assert {link.name: len(link.altnames) for link in links.values()} == {"lo": 495, "a0": 0, "a1": 0}


def test_every_word_for_a_protocol_and_a_scope_is_the_one_of_ip(lab: Lab) -> None:
    lab.add("a")
    lab.ip("a", "link set lo up\n")
    lab.ip("a", "".join(f"route add 10.0.{n}.0/24 dev lo proto {n} scope {max(n, 1)} table 7\n" for n in range(254)))
    said = {row["dst"]: (row["protocol"], row["scope"]) for row in lab.show("a", "-d", "-4", "route", "show", "table", "7")}
    read = {route.dst: (route.protocol, route.scope) for route in _tables(lab, "a").tables.routes if route.table == "7"}
    newer = {dst: told for dst, told in read.items() if said[dst][0].isdecimal() and not told[0].isdecimal()}
    assert newer.keys() <= {"10.0.84.0/24"}, "words that only a newer iproute2 has"
    assert read | newer == said | newer


def _without_nexthop_object(route: Route) -> Route:
    """pyroute2 does not know RTA_NH_ID."""
    return replace(route, nhid=None)
