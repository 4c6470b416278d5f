"""Truncated, mangled and made-up bytes: every decoder answers or raises its own documented error, and no other."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroute2.netlink.rtnl.fibmsg import fibmsg
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ndmsg import ndmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

from netview.decode import ipset, iptables, nftables
from netview.decode.address import address
from netview.decode.link import link
from netview.decode.neighbour import fdb_entry, neighbour
from netview.decode.netlink import MalformedError, attribute_list, attributes, error_code, messages
from netview.decode.nsid import nsid
from netview.decode.route import resolved, route, rule
from netview.decode.sock_diag import IPPROTO_TCP, inet_socket
from netview.decode.stats import link_stats64, other_stats, stats
from tests.decode.messages import HEADER, encoded, link_message

Decode = Callable[[bytes, int, int], Any]
_INFO = iptables.INFO.pack(b"filter", 14, *([0] * 12))
_DECODERS: dict[str, Decode] = {
    "link": link,
    "address": address,
    "route": route,
    "rule": rule,
    "neighbour": neighbour,
    "fdb_entry": fdb_entry,
    "nsid": nsid,
    "inet_socket": lambda data, at, end: inet_socket(IPPROTO_TCP, data, at, end),
    "error_code": lambda data, at, _: error_code(data, at),
    "resolved": resolved,
    "chain": nftables.chain,
    "nft_rule": nftables.rule,
    "set_key": nftables.set_key,
    "element": nftables.element,
    "generation": nftables.generation,
    "ipset": ipset.header,
    "iptables": lambda data, at, end: iptables.chains("ip", _INFO, data[at:end]),
    "ip6tables": lambda data, at, end: iptables.chains("ip6", data[at:end], data[at:end]),
    "messages": lambda data, at, end: list(messages(data[at:end])),
    "attributes": attributes,
    "attribute_list": lambda data, at, end: attribute_list(data[at:end]),
    "stats": lambda data, at, end: stats(data[at:end], {}),
    "other_stats": lambda data, at, end: other_stats(data[at:end], {}),
    "link_stats64": lambda data, at, end: link_stats64(data[at:end]),
}


def _message(made: Any, kind: int, attrs: list[tuple[str, Any]], **fields: int) -> bytes:
    made["header"]["type"] = kind
    for name, value in fields.items():
        made[name] = value
    made["attrs"] = attrs
    return encoded(made)


_BRIDGE = [
    ("IFLA_BR_BRIDGE_ID", {"prio": 128, "addr": "02:42:d8:e4:df:c1"}),
    ("IFLA_BR_ROOT_ID", {"prio": 128, "addr": "02:42:d8:e4:df:c1"}),
    ("IFLA_BR_AGEING_TIME", 30000),
]
_VALID: dict[str, bytes] = {
    "bridge": link_message("bridge", _BRIDGE, ("IFLA_ADDRESS", "02:42:d8:e4:df:c1"), ("IFLA_OPERSTATE", "UP")),
    "vxlan": link_message("vxlan", [("IFLA_VXLAN_ID", 42), ("IFLA_VXLAN_GROUP", "192.0.2.8"), ("IFLA_VXLAN_PORT", 4789)]),
    "veth": link_message("veth", [], ("IFLA_LINK", 6), ("IFLA_LINK_NETNSID", 0), ("IFLA_MASTER", 3), ("IFLA_CARRIER", 1)),
    "geneve": link_message("geneve", [("IFLA_GENEVE_ID", 77), ("IFLA_GENEVE_REMOTE", "192.0.2.1")]),
    "address": _message(
        ifaddrmsg(),
        20,
        [("IFA_ADDRESS", "10.0.0.2"), ("IFA_LOCAL", "10.0.0.1"), ("IFA_LABEL", "eth0"), ("IFA_FLAGS", 128)],
        family=2,
        prefixlen=24,
        index=7,
    ),
    "route": _message(
        rtmsg(),
        24,
        [
            ("RTA_TABLE", 1000),
            ("RTA_DST", "10.1.0.0"),
            ("RTA_GATEWAY", "10.0.0.1"),
            ("RTA_METRICS", {"attrs": [("RTAX_MTU", 1400)]}),
        ],
        family=2,
        dst_len=16,
        table=252,
        proto=3,
        type=1,
    ),
    "rule": _message(
        fibmsg(), 32, [("FRA_TABLE", 100), ("FRA_PRIORITY", 7), ("FRA_SRC", "10.0.0.0")], family=2, src_len=8, action=1
    ),
    "neighbour": _message(
        ndmsg(), 28, [("NDA_DST", "10.0.0.9"), ("NDA_LLADDR", "02:42:ac:11:00:02")], family=2, ifindex=7, state=2
    ),
    "fdb": _message(
        ndmsg(),
        28,
        [("NDA_LLADDR", "02:42:ac:11:00:02"), ("NDA_VLAN", 5), ("NDA_DST", "192.0.2.9")],
        family=7,
        ifindex=7,
        state=2,
    ),
}


@pytest.mark.parametrize("decode", _DECODERS.values(), ids=_DECODERS.keys())
@given(data=st.binary(max_size=300))
def test_made_up_bytes_raise_nothing_else(decode: Decode, data: bytes) -> None:
    with suppress(MalformedError):
        decode(data, 0, len(data))


@pytest.mark.parametrize("decode", _DECODERS.values(), ids=_DECODERS.keys())
@given(name=st.sampled_from(sorted(_VALID)), where=st.integers(min_value=0))
def test_a_truncated_message_raises_nothing_else(decode: Decode, name: str, where: int) -> None:
    whole = _VALID[name]
    data = whole[: where % len(whole)]
    with suppress(MalformedError):
        decode(data, min(HEADER, len(data)), len(data))


@pytest.mark.parametrize("decode", _DECODERS.values(), ids=_DECODERS.keys())
@given(
    name=st.sampled_from(sorted(_VALID)),
    changes=st.lists(st.tuples(st.integers(min_value=HEADER), st.integers(0, 255)), max_size=6),
)
def test_a_mangled_message_raises_nothing_else(decode: Decode, name: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(_VALID[name])
    for where, value in changes:
        data[HEADER + where % (len(data) - HEADER)] = value
    with suppress(MalformedError):
        decode(bytes(data), HEADER, len(data))


@pytest.mark.parametrize("name", _VALID)
def test_every_cut_of_a_valid_message_is_answered_or_malformed(name: str) -> None:
    whole = _VALID[name]
    for decode in _DECODERS.values():
        for end in range(HEADER, len(whole) + 1):
            with suppress(MalformedError):
                decode(whole[:end], HEADER, end)
