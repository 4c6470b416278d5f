"""Rules and paths of the host that is measured: what reading the rules takes, beside receiving them, and what a path takes."""

import sys
from collections.abc import Callable

from netview.decode.netlink import NLMSG_DONE
from netview.decode.nftables import GETCHAIN, GETGEN, GETRULE, GETSET, _expression
from netview.derive.build import build
from netview.derive.path.walk import walk
from netview.kernel.live_source import LiveSource
from netview.kernel.rulesets import NetfilterSocket, ruleset
from netview.live import Want
from netview.live.followed import followed
from netview.model import Flow

RULES = 5000
_EVERYTHING = bytes(4)
_DONE = NLMSG_DONE.to_bytes(2, sys.byteorder)


def rules() -> Callable[[], int]:
    """All rules, decoded anew each time."""

    def run() -> int:
        _expression.cache_clear()
        return sum(len(one.rules) for one in ruleset().chains.values())

    return run


def received() -> Callable[[], int]:
    """The same dumps, received and thrown away."""

    def run() -> int:
        taken = 0

        def take(data: bytes) -> bool:
            nonlocal taken
            taken += len(data)
            # The last message of all is an NLMSG_DONE of 20 bytes.
            return data[-16:-14] == _DONE

        with NetfilterSocket() as socket:
            socket.request(GETGEN, _EVERYTHING)
            for kind in (GETCHAIN, GETRULE, GETSET):
                socket.read(kind, _EVERYTHING, take)
        return taken

    return run


def path() -> Callable[[], int]:
    """From one container to a port of another one and back, past all rules, which were read before."""
    source = LiveSource()
    now = build(source.sample(Want()))
    ends = sorted(
        one.found.names[0] for one in now.namespaces.values() if one.found.names and one.found.names[0].startswith("bn")
    )
    by_name = {name: one for one in now.namespaces.values() for name in one.found.names}
    start, end = by_name[ends[0]], by_name[ends[-1]]
    to = next(one.address for one in end.tables.addresses if one.scope == "global")
    flow = Flow("tcp", "", to, port=80)

    def run() -> int:
        return len(followed(walk(now, start.id, flow), source.answer).hops)

    return run


def commands() -> str:
    """Rules as an engine writes them for iptables-restore: published ports and what may be forwarded to them."""
    filters, turned = [], []
    for number in range(RULES // 2):
        to, port = f"172.17.{number >> 8}.{number & 255}", 10_000 + number
        turned.append(f"-A PREROUTING ! -i docker0 -p tcp -m tcp --dport {port} -j DNAT --to-destination {to}:80")
        filters.append(f"-A FORWARD -d {to}/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT")
    return "\n".join(["*filter", *filters, "COMMIT", "*nat", *turned, "COMMIT", ""])
