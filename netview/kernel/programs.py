"""What looks at the packets of a link besides the stack: XDP, tc and tcx programs, queues that lose packets on purpose."""

import ctypes
import errno
import os
import sys
from collections.abc import Collection, Iterator
from platform import machine
from struct import Struct

from netview.decode import fields
from netview.decode.netlink import HEADER, attribute, attributes
from netview.kernel.netlink import RouteSocket

_GETLINK, _NEWQDISC, _GETQDISC, _NEWTFILTER, _GETTFILTER = 18, 36, 38, 44, 46
_IFLA_XDP, _TCA_KIND = 43, 1
_LINK, _TC = Struct("=BxHiII"), Struct("=B3xiIII")
_BODY = HEADER.size
_AT_ONCE = 16
"""So many answers about links have room in a socket."""
_SKIP_STATS = attribute(29, (8).to_bytes(4, sys.byteorder))  # IFLA_EXT_MASK
_HOOKS = {"clsact": ((0xFFFFFFF2, "ingress"), (0xFFFFFFF3, "egress")), "ingress": ((0xFFFF0000, "ingress"),)}
_FAITHFUL = frozenset(
    {
        "noqueue",
        "noop",
        "pfifo_fast",
        "pfifo",
        "bfifo",
        "fq",
        "fq_codel",
        "codel",
        "mq",
        "mqprio",
        "sfq",
        "cake",
        "clsact",
        "ingress",
    }
)
"""Queues that deliver the first packet of a flow."""
_SHARED = 0xFFFFFFFF
"""TCM_IFINDEX_MAGIC_BLOCK: stands for the link where a block of filters is on several."""
BPF_PROG_QUERY = 16
_EVERYBODY = 0xFFFFFFFF
_TCX = ((46, "ingress"), (47, "egress"))
_BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "loongarch64": 280, "s390x": 351, "ppc64le": 361}
_QUERY = Struct("=IIIIQI36x")
_libc = ctypes.CDLL(None, use_errno=True)


def programs(ifindex: int) -> tuple[str, ...]:
    """Those on a link of the namespace that the thread is in, each in a few words; raises OSError."""
    with RouteSocket() as socket:
        return (*_xdp(socket, ifindex), *_queues(socket, ifindex), *_tcx(ifindex))


def attached(ifindexes: Collection[int]) -> dict[int, tuple[str, ...]]:
    """XDP, tc and tcx programs on links of the namespace that the thread is in, as far as there are any; raises OSError.

    Disciplines are dumped once for all of them: 15 µs a link, where one by one each would take as long as all.
    """
    links = list(ifindexes)
    with RouteSocket() as socket:
        found = {ifindex: list(_tcx(ifindex)) for ifindex in links}
        for first in range(0, len(links), _AT_ONCE):
            some = links[first : first + _AT_ONCE]
            bodies = [_LINK.pack(0, 0, ifindex, 0, 0) + _SKIP_STATS for ifindex in some]
            for place, data in socket.each(_GETLINK, bodies):
                found[some[place]].extend(_xdp_of(data, _BODY, len(data)))
        queued = socket.dump(_GETQDISC, _NEWQDISC, _TC.pack(0, 0, 0, 0, 0))
        hooked = [(_TC.unpack_from(data, at)[1], _kind(data, at, end)) for data, at, end in queued]
        for ifindex, kind in hooked:
            found.setdefault(ifindex, []).extend(_filters(socket, ifindex, kind))
    return {ifindex: tuple(those) for ifindex, those in found.items() if those}


def _xdp(socket: RouteSocket, ifindex: int) -> Iterator[str]:
    answer = socket.request(_GETLINK, _LINK.pack(0, 0, ifindex, 0, 0))
    if answer is not None:
        yield from _xdp_of(*answer)


def _xdp_of(data: bytes, at: int, end: int) -> Iterator[str]:
    told = attributes(attributes(data, at + _LINK.size, end).get(_IFLA_XDP, b""))
    if 2 in told and fields.u8(told[2]):
        yield f"XDP program {fields.u32(told[4])}" if 4 in told else "an XDP program"


def _queues(socket: RouteSocket, ifindex: int) -> Iterator[str]:
    for kind in _dumped(socket, _GETQDISC, _NEWQDISC, ifindex, 0):
        if kind not in _FAITHFUL:
            yield f"queueing discipline {kind}"
        yield from _filters(socket, ifindex, kind)


def _filters(socket: RouteSocket, ifindex: int, kind: str) -> Iterator[str]:
    """Those that a discipline of this kind holds."""
    for parent, where in _HOOKS.get(kind, ()):
        filters = dict.fromkeys(_dumped(socket, _GETTFILTER, _NEWTFILTER, ifindex, parent))
        yield from (f"tc filter {name} at {where}" for name in filters)


def _dumped(socket: RouteSocket, ask: int, answer: int, ifindex: int, parent: int) -> list[str]:
    """The kinds of what is on the link, in the kernel's order."""
    # Queues are dumped of every link, whichever was asked for; filters that links share are nobody's.
    own = {ifindex, _SHARED}
    told = socket.dump(ask, answer, _TC.pack(0, ifindex, 0, parent, 0))
    return [_kind(data, at, end) for data, at, end in told if _TC.unpack_from(data, at)[1] in own]


def _kind(data: bytes, at: int, end: int) -> str:
    kind = attributes(data, at + _TC.size, end).get(_TCA_KIND)
    return "?" if kind is None else fields.name(kind)


def _tcx(ifindex: int) -> Iterator[str]:
    """Programs attached without a filter (Linux 6.6)."""
    for kind, where in _TCX:
        query = ctypes.create_string_buffer(_QUERY.pack(ifindex, kind, 0, 0, 0, 0), _QUERY.size)
        try:
            query_program(BPF_PROG_QUERY, query)
        except OSError as error:
            if error.errno in {errno.ENOSYS, errno.EINVAL, errno.ENOENT, errno.EOPNOTSUPP}:
                return  # A kernel without them.
            if error.errno == errno.EPERM and is_a_users():
                return  # Nobody with rights here can attach any: that takes rights in the first user namespace.
            raise
        count = _QUERY.unpack(query.raw)[5]
        if count:
            yield f"{count} tcx programs at {where}"


def query_program(command: int, attributes: "ctypes.Array[ctypes.c_char]") -> None:
    """bpf(2), which has no wrapper in libc; raises OSError, ENOSYS on a machine whose number of it is not known."""
    number = _BPF.get(machine())
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if _libc.syscall(number, command, attributes, len(attributes)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def is_a_users() -> bool:
    """Whether this process lives in a user namespace that somebody made, as the demo does."""
    with open("/proc/thread-self/uid_map", encoding="ascii") as file:
        return file.read().split() != ["0", "0", str(_EVERYBODY)]
