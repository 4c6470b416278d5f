"""Containers of a user's own Docker, as the user sees them and as root does."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engines.docker_lab import IMAGE
from tests.engines.reading import heard, link, namespace_of
from tests.engines.rootless_docker_lab import SCRIPT, TOOLS, RootlessDockerLab
from tests.engines.started import started
from tests.engines.user_lab import UID
from tests.other_user import interpreter, may_make_user_namespaces
from tests.require import missing


@pytest.fixture(scope="module")
def docker() -> Iterator[RootlessDockerLab]:
    """web, with a published port, guest in its namespace, and hostly on the network that is the user's host."""
    may_make_user_namespaces(UID)
    if not SCRIPT.exists():
        missing(f"needs {SCRIPT}")
    with started(RootlessDockerLab, TOOLS) as lab:
        lab.docker("run", "-d", "--name", "web", "-p", "127.0.0.1:8093:80", IMAGE, "sleep", "3600")
        lab.docker("run", "-d", "--name", "guest", "--network", "container:web", IMAGE, "sleep", "3600")
        lab.docker("run", "-d", "--name", "hostly", "--network", "host", IMAGE, "sleep", "3600")
        yield lab


@pytest.fixture(scope="module")
def python(docker: RootlessDockerLab) -> Iterator[list[str]]:
    with interpreter(UID, **docker.environment_of_user) as argv:
        yield argv


def seen(docker: RootlessDockerLab, python: list[str], who: str, host: str = "") -> dict[str, Any]:
    """What netview tells the user, or root; `host`: DOCKER_HOST."""
    *before, program = python if who == "user" else ["env", sys.executable]
    argv = (*before, f"DOCKER_HOST={host}", program, "-m", "netview", "snapshot", "-o", "json")
    return heard(docker, argv, docker.id("web"), name=None if host else "web")


@pytest.mark.parametrize("who", ["user", "root"])
def test_the_engine_is_found_and_believed(docker: RootlessDockerLab, python: list[str], who: str) -> None:
    told = seen(docker, python, who)
    found = namespace_of(told, "web")
    web, guest = found["owners"]
    assert (web["runtime"], web["id"], web["networks"]) == ("docker", docker.id("web"), ["bridge"])
    assert web["ports"] == [{"host_address": "127.0.0.1", "host_port": 8093, "port": 80, "protocol": "tcp"}]
    assert (guest["runtime"], guest["id"]) == ("docker", docker.id("guest"))
    assert (found["error"], found["unknown"], found["claims"]) == (None, [], [])
    outer = namespace_of(told, "hostly")
    assert "docker0" in [row["name"] for row in outer["links"]]


@pytest.mark.parametrize("who", ["user", "root"])
def test_without_the_engine_they_are_told_by_their_monitors(docker: RootlessDockerLab, python: list[str], who: str) -> None:
    told = seen(docker, python, who, "unix:///nonexistent")
    ids = {name: docker.id(name) for name in ("web", "guest", "hostly")}
    owners = {owner["id"]: owner["runtime"] for namespace in told["namespaces"] for owner in namespace["owners"]}
    assert {id_: owners.get(id_) for id_ in ids.values()} == dict.fromkeys(ids.values(), "docker")


@pytest.mark.parametrize("who", ["user", "root"])
def test_its_wire_leads_to_the_bridge_of_the_users_own(docker: RootlessDockerLab, python: list[str], who: str) -> None:
    told = seen(docker, python, who)
    end = link(namespace_of(told, "web"), name="eth0")["peer"]
    (outer,) = (namespace for namespace in told["namespaces"] if namespace["id"] == end["namespace"])
    assert link(outer, ifindex=end["ifindex"])["master"] == link(outer, name="docker0")["ifindex"]
