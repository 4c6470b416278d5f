"""Which families have rules in the namespace that the thread is in; reading them loads no module and makes no table."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from struct import Struct

from netview.decode.netlink import attributes
from netview.kernel.netlink import RouteSocket

_NFNL_NFTABLES = 10
_NEWCHAIN, _GETCHAIN = (_NFNL_NFTABLES << 8) | 3, (_NFNL_NFTABLES << 8) | 4
_NEWRULE, _GETRULE = (_NFNL_NFTABLES << 8) | 6, (_NFNL_NFTABLES << 8) | 7
_HEADER = Struct("=BBH")
_CHAIN_POLICY = 5
_FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_NET = "/proc/thread-self/net"
_NETFILTER = 12


class NetfilterSocket(RouteSocket):
    """NETLINK_NETFILTER."""

    protocol = _NETFILTER


def ruled() -> frozenset[str]:
    """Families with rules or chains that drop; raises OSError."""
    return frozenset((*_nft(), *_legacy()))


def _nft() -> Iterator[str]:
    if not _listens(_NETFILTER):
        return  # Asking would load the module.
    with NetfilterSocket() as socket:
        for data, at, _ in socket.dump(_GETRULE, _NEWRULE, _HEADER.pack(0, 0, 0)):
            yield _FAMILIES.get(data[at], str(data[at]))
        for data, at, end in socket.dump(_GETCHAIN, _NEWCHAIN, _HEADER.pack(0, 0, 0)):
            if attributes(data, at + _HEADER.size, end).get(_CHAIN_POLICY) == bytes(4):
                yield _FAMILIES.get(data[at], str(data[at]))


def _listens(protocol: int) -> bool:
    """Whether the kernel itself has a netlink socket of a protocol here."""
    for line in Path(f"{_NET}/netlink").read_text(encoding="ascii").splitlines()[1:]:
        _, number, port, *_ = line.split()
        if (int(number), int(port)) == (protocol, 0):
            return True
    return False


def _legacy() -> Iterator[str]:
    for name, family in (("ip_tables_names", "legacy ip"), ("ip6_tables_names", "legacy ip6")):
        with suppress(FileNotFoundError):
            if Path(f"{_NET}/{name}").read_text(encoding="ascii").split():
                yield family
