"""An engine that tells of its events is asked when it does, and hardly ever else."""

import contextlib
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from netview.runtimes import docker
from netview.runtimes.docker import DockerEngine
from netview.runtimes.event_stream import TARGET
from tests.runtimes.bearing import Bearing
from tests.runtimes.servers import FakeDocker, container

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = b'2c\r\n{"Type":"container","Action":"rename","id":1}\r\n'


class Telling(FakeDocker):
    """A Docker that serves many clients at once, and those that ask for events with what is told them."""

    def __init__(self, path: str, *, endless: bool = False) -> None:
        super().__init__(container(1))
        self.streams: list[socket.socket] = []
        self._endless = endless
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(8)
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    @property
    def rounds(self) -> int:
        return self.asked.count("/containers/json")

    def tell(self) -> None:
        for stream in self.streams:
            stream.sendall(EVENT)

    def hang_up(self) -> None:
        for stream in self.streams:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
            stream.close()
        self.streams.clear()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        self._threads[0].join(5)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._client, args=(client,), daemon=True))
            self._threads[-1].start()

    def _client(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if TARGET.encode() not in client.recv(4096, socket.MSG_PEEK):
                with client:
                    self(client)
                return
            client.recv(4096)
            client.sendall(HEAD)
            self.streams.append(client)
            while self._endless:
                client.sendall(EVENT * 1000)


@pytest.fixture
def place() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="nv-")
    yield f"{folder}/s"
    shutil.rmtree(folder)


@contextlib.contextmanager
def asked(path: str) -> Iterator[DockerEngine]:
    engine = DockerEngine(path)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()
        engine._thread.join(5)
        assert not engine._thread.is_alive()


@pytest.fixture(autouse=True)
def _borne_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "witness", Bearing())
    monkeypatch.setattr(docker, "INTERVAL_S", 0.1)
    monkeypatch.setattr(docker, "_LEAST_APART_S", 0.1)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def settled(told: Telling) -> int:
    """How many rounds there were once no more come."""
    until(lambda: bool(told.streams))
    before = -1
    while before != told.rounds:
        before = told.rounds
        time.sleep(0.5)
    return before


def test_nothing_is_asked_while_nothing_happens(place: str) -> None:
    told = Telling(place)
    with asked(place):
        rounds = settled(told)
        time.sleep(1.0)
        assert told.rounds == rounds
    told.close()


def test_what_happens_is_asked_for_at_once(place: str) -> None:
    told = Telling(place)
    with asked(place) as engine:
        settled(told)
        told.holds(container(1, Name="/renamed"), container(2))
        told.tell()
        until(lambda: {one.owner.name for one in engine.answer().containers} == {"renamed", "box-2"})
    told.close()


def test_one_that_tells_without_end_is_asked_no_oftener_than_before(place: str) -> None:
    told = Telling(place, endless=True)
    with asked(place):
        until(lambda: bool(told.streams))
        before = told.rounds
        time.sleep(1.0)
        assert told.rounds - before <= 11
    told.close()


def test_one_that_hangs_up_is_asked_as_ever_and_listened_to_again(place: str) -> None:
    told = Telling(place)
    with asked(place) as engine:
        settled(told)
        told.hang_up()
        until(lambda: bool(told.streams))
        told.holds(container(3))
        told.tell()
        until(lambda: [one.owner.name for one in engine.answer().containers] == ["box-3"])
    told.close()


def test_stopping_waits_for_no_event(place: str) -> None:
    told = Telling(place)
    with asked(place) as engine:
        settled(told)
        engine.stop()
        engine._thread.join(docker.IDLE_S / 2)
        assert not engine._thread.is_alive()
    told.close()
