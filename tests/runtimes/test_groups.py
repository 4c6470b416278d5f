"""Owners by control groups alone."""

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from netview.model import Container, Found, FoundBy, Owner, Process, Runtime, Sample
from netview.runtimes import groups
from netview.runtimes.groups import GroupEngine
from netview.runtimes.oci import Known, Monitors
from tests.factories import HOME, NGINX_1, NGINX_2, a_sample, found
from tests.runtimes.processes import Processes

ID, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Processes:
    return Processes(tmp_path, monkeypatch)


@pytest.fixture
def engine() -> Iterator[GroupEngine]:
    engine = GroupEngine()
    engine.start()
    yield engine
    engine.stop()
    engine._follower.thread.join(5)
    assert not engine._follower.thread.is_alive()


def sample(*places: Found) -> Sample:
    return a_sample({place.id: place for place in places}, {}, {})


def told(engine: GroupEngine, *places: Found) -> tuple[Container, ...]:
    """What is told once these were read."""
    engine._follower._first = threading.Event()
    engine.sighted(sample(*places))
    engine.wait(5)
    return engine.answer().containers


def test_a_container_is_told_by_its_most_senior_process(engine: GroupEngine, processes: Processes) -> None:
    for pid in (7, 8):
        processes.add(pid, f"/docker/{ID}", depth=1)
    (box,) = told(engine, found(NGINX_1, Process(7, "nginx"), Process(8, "nginx")))
    assert box == Container(Owner(Runtime.DOCKER, ID, "a" * 12), 7)


def test_all_containers_of_a_namespace_are_told_the_sandbox_first(
    engine: GroupEngine, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def identified(_: int, id_: str, runtime: Runtime | None, _monitors: Monitors) -> Known:
        return Known(Owner(runtime or Runtime.CONTAINERD, id_, f"name-{id_[0]}"), sandbox=id_ == OTHER)

    monkeypatch.setattr(groups, "identified", identified)
    for pid, id_ in ((7, ID), (8, OTHER), (9, ID)):
        processes.add(pid, f"/kubepods/pod1/{id_}", depth=1)
    boxes = told(engine, found(NGINX_1, *(Process(pid, "x") for pid in (7, 8, 9))))
    assert [(box.owner.name, box.pid) for box in boxes] == [("name-b", 8), ("name-a", 7)]


def test_a_container_in_the_home_namespace_is_on_the_hosts_network(engine: GroupEngine, processes: Processes) -> None:
    processes.add(1, "/init.scope")
    processes.add(7, f"/system.slice/docker-{ID}.scope", depth=1)
    processes.add(9, "/system.slice/nginx.service")
    (box,) = told(engine, found(HOME, Process(1, "systemd"), Process(7, "nginx"), Process(9, "nginx")))
    assert (box.pid, box.host_network) == (7, True)


def test_lxc_and_nspawn_are_called_as_their_groups_are(engine: GroupEngine, processes: Processes) -> None:
    processes.add(7, "/lxc.payload.web", depth=1)
    processes.add(8, r"/machine.slice/machine-my\x2dbox.scope", depth=1)
    boxes = told(engine, found(NGINX_1, Process(7, "init")), found(NGINX_2, Process(8, "init")))
    assert [box.owner for box in boxes] == [Owner(Runtime.NSPAWN, "my-box", "my-box"), Owner(Runtime.LXC, "web", "web")]


def test_a_service_owns_a_namespace_that_is_its_own(engine: GroupEngine, processes: Processes) -> None:
    processes.add(7, "/system.slice/foo.service")
    (box,) = told(engine, found(NGINX_1, Process(7, "foo")))
    assert box == Container(Owner(Runtime.SYSTEMD, "foo.service", "foo.service"), 7)


@pytest.mark.parametrize(
    "place",
    [
        found(HOME, Process(7, "foo")),
        found(NGINX_1, Process(7, "foo"), names=("blue",)),
        found(NGINX_1, Process(7, "foo"), sources=frozenset({FoundBy.THREAD})),
        found(NGINX_1, Process(6, "init"), Process(7, "foo")),
        found(NGINX_1),
    ],
)
def test_a_service_owns_neither_home_nor_what_has_a_name_nor_what_began_without_it(
    engine: GroupEngine, processes: Processes, place: Found
) -> None:
    processes.add(6, "/init.scope")
    processes.add(7, "/system.slice/foo.service")
    assert told(engine, place) == ()


def test_a_process_that_is_put_into_its_group_late_is_told_then(engine: GroupEngine, processes: Processes) -> None:
    processes.add(7)
    place = found(NGINX_1, Process(7, "nginx"))
    assert told(engine, place) == ()
    processes.move(7, f"/docker/{ID}")
    assert [box.owner.id for box in told(engine, place)] == [ID]


def test_what_did_not_change_is_the_same_object_and_not_read_for_ever(engine: GroupEngine, processes: Processes) -> None:
    processes.add(7, f"/docker/{ID}")
    place = found(NGINX_1, Process(7, "nginx"))
    first = told(engine, place)
    for _ in range(4):
        assert told(engine, place) is first
    processes.move(7, f"/docker/{OTHER}")
    assert told(engine, place) is first
    assert [box.owner.id for box in told(engine, dataclasses.replace(place, processes=(Process(7, "other"),)))] == [OTHER]


def test_processes_that_are_gone_are_nobodys(engine: GroupEngine, processes: Processes) -> None:
    assert processes.folder.is_dir()
    assert told(engine, found(NGINX_1, Process(7, "nginx"))) == ()
