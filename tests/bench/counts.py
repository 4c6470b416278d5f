"""What is counted rather than timed, in a small lab; JSON on stdout: `python -m tests.bench.counts`."""

import gc
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from netview.kernel.live_source import LiveSource
from netview.live import Poller, Want
from netview.model import LinkKey, Snapshot
from tests.bench.lab import Lab
from tests.bench.machine import start_inside
from tests.bench.screen_rows import view
from tests.bench.terminal import Terminal

SIZES = 10, 40
_MANY = 1000
_BEATS = 8
_VISIBLE = 40
_MOVE = re.compile(rb"\x1b\[\d+;\d+H")


class Tally:
    """What goes through the sockets of netlink."""

    requests = received = datagrams = 0

    @classmethod
    def sent(cls, data: bytes) -> None:
        """Count the requests of one message."""
        at = 0
        while at + 16 <= len(data):
            cls.requests += 1
            at += max(16, (int.from_bytes(data[at : at + 4], sys.byteorder) + 3) & ~3)

    @classmethod
    def came(cls, size: int) -> None:
        """Count an answer."""
        cls.datagrams += 1
        cls.received += size


class CountingSocket(socket.socket):
    """A socket that counts, where it is one of netlink."""

    def send(self, data: Any, flags: int = 0) -> int:
        if self.family == socket.AF_NETLINK:
            Tally.sent(bytes(data))
        return super().send(data, flags)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        data = super().recv(bufsize, flags)
        self._count(len(data))
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        size = super().recv_into(buffer, nbytes, flags)
        self._count(size)
        return size

    def recvmsg(self, bufsize: int, ancbufsize: int = 0, flags: int = 0) -> tuple[bytes, list[tuple[int, int, bytes]], int, Any]:
        answer = super().recvmsg(bufsize, ancbufsize, flags)
        self._count(len(answer[0]))
        return answer

    def recvmsg_into(
        self, buffers: Iterable[Any], ancbufsize: int = 0, flags: int = 0
    ) -> tuple[int, list[tuple[int, int, bytes]], int, Any]:
        answer = super().recvmsg_into(buffers, ancbufsize, flags)
        self._count(answer[0])
        return answer

    def _count(self, size: int) -> None:
        if self.family == socket.AF_NETLINK:
            Tally.came(size)


def beats(lab: Lab, *, live: bool) -> dict[str, float]:
    """Requests, bytes and new objects of one beat, with as many links on the screen as it holds."""
    source = LiveSource()
    poller = Poller(source)
    snapshot = poller.step().snapshot
    poller.want(Want(visible=frozenset(islice(_links(snapshot), _VISIBLE))))
    for _ in range(3):
        poller.step()
    lab.traffic(on=live)
    gc.collect()
    gc.disable()
    counted = [_one(poller, 1.05 if live else 0.0) for _ in range(_BEATS)]
    gc.enable()
    lab.traffic(on=False)
    source.close()
    return {name: median(beat[name] for beat in counted) for name in counted[0]}


def _one(poller: Poller, wait_s: float) -> dict[str, int]:
    time.sleep(wait_s)
    requests, datagrams, received = Tally.requests, Tally.datagrams, Tally.received
    before = poller._snapshot  # Held, so that what takes its place counts as new.
    blocks = sys.getallocatedblocks()
    update = poller.step()
    blocks = sys.getallocatedblocks() - blocks
    del before, update
    return {
        "requests": Tally.requests - requests,
        "datagrams": Tally.datagrams - datagrams,
        "bytes": Tally.received - received,
        "objects": blocks,
    }


def _links(snapshot: Snapshot) -> Iterable[LinkKey]:
    return (LinkKey(place.id, ifindex) for place in snapshot.namespaces.values() for ifindex in place.links)


def screen(lab: Lab) -> dict[str, float]:
    """System calls of a second of the app, and the pieces of lines that it paints."""
    with view(lab, "2") as app:
        calls = _calls(app, 10)
        app.drain(0.1)
        quiet = len(_MOVE.findall(app.drain(5)))
        lab.traffic(on=True)
        app.rest(3)
        live = app.drain(5)
        lab.traffic(on=False)
    return {
        "calls": calls,
        "painted_quiet": quiet / 5,
        "painted_live": len(_MOVE.findall(live)) / 5,
        "written_live": len(live) / 5,
    }


def _calls(app: Terminal, seconds: float) -> float:
    out = Path("/run/calls")
    strace = ["strace", "-f", "-c", "-o", str(out), "-p", str(app.pid)]
    with subprocess.Popen(strace, stderr=subprocess.DEVNULL) as tracer:
        app.drain(seconds)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=20)
    total = next(line for line in out.read_text().splitlines() if line.endswith("total"))
    return int(total.split()[3]) / seconds


def modules(lab: Lab) -> int:
    """How many modules are imported before the first frame."""
    out = Path("/run/imports")
    with Terminal((sys.executable, "-m", "tests.bench.imports", str(out))) as app:
        shown_at = app.until(lambda text: "netview" in text and "q quit" in text)
        app.until(lambda text: f"{len(lab.containers) + 1} namespaces" in text)
    return sum(float(line.split()[0]) < shown_at for line in out.read_text().splitlines())


def unresolved() -> int:
    """Wires of a large host whose other end is not known."""
    source = LiveSource()
    snapshot = Poller(source).step().snapshot
    source.close()
    return 2 * _MANY - sum(end.namespace is not None for end in snapshot.peers.values())


def counted() -> dict[str, Any]:
    """All of it."""
    socket.socket = CountingSocket  # type: ignore[misc]
    answer: dict[str, Any] = {}
    with Lab() as lab:
        for size in SIZES:
            lab.grow(size)
            time.sleep(1)
            answer[f"quiet {size}"] = beats(lab, live=False)
            answer[f"live {size}"] = beats(lab, live=True)
        answer |= screen(lab) | {"modules": modules(lab)}
        lab.grow(_MANY)
        answer["unresolved"] = unresolved()
    return answer


def ask() -> dict[str, Any]:
    """The same, from outside."""
    with start_inside(["tests.bench.counts"], subprocess.PIPE) as process:
        try:
            told = process.communicate(timeout=180)[0]
        finally:
            process.kill()
    answer: dict[str, Any] = json.loads(told)
    return answer


if __name__ == "__main__":
    print(json.dumps(counted()))  # noqa: T201
