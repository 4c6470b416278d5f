"""Frames at links of any namespaces, by rings that the kernel fills (AF_PACKET, TPACKET_V3); no link is made promiscuous."""

import ctypes
import errno
import mmap
import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from select import POLLIN, poll
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from netview.kernel.connections import is_told, picked
from netview.kernel.guest import Guest
from netview.kernel.rulesets import NetfilterSocket
from netview.model import Flow, LinkKey
from netview.model.connection import Ends
from netview.model.packet import Frame

if TYPE_CHECKING:
    from netview.kernel.discover import Sighting

_SOL_PACKET = 263
_STATISTICS, _RX_RING, _VERSION = 6, 5, 10
_V3 = 2
_SO_ATTACH_FILTER = 26
_ETH_P_ALL = 0x0003
_REQUEST = Struct("@7I")
_BLOCK, _SMALLEST = 1 << 20, 1 << 16
_FRAME = 1 << 11
_RETIRE_MS = 20
"""A block that is not full is handed over after so long."""
_MEMORY = 32 * _BLOCK
"""Of all rings together."""
_HEAD = Struct("=8x5I")
_PACKET = Struct("=6I2H4xIH")
_USER, _VLAN = 1, 0x10
_OUTGOING = 4
_KIND = 48 + 10
"""Where a packet's direction stands: struct sockaddr_ll follows struct tpacket3_hdr."""
_COUNTED = Struct("@3I")
_PROGRAM = Struct("@HP")
_LOOK_S = 0.1


class CaptureError(Exception):
    """Why nothing can be captured; the message is one line."""


class Point(NamedTuple):
    """A link to capture at."""

    link: LinkKey
    inode: int
    """Of its namespace."""


class Counted(NamedTuple):
    """What the kernel says of one point."""

    received: int
    lost: int
    """For which the ring had no room."""


class _Ring:
    """The frames of one link: a socket and the memory that the kernel fills."""

    def __init__(self, ifindex: int, size: int, blocks: int, program: bytes) -> None:
        """`size`: bytes of each block."""
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        try:
            self._size, self._blocks = size, blocks
            self._next = 0
            self.socket.setsockopt(_SOL_PACKET, _VERSION, _V3)
            request = _REQUEST.pack(size, blocks, _FRAME, blocks * size // _FRAME, _RETIRE_MS, 0, 0)
            self.socket.setsockopt(_SOL_PACKET, _RX_RING, request)
            if program:
                kept = ctypes.create_string_buffer(program)
                self.socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, _attached(len(program) // 8, ctypes.addressof(kept)))
            self._memory = mmap.mmap(self.socket.fileno(), blocks * size, mmap.MAP_SHARED | mmap.MAP_POPULATE)
            # Bound last: nothing arrives before the filter stands.
            self.socket.bind((socket.if_indextoname(ifindex), _ETH_P_ALL))
        except OSError:
            self.socket.close()
            raise
        self.hardware = self.socket.getsockname()[3]
        self.counted = Counted(0, 0)

    def frames(self, point: int) -> Iterator[Frame]:
        """What has come, block for block, once round at most; each block is given back once all of it was taken."""
        memory = self._memory
        for _ in range(self._blocks):
            base = self._next * self._size
            status, count, first, _, _ = _HEAD.unpack_from(memory, base)
            if not status & _USER:
                return
            at = base + first
            for _ in range(count):
                following, seconds, nanos, kept, length, told, mac, net, tag, protocol = _PACKET.unpack_from(memory, at)
                begin = at + mac
                data = memory[begin : begin + kept]
                network = net - mac
                if told & _VLAN:
                    # The kernel keeps a frame's VLAN tag beside it.
                    data = data[:12] + protocol.to_bytes(2, "big") + tag.to_bytes(2, "big") + data[12:]
                    network, length = network + 4, length + 4
                outgoing = memory[at + _KIND] == _OUTGOING
                yield Frame(point, seconds * 1_000_000_000 + nanos, length, network, outgoing, data)
                at += following
            memory[base + 8 : base + 12] = b"\0\0\0\0"
            self._next = (self._next + 1) % self._blocks

    @property
    def is_gone(self) -> bool:
        """Whether the link was removed, or went to another namespace."""
        return not self.socket.getsockname()[0]

    def count(self) -> Counted:
        """What was received and lost since the begin."""
        told = self.socket.getsockopt(_SOL_PACKET, _STATISTICS, _COUNTED.size)
        received, lost, _ = _COUNTED.unpack(told)
        # Reading them sets them to zero; what was lost is among what was received.
        self.counted = Counted(self.counted.received + received - lost, self.counted.lost + lost)
        return self.counted

    def close(self) -> None:
        """Let go of the link and of the memory."""
        self.socket.close()
        self._memory.close()


class Capture:
    """Captures at some links, for one thread; it keeps their namespaces alive, at most 0.2 s longer than anybody else does."""

    def __init__(self, points: Sequence[Point], program: bytes = b"") -> None:
        """`program`: of classic BPF; empty: everything. Raises CaptureError where not one point can be captured at."""
        self._guest = Guest()
        self._rings: dict[int, tuple[_Ring, Sighting | None]] = {}
        self._points = points
        self.refused: dict[int, str] = {}
        """Why nothing is captured at a point, or not any more."""
        self._counted: dict[int, Counted] = {}
        self._tracking: dict[int, NetfilterSocket] = {}
        self._looked_at = time.monotonic()
        self._last: list[Frame] = []
        """Of points that were let go."""
        self._poll = poll()
        with ExitStack() as failed:
            failed.callback(self.close)
            size, blocks = _shares(len(points))
            for index, point in enumerate(points):
                try:
                    with self._guest.inside(point.link.namespace, point.inode) as (_, sighting):
                        ring = _Ring(point.link.ifindex, size, blocks, program)
                        self._rings[index] = ring, sighting
                        self._poll.register(ring.socket, POLLIN)
                        # Without a socket to ask with, what is translated is told by what a translation leaves.
                        with suppress(OSError):
                            if is_told():
                                self._tracking[index] = NetfilterSocket()
                except OSError as error:
                    self.refused[index] = _why(error)
            if not self._rings:
                raise CaptureError(f"nothing can be captured: {next(iter(self.refused.values()), 'there is no point')}")
            failed.pop_all()

    @property
    def open(self) -> frozenset[int]:
        """The points that are captured at now."""
        return frozenset(self._rings)

    @property
    def hardware(self) -> Mapping[int, int]:
        """The kind of each link (ARPHRD_*), which says what its frames begin with."""
        return {index: ring.hardware for index, (ring, _) in self._rings.items()}

    def read(self, seconds: float) -> Iterator[Frame]:
        """What was captured, of one point after the other, as soon as there is anything; nothing after so many seconds."""
        ends = time.monotonic() + seconds
        while True:
            left = ends - time.monotonic()
            self.let_go()
            if self._last or not self._rings:
                last, self._last = self._last, []
                yield from last
                return
            if self._poll.poll(max(0.0, min(left, _LOOK_S)) * 1000):
                for index, (ring, _) in list(self._rings.items()):
                    yield from ring.frames(index)
                return
            if left <= 0:
                return

    def counts(self) -> Mapping[int, Counted]:
        """By point, of those that were let go as well."""
        self._counted |= {index: ring.count() for index, (ring, _) in self._rings.items()}
        return dict(self._counted)

    def translated(self, point: int, flow: Flow) -> frozenset[Ends]:
        """What the namespace of a point makes of a flow, by the connections that it keeps track of."""
        socket = self._tracking.get(point)
        if socket is None:
            return frozenset()
        try:
            there, back = picked(socket, flow), picked(socket, flow, replies=True)
        except OSError:
            return frozenset()
        return frozenset({one.reply.turned for one in there} | {one.original.turned for one in back})

    def close(self) -> None:
        """Let go of everything."""
        self.counts()
        for index in list(self._rings):
            self._end(index)
        self._guest.close()

    def let_go(self) -> None:
        """Let go of namespaces that nobody else leads to any more; `read` does so as well."""
        now = time.monotonic()
        if now < self._looked_at + _LOOK_S:
            return
        self._looked_at = now
        ended = {index: why for index, (ring, sighting) in self._rings.items() if (why := self._ended(ring, sighting))}
        if ended:
            time.sleep(2 * _RETIRE_MS / 1000)  # What they saw last is in blocks that are not full.
        for index, why in ended.items():
            ring, _ = self._rings[index]
            self._last += ring.frames(index)
            self._counted[index] = ring.count()
            self._end(index)
            self.refused[index] = why

    def _ended(self, ring: _Ring, sighting: "Sighting | None") -> str | None:
        failed = ring.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if ring.is_gone:
            return "the link is gone"
        # A link that is set down may come up again.
        if failed and failed != errno.ENETDOWN:
            return os.strerror(failed)
        return None if self._guest.is_held(sighting) else "it has ended"

    def _end(self, index: int) -> None:
        ring, _ = self._rings.pop(index)
        with suppress(KeyError):
            self._poll.unregister(ring.socket)
        ring.close()
        tracking = self._tracking.pop(index, None)
        if tracking is not None:
            tracking.close()


def _why(error: OSError) -> str:
    """What the kernel says, and what would help."""
    told = error.strerror or str(error)
    denied = error.errno in {errno.EPERM, errno.EACCES}
    return f"{told}: it takes root, or CAP_NET_RAW and, in other namespaces, CAP_SYS_ADMIN" if denied else told


def _shares(points: int) -> tuple[int, int]:
    """Bytes of a block, and blocks, of each ring: all together are no more than the memory. Raises CaptureError."""
    size = _BLOCK
    while 2 * size * points > _MEMORY:
        size //= 2
    if size < _SMALLEST:
        raise CaptureError(f"{points} links are more than can be captured at together: {_MEMORY // _SMALLEST // 2}")
    return size, _MEMORY // size // max(1, points)


def _attached(count: int, address: int) -> bytes:
    """Struct sock_fprog."""
    return _PROGRAM.pack(count, address)
