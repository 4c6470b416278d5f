"""An engine that may do as it likes: the containers it has are told, and nothing waits for it."""

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netview.model import Notice, Runtime
from netview.runtimes import docker
from netview.runtimes.docker import SOCKET, DockerEngine
from tests.runtimes.bearing import Bearing, Elsewhere
from tests.runtimes.servers import Behaviour, FakeDocker, container, drips, endless, half_closes, response, says, server, silent

if TYPE_CHECKING:
    from netview.live.source import Engine

Start = Callable[..., DockerEngine]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Engines that ask every 50 ms, and are stopped, down to their threads, after the test."""
    monkeypatch.setattr(docker, "INTERVAL_S", 0.05)
    monkeypatch.setattr(docker, "RETRY_S", (0.05, 0.05))
    monkeypatch.setattr(docker, "witness", Bearing())
    engines: list[DockerEngine] = []

    def started(path: str, **others: object) -> DockerEngine:
        engine = DockerEngine(path, **others)  # type: ignore[arg-type]
        engines.append(engine)
        engine.start()
        return engine

    yield started
    for engine in engines:
        engine.stop()
        engine._thread.join(5)
        assert not engine._thread.is_alive()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def names(engine: DockerEngine) -> list[str]:
    return [c.owner.name for c in engine.answer().containers]


def texts(engine: DockerEngine) -> str:
    return " | ".join(notice.text for notice in engine.notices())


def test_it_is_an_engine_for_the_poller() -> None:
    engine: Engine = DockerEngine("/nonexistent")
    assert (engine.answer().containers, engine.notices()) == ((), ())


def test_running_containers_are_told_after_the_first_answer(start: Start) -> None:
    with server(FakeDocker(container(2), container(1))) as path:
        engine = start(path)
        engine.wait(5)
        assert names(engine) == ["box-1", "box-2"]
        assert engine.notices() == ()


def test_a_container_in_anothers_namespace_comes_after_those_with_their_own(start: Start) -> None:
    joined = container(1, NetworkSettings={"SandboxKey": "", "Networks": {}, "Ports": {}})
    with server(FakeDocker(joined, container(2))) as path:
        engine = start(path)
        engine.wait(5)
        assert names(engine) == ["box-2", "box-1"]


def test_that_is_so_too_where_no_sandbox_is_mounted_among_us(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "witness", Elsewhere())
    guest = container(1, Name="/a-guest", NetworkSettings={"SandboxKey": "", "Networks": {}, "Ports": {}})
    with server(FakeDocker(guest, container(2))) as path:
        engine = start(path)
        engine.wait(5)
        assert names(engine) == ["box-2", "a-guest"]


def test_a_container_is_inspected_once_until_its_entry_changes(start: Start) -> None:
    fake = FakeDocker(container(1), container(2))
    with server(fake) as path:
        engine = start(path)
        until(lambda: fake.asked.count("/containers/json") > 3)
        told = engine.answer().containers
        assert all(fake.asked.count(f"/containers/{n:064x}/json") == 1 for n in (1, 2))
        fake.holds(container(1, Name="/renamed"), container(3))
        until(lambda: names(engine) == ["box-3", "renamed"])
        assert fake.asked.count(f"/containers/{1:064x}/json") == 2
        assert [c.owner.name for c in told] == ["box-1", "box-2"]


def test_what_did_not_change_is_the_same_object(start: Start) -> None:
    fake = FakeDocker(container(1))
    with server(fake) as path:
        engine = start(path)
        engine.wait(5)
        told = engine.answer().containers
        asked = len(fake.asked)
        until(lambda: len(fake.asked) > asked + 2)
        assert engine.answer().containers is told


def test_a_container_that_goes_while_it_is_asked_for_is_no_fault(start: Start) -> None:
    fake = FakeDocker(container(1), container(2))
    del fake.answers[f"/containers/{1:064x}/json"]
    with server(fake) as path:
        engine = start(path)
        engine.wait(5)
        assert (names(engine), engine.notices()) == (["box-2"], ())


@pytest.mark.parametrize(
    "answer",
    [response(b"{}"), response(b"\xff"), b"garbage\r\n\r\n", response(b"no", "500 Oops"), response(b"[" * 100_000), b""],
)
def test_one_malformed_container_never_loses_the_others(start: Start, answer: bytes) -> None:
    fake = FakeDocker(*(container(n) for n in range(1, 6)))
    fake.answers[f"/containers/{3:064x}/json"] = answer
    with server(fake) as path:
        engine = start(path, seconds=0.4 if not answer else 2.0)
        until(lambda: len(engine.answer().containers) == 4)
        assert texts(engine).startswith(f"{path}: 1 of 5 containers ")


@pytest.mark.parametrize("answer", [response(b"{}")[:-1], response(b"no", "500 Oops"), b"garbage\r\n\r\n"])
def test_a_container_whose_inspection_was_broken_off_is_asked_for_again(
    start: Start, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(docker, "_STUCK_S", 0.2)
    fake = FakeDocker(container(1), container(2))
    whole = fake.answers[f"/containers/{1:064x}/json"]
    fake.answers[f"/containers/{1:064x}/json"] = answer
    with server(hangs_up_after(fake, answer)) as path:
        engine = start(path)
        until(lambda: names(engine) == ["box-2"])
        assert texts(engine) == f"{path}: 1 of 2 containers are not answered for yet"
        fake.answers[f"/containers/{1:064x}/json"] = whole
        until(lambda: names(engine) == ["box-1", "box-2"])
        until(lambda: engine.notices() == ())


def hangs_up_after(fake: FakeDocker, answer: bytes) -> Behaviour:
    """The engine, which breaks the connection off with this answer."""

    def behave(client: socket.socket) -> None:
        while request := client.recv(4096):
            told = fake.answers.get(request.split(b" ", 2)[1].decode(), response(b"{}", "404 Not Found"))
            client.sendall(told or b"")
            if told is answer:
                return

    return behave


def test_an_answer_about_another_container_is_refused(start: Start) -> None:
    fake = FakeDocker(container(1), container(2))
    fake.answers[f"/containers/{1:064x}/json"] = fake.answers[f"/containers/{2:064x}/json"]
    with server(fake) as path:
        engine = start(path)
        engine.wait(5)
        assert names(engine) == ["box-2"]
        assert "1 of 2 containers make no sense" in texts(engine)


def test_a_container_that_hangs_its_inspection_never_loses_the_others(start: Start) -> None:
    fake = FakeDocker(*(container(n) for n in range(1, 6)))
    fake.answers[f"/containers/{1:064x}/json"] = None
    with server(fake) as path:
        engine = start(path, seconds=0.4)
        until(lambda: len(engine.answer().containers) == 4)
        assert texts(engine) == f"{path}: 1 of 5 containers are not answered for yet"
        assert fake.asked.count(f"/containers/{1:064x}/json") == 1


def test_five_hundred_containers_with_long_labels_are_told(start: Start) -> None:
    boxes = [container(n, Config={"Labels": {"long": "x" * 2**14}}) for n in range(1, 500)]
    with server(FakeDocker(*boxes, container(500, Config={"Labels": {"long": "x" * 2**20}}))) as path:
        engine = start(path)
        until(lambda: len(engine.answer().containers) == 500)
        until(lambda: engine.notices() == ())


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        pytest.param(silent, "no answer within 0.3 s", id="hung"),
        pytest.param(drips(response(b"[]"), 0.1), "no answer within 0.3 s", id="dripping"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), "answers without end", id="endless body"),
        pytest.param(endless(b"HTTP/1.1 200 OK\r\nX: ", b"x"), "does not speak HTTP", id="endless header"),
        pytest.param(half_closes(b"HTTP/1.1 200 OK\r\nContent-Le"), "does not answer as Docker does", id="half a header"),
        pytest.param(half_closes(response(b"[]")[:-1]), "hung up in the middle of an answer", id="half a body"),
        pytest.param(says(b"\x00" * 40), "does not speak HTTP", id="garbage"),
        pytest.param(says(response(b'{"a": 1}')), "does not answer as Docker does", id="no list"),
        pytest.param(says(response(b"[]", "403 Forbidden")), "answers HTTP 403", id="forbidden"),
    ],
)
def test_a_socket_that_misbehaves_is_told_in_one_line(start: Start, behave: Behaviour, reason: str) -> None:
    with server(behave) as path:
        engine = start(path, seconds=0.3 if "no answer" in reason else 3.0)
        engine.wait(10)
        assert engine.notices()[0] in {Notice("docker", f"{path}: {text}") for text in (reason, "no answer within 3 s")}
        assert len(engine.notices()) == 1
        assert engine.answer().containers == ()
        engine.stop()
        engine._thread.join(5)


def test_nothing_waits_for_an_engine_that_hangs() -> None:
    with server(silent) as path:
        engine = DockerEngine(path, seconds=1.5)
        began = time.monotonic()
        engine.start()
        engine.wait(0.05)
        assert (engine.answer().containers, engine.notices()) == ((), ())
        engine.stop()
        assert time.monotonic() - began < 1.0
        engine._thread.join(5)


def test_an_absent_socket_is_told_only_where_it_was_named(start: Start, tmp_path: Path) -> None:
    path = str(tmp_path / "none")
    quiet, named = start(path), start(path, named=True)
    for engine in (quiet, named):
        engine.wait(5)
    assert quiet.notices() == ()
    assert texts(named) == f"{path}: no such file or directory"


def test_a_socket_that_nobody_serves_is_told(start: Start, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path)
    engine = start(path)
    engine.wait(5)
    assert texts(engine) == f"{path}: connection refused"


@pytest.mark.parametrize(
    ("uid", "advice"), [(1000, "permission denied; add yourself to the docker group or run as root"), (0, "permission denied")]
)
def test_a_denied_socket_says_what_helps(start: Start, monkeypatch: pytest.MonkeyPatch, uid: int, advice: str) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", denied)
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    engine = start("/run/x.sock")
    engine.wait(5)
    assert texts(engine) == f"/run/x.sock: {advice}"


def test_an_engine_that_the_kernel_does_not_show_names_nobody(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "witness", lambda _: None)
    with server(FakeDocker(container(1))) as path:
        engine = start(path)
        engine.wait(5)
        assert engine.answer().containers == ()
        assert "no process can be seen" in texts(engine)


def test_a_container_that_the_kernel_does_not_bear_out_is_only_claimed(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker, "witness", Bearing("box-2"))
    with server(FakeDocker(container(1), container(2))) as path:
        engine = start(path)
        engine.wait(5)
        told = [(known.owner.name, known.claimed_by and known.claimed_by.socket) for known in engine.answer().containers]
        assert told == [("box-1", None), ("box-2", path)]
        assert texts(engine) == f"{path}: 1 of 2 containers are only claimed: the kernel does not bear them out"


def test_what_is_checked_is_not_checked_again_while_the_same_process_says_it(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Bearing()
    monkeypatch.setattr(docker, "witness", kernel)
    fake = FakeDocker(container(1))
    with server(fake) as path:
        engine = start(path)
        until(lambda: fake.asked.count("/containers/json") > 3)
        assert kernel.checks == ["box-1"]
        fake.holds(container(1, Name="/renamed"))
        until(lambda: names(engine) == ["renamed"])
        assert kernel.checks == ["box-1", "renamed"]


def test_a_socket_that_was_only_found_and_is_no_engines_is_left_alone(start: Start) -> None:
    with server(says(b"\x00" * 40)) as path:
        engine = start(path, process=os.getpid())
        engine._thread.join(5)
        assert not engine._thread.is_alive()
        assert (engine.answer().containers, engine.notices()) == ((), ())


def test_an_engine_whose_process_is_gone_is_not_asked(start: Start) -> None:
    fake = FakeDocker(container(1))
    with server(fake) as path:
        engine = start(path, process=2**22 - 1)
        engine._thread.join(5)
        assert not engine._thread.is_alive()
        assert fake.clients == 0


def test_a_found_engine_that_hangs_is_told(start: Start) -> None:
    with server(silent) as path:
        engine = start(path, process=os.getpid(), seconds=0.3)
        until(lambda: texts(engine) == f"{path}: no answer within 0.3 s")


def test_podman_is_told_as_podman(start: Start) -> None:
    with server(FakeDocker(container(1))) as path:
        engine = start(path, runtime=Runtime.PODMAN)
        engine.wait(5)
        assert [c.owner.runtime for c in engine.answer().containers] == [Runtime.PODMAN]


def test_a_swarms_namespaces_are_told_with_their_networks(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = tuple(f"/run/docker/netns/{name}" for name in ("1-ba0octm1pv", "ingress_sbox", "default", "0a1b2c3d4e5f"))
    monkeypatch.setattr(docker, "shared_mounts", lambda _: paths)
    fake = FakeDocker(container(1))
    told = [
        {"Id": "ba0octm1pvxyz", "Name": "mesh"},
        {"Id": "fa82lzxhlwxyz", "Name": "ingress"},
        {"Id": "c" * 64, "Name": "bridge"},
    ]
    fake.answers["/networks"] = response(json.dumps(told).encode())
    with server(fake) as path:
        engine = start(path)
        engine.wait(5)
        assert [(c.owner.name, c.owner.networks, c.sandbox) for c in engine.answer().containers][1:] == [
            ("1-ba0octm1pv", ("mesh",), paths[0]),
            ("ingress_sbox", ("ingress",), paths[1]),
        ]


def test_the_last_answer_stands_in_for_a_while_and_then_no_longer(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeDocker(container(1))
    with server(fake) as path:
        engine = start(path)
        engine.wait(5)
        fake.answers["/containers/json"] = response(b"busy", "503 Busy")
        until(lambda: "HTTP 503" in texts(engine))
        assert names(engine) == ["box-1"]
        monkeypatch.setattr(docker, "KEPT_S", 0.0)
        until(lambda: names(engine) == [])
        fake.holds(container(1))
        until(lambda: names(engine) == ["box-1"] and engine.notices() == ())


@pytest.mark.parametrize(
    ("environ", "path", "notice"),
    [
        ({}, SOCKET, ""),
        ({"DOCKER_HOST": ""}, SOCKET, ""),
        ({"DOCKER_HOST": "unix:///run/user/1000/docker.sock"}, "/run/user/1000/docker.sock", ""),
        ({"DOCKER_HOST": "tcp://192.0.2.1:2376"}, SOCKET, "DOCKER_HOST=tcp://192.0.2.1:2376 is ignored"),
        ({"DOCKER_HOST": "ssh://me:secret@far"}, SOCKET, "DOCKER_HOST=ssh://far is ignored"),
        ({"DOCKER_HOST": "unix://"}, SOCKET, "DOCKER_HOST=unix:// is ignored"),
        ({"DOCKER_HOST": "/run/docker.sock"}, SOCKET, "DOCKER_HOST=/run/docker.sock is ignored"),
    ],
)
def test_docker_host_is_used_where_it_is_a_unix_socket_and_named_where_not(
    environ: Mapping[str, str], path: str, notice: str
) -> None:
    engine = DockerEngine.from_environment(environ)
    assert engine._path == path
    assert texts(engine).startswith(notice)
    assert len(engine.notices()) == bool(notice)
