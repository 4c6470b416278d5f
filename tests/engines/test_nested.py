"""Docker in Docker: containers in containers, and namespaces that are mounted in one of them alone."""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.engines.docker_lab import IMAGE, DockerLab
from tests.engines.nest import Nest
from tests.engines.reading import heard, home_of, link, namespace_of


class Nested(NamedTuple):
    """What is within, and what netview says of it."""

    id: str
    mounted: int
    """The inode of a namespace that nobody is in."""
    told: dict[str, Any]


@pytest.fixture(scope="module")
def nested(docker_lab: DockerLab) -> Iterator[Nested]:
    """A container in a container, and beside it a namespace that nobody is in."""
    nest = Nest(docker_lab, "nest")
    nest.start()
    id_ = nest.docker("run", "-d", "--name", "deep", IMAGE, "sleep", "3600")
    nest.command("sh", "-c", "touch /run/empty; unshare --net=/run/empty true")
    mounted = int(nest.command("stat", "-L", "-c", "%i", "/run/empty"))
    # DOCKER_HOST names the only Docker that is meant.
    argv = ("env", "DOCKER_HOST=", sys.executable, "-m", "netview", "snapshot", "-o", "json")
    yield Nested(id_, mounted, heard(docker_lab, argv, id_, name="deep"))
    docker_lab.docker("rm", "-f", "nest")


def deep(nested: Nested) -> dict[str, Any]:
    (found,) = (n for n in nested.told["namespaces"] if nested.id in [owner["id"] for owner in n["owners"]])
    return dict(found)


def test_a_container_in_a_container_is_its_own_and_not_the_outer_ones(nested: Nested) -> None:
    found = deep(nested)
    (owner,) = found["owners"]
    assert (owner["runtime"], owner["id"], owner["name"]) == ("docker", nested.id, "deep")
    assert (owner["networks"], found["claims"]) == (["bridge"], [])
    assert [process["comm"] for process in found["processes"]] == ["sleep"]
    assert {"process", "mount"} <= set(found["sources"])
    assert (found["error"], found["unknown"]) == (None, [])
    assert [owner["name"] for owner in namespace_of(nested.told, "nest")["owners"]] == ["nest"]


def test_wires_lead_from_the_inner_container_through_the_outer_one_to_the_host(nested: Nested) -> None:
    outer, home = namespace_of(nested.told, "nest"), home_of(nested.told)
    inner_end = link(deep(nested), name="eth0")["peer"]
    assert inner_end["namespace"] == outer["id"]
    assert link(outer, ifindex=inner_end["ifindex"])["master"] == link(outer, name="docker0")["ifindex"]
    outer_end = link(outer, name="eth0")["peer"]
    assert outer_end["namespace"] == home["id"]
    assert link(home, ifindex=outer_end["ifindex"])["master"] == link(home, name="docker0")["ifindex"]


def test_a_namespace_that_is_mounted_in_the_outer_container_alone_is_found(nested: Nested) -> None:
    (found,) = (namespace for namespace in nested.told["namespaces"] if namespace["inode"] == nested.mounted)
    assert (found["sources"], found["processes"], found["error"]) == (["mount"], [], None)
    assert [row["name"] for row in found["links"]] == ["lo"]
