"""Engines that exist for a test alone: a unix socket, a thread, and whatever manners the test gives them."""

import contextlib
import itertools
import json
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

Behaviour = Callable[[socket.socket], None]
LONGEST_S = 8.0
"""No server of a test lives longer than this after its client."""


@contextlib.contextmanager
def server(behave: Behaviour) -> Iterator[str]:
    """The path of a socket that behaves so towards every client, one after the other."""
    # Not tmp_path: a socket's path may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="nv-") as folder, serving(f"{folder}/s", behave):
        yield f"{folder}/s"


@contextlib.contextmanager
def serving(path: str, behave: Behaviour) -> Iterator[None]:
    """The same at a path of the caller's."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(8)
        thread = threading.Thread(target=_serve, args=(listener, behave), daemon=True)
        thread.start()
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(LONGEST_S)
            Path(path).unlink()
    assert not thread.is_alive()


def _serve(listener: socket.socket, behave: Behaviour) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client, contextlib.suppress(OSError):
            client.settimeout(LONGEST_S)
            behave(client)


def silent(client: socket.socket) -> None:
    """Accept, and say nothing."""
    while client.recv(4096):
        pass


def says(data: bytes) -> Behaviour:
    """Say this to whatever is asked, and hang up."""

    def behave(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(data)

    return behave


def half_closes(data: bytes) -> Behaviour:
    """Say this, close the one direction, and keep the other open."""

    def behave(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        silent(client)

    return behave


def drips(data: bytes, seconds: float) -> Behaviour:
    """Say this byte by byte."""

    def behave(client: socket.socket) -> None:
        client.recv(4096)
        pause = threading.Event()
        for byte in itertools.islice(data, int(LONGEST_S / seconds)):
            client.sendall(bytes([byte]))
            pause.wait(seconds)

    return behave


def endless(start: bytes, piece: bytes) -> Behaviour:
    """Say the start, then the piece again and again, until nobody listens or 512 MiB are told."""

    def behave(client: socket.socket) -> None:
        client.recv(4096)
        client.sendall(start)
        block = piece * (2**16 // len(piece))
        for _ in range(2**13):
            client.sendall(block)

    return behave


def response(body: bytes, status: str = "200 OK") -> bytes:
    """One answer in HTTP."""
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


class FakeDocker:
    """An engine that answers from a table and remembers what it was asked."""

    def __init__(self, *containers: Mapping[str, object]) -> None:
        self.asked: list[str] = []
        self.clients = 0
        self.answers: dict[str, bytes | None] = {}
        self.holds(*containers)

    def holds(self, *containers: Mapping[str, object]) -> None:
        """From now on these containers run."""
        entries = [{"Id": c["Id"], "Names": [c["Name"]], "State": "running", "Status": "Up 1 second"} for c in containers]
        answers: dict[str, bytes | None] = {f"/containers/{c['Id']}/json": response(json.dumps(c).encode()) for c in containers}
        self.answers = answers | {"/containers/json": response(json.dumps(entries).encode())}

    def __call__(self, client: socket.socket) -> None:
        """Serve one client; a target whose answer is None is never answered."""
        self.clients += 1
        while request := client.recv(4096):
            target = request.split(b" ", 2)[1].decode()
            self.asked.append(target)
            answer = self.answers.get(target, response(b"{}", "404 Not Found"))
            if answer is None:
                silent(client)
                return
            client.sendall(answer)


def container(number: int, **others: object) -> dict[str, object]:
    """An inspected container as Docker tells it, with the parts that netview reads and some that it does not."""
    values: dict[str, object] = {
        "Id": f"{number:064x}",
        "Name": f"/box-{number}",
        "State": {"Status": "running", "Running": True, "Pid": 1000 + number},
        "HostConfig": {"NetworkMode": "default"},
        "NetworkSettings": {
            "SandboxKey": f"/var/run/docker/netns/{number:012x}",
            "Networks": {"bridge": {"IPAddress": "172.17.0.2"}},
            "Ports": {},
        },
        "Config": {"Labels": {"a": "b"}},
    }
    return values | others
