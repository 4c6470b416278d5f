"""Engines that come and go: found where their processes listen, each asked by itself."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from netview.model import Process, Runtime, Sample
from netview.runtimes import docker, engines
from netview.runtimes.docker import DockerEngine
from netview.runtimes.engines import Engines
from tests.factories import HOME, NGINX_1, a_sample, found
from tests.runtimes.bearing import Bearing
from tests.runtimes.servers import FakeDocker, container, server, silent
from tests.runtimes.test_docker import until

if TYPE_CHECKING:
    from netview.live.source import Engine

Start = Callable[..., Engines]
Opened = Callable[[int, str], int | None]
ABSENT = "/nonexistent/docker.sock"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """All engines beside one, in a world where a process listens at the paths that the test says."""
    monkeypatch.setattr(docker, "INTERVAL_S", 0.05)
    monkeypatch.setattr(docker, "witness", Bearing())
    started: list[Engines] = []

    def begin(
        *paths: str, first: DockerEngine | None = None, init: tuple[str, ...] = (), opened: Opened | None = None
    ) -> Engines:
        monkeypatch.setattr(engines, "sockets_of", lambda pid: {os.getpid(): paths, 1: init}.get(pid, ()))
        one = Engines(first or DockerEngine(ABSENT), opened)
        started.append(one)
        one.start()
        return one

    yield begin
    for one in started:
        threads = [one._follower.thread, one._groups._follower.thread, *(engine._thread for engine in one._asked())]
        one.stop()
        for thread in threads:
            if thread.ident is not None:
                thread.join(5)
            assert not thread.is_alive()


def world(comm: str = "dockerd") -> Sample:
    return a_sample({HOME: found(HOME, Process(os.getpid(), comm))}, {}, {})


def names(one: Engines) -> list[tuple[Runtime, str]]:
    return [(known.owner.runtime, known.owner.name) for known in one.answer().containers]


def test_it_is_an_engine_for_the_poller() -> None:
    one: Engine = Engines.from_environment({})
    assert (one.answer().containers, one.notices()) == ((), ())


@pytest.mark.parametrize(("comm", "runtime"), [("dockerd", Runtime.DOCKER), ("podman", Runtime.PODMAN)])
def test_an_engine_is_asked_where_its_process_listens(start: Start, comm: str, runtime: Runtime) -> None:
    with server(FakeDocker(container(1))) as path:
        one = start(path)
        one.sighted(world(comm))
        one.wait(5)
        assert names(one) == [(runtime, "box-1")]
        assert one.notices() == ()


def test_an_engine_whose_process_went_is_left_and_one_that_comes_is_asked(start: Start) -> None:
    with server(FakeDocker(container(1))) as path:
        one = start(path)
        one.sighted(world("sh"))
        one.wait(5)
        assert names(one) == []
        one.sighted(world())
        until(lambda: names(one) == [(Runtime.DOCKER, "box-1")])
        one.sighted(world("sh"))
        until(lambda: names(one) == [])


def test_where_the_user_names_a_docker_no_other_is_asked(start: Start) -> None:
    with server(FakeDocker(container(1))) as named, server(FakeDocker(container(2))) as other:
        one = start(other, first=DockerEngine(named, named=True))
        one.sighted(world())
        one.wait(5)
        assert names(one) == [(Runtime.DOCKER, "box-1")]


@pytest.mark.parametrize("by_init", [False, True])
def test_an_engine_in_the_usual_place_is_asked_once(start: Start, *, by_init: bool) -> None:
    with server(FakeDocker(container(1))) as path:
        one = start(path, first=DockerEngine(path), init=(path,) if by_init else ())
        one.sighted(world())
        one.wait(5)
        assert names(one) == [(Runtime.DOCKER, "box-1")]


def test_what_answers_in_the_usual_place_is_asked_whatever_it_is_called(start: Start) -> None:
    with server(FakeDocker(container(1))) as path:
        one = start(first=DockerEngine(path))
        one.sighted(world("socket-proxy"))
        one.wait(5)
        assert names(one) == [(Runtime.DOCKER, "box-1")]


def test_no_docker_is_started_by_asking_where_init_alone_listens(start: Start) -> None:
    fake = FakeDocker(container(1))
    with server(fake) as path:
        one = start(first=DockerEngine(path), init=(path,))
        one.sighted(world("systemd"))
        one.wait(5)
        assert (names(one), fake.clients) == ([], 0)


def test_one_that_hangs_holds_up_no_other(start: Start) -> None:
    with server(FakeDocker(container(1))) as path, server(silent) as hung:
        one = start(hung, path)
        one.sighted(world())
        until(lambda: names(one) == [(Runtime.DOCKER, "box-1")])


def test_nothing_is_waited_for_where_nothing_was_sighted(start: Start) -> None:
    one = start()
    one.wait(0.05)
    one.stop()


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The daemon has mounts of its own."""
    monkeypatch.setattr(engines, "is_among_us", lambda _: False)


@pytest.mark.usefixtures("apart")
def test_an_engine_in_a_container_is_asked_where_its_own_path_leads_it(start: Start) -> None:
    asked: list[tuple[int, str]] = []
    with server(FakeDocker(container(1))) as path:

        def opened(pid: int, inner: str) -> int:
            asked.append((pid, inner))
            return os.open(path, os.O_PATH)

        one = start("/var/run/docker.sock", opened=opened)
        one.sighted(world())
        one.wait(5)
        assert names(one) == [(Runtime.DOCKER, "box-1")]
        assert set(asked) == {(os.getpid(), "/var/run/docker.sock")}
        assert [engine.path for engine in one._found.values()] == [f"/proc/{os.getpid()}/root/var/run/docker.sock"]


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("error", [FileNotFoundError(2, "no"), OSError(95, "may hang"), None])
def test_a_socket_that_is_not_there_or_hangs_is_left_alone(start: Start, error: OSError | None) -> None:
    def opened(_pid: int, _path: str) -> None:
        if error is not None:
            raise error

    one = start("/run/docker.sock", opened=opened)
    one.sighted(world())
    one.wait(5)
    assert (one._found, one.notices()) == ({}, ())


@pytest.mark.usefixtures("apart")
def test_a_rootless_engine_is_asked_by_the_path_that_is_the_same_here(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "is_local", lambda _: True)
    monkeypatch.setattr(engines, "is_same", lambda *_: True)
    with server(FakeDocker(container(1))) as path:
        one = start(path, opened=lambda *_: os.open(path, os.O_PATH))
        one.sighted(world())
        one.wait(5)
        assert names(one) == [(Runtime.DOCKER, "box-1")]
        assert [engine.path for engine in one._found.values()] == [path]


@pytest.mark.usefixtures("apart")
def test_where_nobody_can_look_only_what_cannot_hang_is_asked(start: Start) -> None:
    def opened(_pid: int, _path: str) -> int:
        raise PermissionError(13, "no")

    one = start("/run/nv-x.sock", "/srv/nv-y.sock", opened=opened)
    one.sighted(world())
    one.wait(5)
    assert [engine.path for engine in one._found.values()] == ["/run/nv-x.sock"]


def test_a_thousand_that_are_called_as_an_engine_is_hide_none_on_the_host(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(FakeDocker(container(1))) as path:
        one = start()
        looked: list[int] = []

        def sockets_of(pid: int) -> tuple[str, ...]:
            looked.append(pid)
            return (path,) if pid == os.getpid() else ()

        monkeypatch.setattr(engines, "sockets_of", sockets_of)
        crowd = found(NGINX_1, *(Process(2**22 + number, "dockerd") for number in range(1000)))
        one.sighted(a_sample({NGINX_1: crowd, HOME: found(HOME, Process(os.getpid(), "dockerd"))}, {}, {}))
        one.wait(5)
        assert names(one) == [(Runtime.DOCKER, "box-1")]
        assert len(looked) == 64


def test_who_listens_on_a_thousand_sockets_is_not_asked_on_all_of_them(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    one = start(*(f"/nonexistent/{number}" for number in range(1000)))
    one.sighted(world())
    one.wait(5)
    assert len(one._found) == 8
    monkeypatch.setattr(engines, "_MOST", 3)
    one.sighted(world())
    until(lambda: len(one._found) == 3)
