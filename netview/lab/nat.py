"""Masquerade and published ports, as nftables rules."""

import errno
import socket
import struct
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from netview.lab.netns import inside

TABLE = "nat"
_MASQUERADE, _PUBLISH = "POSTROUTING", "PREROUTING"
_PRIORITY = {_MASQUERADE: 100, _PUBLISH: -100}
_REGISTER, _REGISTER_2 = 1, 2
_EQUAL, _UNEQUAL = 0, 1
_NETWORK, _TRANSPORT = 1, 2
_IIFNAME, _OIFNAME, _L4PROTO = 6, 7, 16
_DNAT = 1

Expression = dict[str, Any]


def masquerade(namespace: Path | None, source: str, inner: str) -> None:
    """Packets of this network that leave by any link but `inner` get the address of the link they leave by."""
    _add_rule(namespace, _MASQUERADE, [*_from(source), *_link(_OIFNAME, _UNEQUAL, inner), *_expression("masq")])


def publish(namespace: Path | None, inner: str, port: int, address: str, to_port: int) -> None:
    """TCP connections to `port` that come in by any link but `inner` go to that address and port."""
    to = [
        *_expression("immediate", dreg=_REGISTER, data=_value(socket.inet_aton(address))),
        *_expression("immediate", dreg=_REGISTER_2, data=_value(struct.pack("!H", to_port))),
        *_expression("nat", type=_DNAT, family=socket.AF_INET, reg_addr_min=_REGISTER, reg_proto_min=_REGISTER_2),
    ]
    _add_rule(namespace, _PUBLISH, [*_link(_IIFNAME, _UNEQUAL, inner), *_to_tcp_port(port), *to])


def _from(source: str) -> list[Expression]:
    network = IPv4Network(source)
    mask, nothing = network.netmask.packed, bytes(4)
    return [
        *_expression("payload", dreg=_REGISTER, base=_NETWORK, offset=12, len=4),
        *_expression("bitwise", sreg=_REGISTER, dreg=_REGISTER, len=4, mask=_value(mask), xor=_value(nothing)),
        *_compare(_EQUAL, network.network_address.packed),
    ]


def _to_tcp_port(port: int) -> list[Expression]:
    return [
        *_expression("meta", key=_L4PROTO, dreg=_REGISTER),
        *_compare(_EQUAL, bytes([socket.IPPROTO_TCP])),
        *_expression("payload", dreg=_REGISTER, base=_TRANSPORT, offset=2, len=2),
        *_compare(_EQUAL, struct.pack("!H", port)),
    ]


def _link(key: int, operator: int, name: str) -> list[Expression]:
    return [*_expression("meta", key=key, dreg=_REGISTER), *_compare(operator, name.encode().ljust(16, b"\0"))]


def _compare(operator: int, value: bytes) -> list[Expression]:
    return _expression("cmp", sreg=_REGISTER, op=operator, data=_value(value))


def _value(raw: bytes) -> Expression:
    return {"attrs": [("NFTA_DATA_VALUE", raw)]}


def _expression(kind: str, **attributes: object) -> list[Expression]:
    from pyroute2.nftables.expressions import genex  # noqa: PLC0415 - 120 ms and more to import

    return [genex(kind, attributes)]


def _add_rule(namespace: Path | None, chain: str, expressions: list[Expression]) -> None:
    from pyroute2.nftables.main import NFTables  # noqa: PLC0415 - as above

    with inside(namespace):
        nft = NFTables()
    with nft:
        known = len(nft.get_rules())
        nft.table("add", name=TABLE)
        nft.chain("add", table=TABLE, name=chain, type="nat", hook=chain.lower(), priority=_PRIORITY[chain], policy=1)
        nft.rule("add", table=TABLE, chain=chain, expressions=(expressions,))
        # pyroute2 sends a transaction without waiting for the kernel's answer: the rules tell whether it was taken.
        if len(nft.get_rules()) != known + 1:
            raise OSError(errno.EOPNOTSUPP, "the rule is not there after it was added", f"nftables {chain.lower()}")
