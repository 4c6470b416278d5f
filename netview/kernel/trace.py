"""Packets traced through the rules of some namespaces: the one thing that netview ever adds to a host."""

import errno
import os
import socket
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from select import POLLIN, poll
from typing import TYPE_CHECKING, NamedTuple

from netview.decode.netlink import HEADER, NLMSG_ERROR, MalformedError, error_code, messages
from netview.decode.nsid import RTM_NEWNSID, assign
from netview.decode.trace import NFNLGRP_NFTRACE, TRACE, trace_hit
from netview.decode.trace_table import Message, table_messages
from netview.kernel.discover import Sighting
from netview.kernel.guest import Guest
from netview.kernel.netlink import RouteSocket
from netview.kernel.place import HERE
from netview.kernel.rulesets import has_nftables, ruleset
from netview.model import NamespaceId
from netview.model.trace import Traced, TraceMatch

if TYPE_CHECKING:
    from netview.model.ruleset import Ruleset

_SOL_NETLINK, _ADD_MEMBERSHIP, _LISTEN_ALL_NSID = 270, 1, 8
_SO_RCVBUFFORCE = 33
_NETFILTER = 12
_BUFFER = 8 * 2**20
_RECEIVE = 65536
_NSID = struct.Struct("=i")
_AT_ONCE = 1_000
"""Datagrams that are read before anything else is looked at."""
_LOOK_S = 0.1
"""So often it is looked whether the namespaces that hold a table are anybody's still."""
_TIMEOUT = struct.pack("@ll", 2, 0)


class TraceError(Exception):
    """Why nothing can be traced; the message is one line."""


class Target(NamedTuple):
    """A namespace to trace in."""

    inode: int
    matches: Sequence[TraceMatch] = ()
    """What is armed there; empty: only what others have armed is read."""


class _Armed(NamedTuple):
    """A table, which ends with its sockets."""

    sighting: Sighting | None
    sockets: tuple[socket.socket, ...]


class Trace:
    """Adds its table to namespaces, and reads what the kernel traces in them; for one thread, which `close` must be called in.

    A table goes with the socket that it belongs to (NFT_TABLE_F_OWNER, Linux 5.12): however this process ends, none stays.
    The socket keeps its namespace alive; it is closed within 0.2 s of the end of whoever else held that.
    """

    def __init__(self, targets: Mapping[NamespaceId, Target]) -> None:
        """Raises TraceError where nothing can be heard at all."""
        self._guest = Guest()
        self._armed: dict[NamespaceId, _Armed] = {}
        self.refused: dict[NamespaceId, str] = {}
        """Why a namespace is not traced."""
        self.rulesets: dict[NamespaceId, Ruleset] = {}
        """The rules as they were when the trace began, its own left out."""
        self.lost = 0
        """How often the kernel had more to tell than could be kept."""
        self._looked_at = time.monotonic()
        self._names: dict[int, NamespaceId] = {}
        with ExitStack() as failed:
            failed.callback(self.close)
            self._hear()
            for number, (namespace, target) in enumerate(targets.items(), 1):
                try:
                    self._begin(number, namespace, target)
                except OSError as error:
                    self.refused[namespace] = _why(error)
            failed.pop_all()

    @property
    def armed(self) -> frozenset[NamespaceId]:
        """The namespaces that hold a table now."""
        return frozenset(self._armed)

    def read(self, seconds: float) -> list[Traced]:
        """What was traced, as soon as anything was; empty: nothing within so many seconds."""
        ends = time.monotonic() + seconds
        while True:
            left = ends - time.monotonic()
            self.let_go()
            if self._poll.poll(max(0.0, min(left, _LOOK_S)) * 1000):
                return list(self._received())
            if left <= 0:
                return []

    def disarm(self) -> None:
        """Remove every table; what is on its way is still told."""
        for armed in self._armed.values():
            for one in armed.sockets:
                one.close()
        self._armed.clear()

    def close(self) -> None:
        """Remove every table and let go of everything."""
        self.disarm()
        for one in ("_heard", "_numbers"):
            with suppress(AttributeError):
                getattr(self, one).close()
        self._guest.close()

    def _hear(self) -> None:
        """Hear every namespace that gets a number in a private one, which ends with these sockets."""
        try:
            with self._guest.door.inside_new():
                self._numbers = RouteSocket()
                self._heard = HERE.netlink(_NETFILTER)
                self._heard.setsockopt(_SOL_NETLINK, _LISTEN_ALL_NSID, 1)
        except OSError as error:
            raise TraceError(f"tracing takes root: {_why(error)}") from None
        with suppress(OSError):
            self._heard.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        self._heard.bind((0, 0))
        self._heard.setsockopt(_SOL_NETLINK, _ADD_MEMBERSHIP, NFNLGRP_NFTRACE)
        self._heard.setblocking(False)
        self._poll = poll()
        self._poll.register(self._heard, POLLIN)

    def _begin(self, number: int, namespace: NamespaceId, target: Target) -> None:
        with self._guest.inside(namespace, target.inode) as (descriptor, sighting):
            self._arm(namespace, target, sighting)
            # This socket is of the private namespace, wherever the thread is.
            self._numbers.request(RTM_NEWNSID, assign(descriptor, number))
        self._names[number] = namespace

    def _arm(self, namespace: NamespaceId, target: Target, sighting: Sighting | None) -> None:
        """Read the rules and add the table, in the namespace that the thread is in."""
        rules = self.rulesets[namespace] = ruleset()
        if not target.matches:
            return
        if not has_nftables():
            raise OSError(errno.EPROTONOSUPPORT, "it has no nftables, and loading them would change the host")
        families = {family for family, _, _ in rules.chains}
        with ExitStack() as undone:
            made = []
            for bridge in (False, True) if "bridge" in families else (False,):
                one = undone.enter_context(HERE.netlink(_NETFILTER))
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
                _batch(one, table_messages(table_name(), target.matches, bridge=bridge))
                made.append(one)
            undone.pop_all()
        self._armed[namespace] = _Armed(sighting, tuple(made))

    def let_go(self) -> None:
        """Let go of namespaces that nobody else leads to any more; `read` does so as well."""
        now = time.monotonic()
        if now < self._looked_at + _LOOK_S:
            return
        self._looked_at = now
        for namespace, armed in list(self._armed.items()):
            if not self._guest.is_held(armed.sighting):
                del self._armed[namespace]
                for one in armed.sockets:
                    one.close()
                self.refused[namespace] = "it has ended"

    def _received(self) -> Iterator[Traced]:
        """What waits; a datagram that is not understood is passed over."""
        for _ in range(_AT_ONCE):
            try:
                data, ancillary, _, _ = self._heard.recvmsg(_RECEIVE, 64)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                self.lost += 1
                continue
            at = time.time()
            namespace = next((self._names.get(_NSID.unpack(value)[0]) for _, kind, value in ancillary if kind == 8), None)
            if namespace is None:
                continue
            with suppress(MalformedError):
                for kind, _, begin, end in messages(data):
                    if kind == TRACE:
                        yield Traced(at, namespace, trace_hit(data, begin, end))


def table_name() -> str:
    """What the tables of this process are called."""
    return f"netview_{os.getpid()}"


def _batch(asked: socket.socket, batch: Sequence[Message]) -> None:
    """Send messages as one transaction; raises OSError."""
    numbered = enumerate(batch, 1)
    asked.send(b"".join(HEADER.pack(16 + len(body), kind, flags, number, 0) + body for number, (kind, flags, body) in numbered))
    awaited = len(batch) - 2  # The begin and the end of a batch are not acknowledged.
    while awaited > 0:
        data = asked.recv(_RECEIVE)
        for kind, _, at, _ in messages(data):
            if kind == NLMSG_ERROR:
                awaited -= 1
                code = error_code(data, at)
                if code:
                    raise OSError(code, os.strerror(code))


def _why(error: OSError) -> str:
    return error.strerror or str(error)
