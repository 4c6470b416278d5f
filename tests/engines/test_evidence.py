"""What is believed of engines: Docker's own word, nobody's word, and that of a liar in a container."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.engines.docker_lab import DockerLab
from tests.engines.reading import home_of, namespace_of
from tests.kernel.lab import wait


@pytest.fixture(scope="module")
def boxes(docker_lab: DockerLab) -> Iterator[DockerLab]:
    """A victim, a liar, one in the victim's namespace and one in the host's."""
    for name, *options in (("victim",), ("liar",), ("guest", "--network", "container:victim"), ("hostly", "--network", "host")):
        docker_lab.run(name, *options)
    yield docker_lab
    docker_lab.docker("rm", "-f", "victim", "liar", "guest", "hostly")


def owners(namespace: dict[str, Any]) -> list[tuple[str, str]]:
    return [(owner["runtime"], owner["name"]) for owner in namespace["owners"]]


def asked(lab: DockerLab, socket: str | None) -> tuple[dict[str, Any], str]:
    """What netview says, and what it complains of, where DOCKER_HOST is another socket, or none."""
    command = lab.inside([sys.executable, "-m", "netview", "snapshot", "-o", "json"])
    environment = lab.environment | {"DOCKER_HOST": "" if socket is None else f"unix://{socket}"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout), done.stderr


@contextmanager
def liar(lab: DockerLab, name: str, *told: dict[str, Any]) -> Iterator[str]:
    """The socket of a process in a container's pid namespace that speaks as Docker does."""
    socket, answers = lab.folder / "liar.sock", lab.folder / "liar.json"
    answers.write_text(json.dumps({box["Id"]: box for box in told}))
    pid = str(lab.inspect(name)["State"]["Pid"])
    script = str(Path(__file__).with_name("liar.py"))
    process = lab.launch("nsenter", "-t", pid, "--pid", "--net", "--", sys.executable, script, str(socket), str(answers))
    try:
        assert wait(socket.exists, 10), lab.log()
        yield str(socket)
    finally:
        process.terminate()
        process.wait(10)
        socket.unlink()


def test_docker_is_believed_in_what_the_kernel_bears_out(boxes: DockerLab) -> None:
    told = boxes.snapshot()
    assert owners(namespace_of(told, "victim")) == [("docker", "victim"), ("docker", "guest")]
    assert ("docker", "hostly") in owners(home_of(told))


def test_docker_is_found_where_its_own_process_listens(boxes: DockerLab) -> None:
    told, complaint = asked(boxes, None)
    ids = {boxes.inspect(name)["Id"]: name for name in ("victim", "guest", "hostly")}
    named = {owner["id"]: owner["name"] for namespace in told["namespaces"] for owner in namespace["owners"]}
    assert {id_: named.get(id_) for id_ in ids} == ids
    assert str(boxes.folder) not in complaint


def test_without_an_engine_containers_are_told_by_their_groups(boxes: DockerLab) -> None:
    told, _ = asked(boxes, str(boxes.folder / "none.sock"))
    short = {name: boxes.inspect(name)["Id"][:12] for name in ("victim", "guest", "hostly")}
    shared = owners(namespace_of(told, short["victim"]))
    assert sorted(shared) == sorted(("docker", short[name]) for name in ("victim", "guest"))
    assert ("docker", short["hostly"]) in owners(home_of(told))


def test_a_liar_in_a_container_names_neither_others_nor_itself(boxes: DockerLab) -> None:
    victim, own = boxes.inspect("victim"), boxes.inspect("liar")
    prey = victim | {"Name": "/prey"}
    mask = own | {"Id": "f" * 64, "Name": "/mask", "State": {"Pid": 1}}
    with liar(boxes, "liar", prey, mask) as socket:
        told, complaint = asked(boxes, socket)
    named = {owner["name"] for namespace in told["namespaces"] for owner in namespace["owners"]}
    assert not named & {"prey", "mask"}
    assert {victim["Id"][:12], own["Id"][:12]} <= named
    assert "2 of 2 containers are only claimed" in complaint


def test_an_engine_in_a_container_may_name_what_is_in_it_by_its_own_pids(boxes: DockerLab) -> None:
    own = boxes.inspect("liar") | {"Name": "/inner", "State": {"Pid": 1}}
    with liar(boxes, "liar", own) as socket:
        told, _ = asked(boxes, socket)
    (inner,) = namespace_of(told, "inner")["owners"]
    assert inner["id"] == own["Id"]
