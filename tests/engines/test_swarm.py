"""An overlay of Docker's swarm, whose bridge and tunnel live in a namespace without processes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engines.docker_lab import IMAGE, DockerLab
from tests.engines.reading import link, namespace_of
from tests.kernel.lab import wait


@pytest.fixture(scope="module")
def swarm(docker_lab: DockerLab) -> Iterator[DockerLab]:
    """One service of one task, and one container, on an overlay network."""
    docker_lab.docker("swarm", "init", "--advertise-addr", "127.0.0.1")
    docker_lab.docker("network", "create", "-d", "overlay", "--attachable", "mesh")
    docker_lab.docker("service", "create", "-d", "--name", "web", "--network", "mesh", "-p", "8088:80", IMAGE, "sleep", "3600")
    docker_lab.run("guest", "--network", "mesh")
    assert wait(lambda: "web.1." in docker_lab.docker("ps", "--format", "{{.Names}}"), 30)
    yield docker_lab
    docker_lab.docker("rm", "-f", "guest")
    docker_lab.docker("swarm", "leave", "--force")
    assert wait(lambda: docker_lab.docker("ps", "-q") == "", 30)
    docker_lab.docker("network", "rm", "docker_gwbridge")


@pytest.fixture(scope="module")
def told(swarm: DockerLab) -> dict[str, Any]:
    """What `netview snapshot -o json` says of it."""
    return swarm.snapshot()


def test_a_task_is_named_as_docker_names_it_with_the_networks_that_it_is_in(swarm: DockerLab, told: dict[str, Any]) -> None:
    name = next(name for name in swarm.docker("ps", "--format", "{{.Names}}").split() if name.startswith("web.1."))
    (owner,) = namespace_of(told, name)["owners"]
    assert owner["networks"] == ["ingress", "mesh"]
    assert owner["ports"] == []


def test_a_container_is_wired_to_the_bridge_in_the_overlays_own_namespace(swarm: DockerLab, told: dict[str, Any]) -> None:
    (network,) = json.loads(swarm.docker("network", "inspect", "mesh"))
    (overlay,) = (n for n in told["namespaces"] if f"1-{network['Id'][:10]}" in n["label"])
    eth0 = link(namespace_of(told, "guest"), name="eth0")
    assert overlay["processes"] == []
    assert eth0["peer"]["namespace"] == overlay["id"]
    bridge = link(overlay, kind="bridge")
    assert link(overlay, ifindex=eth0["peer"]["ifindex"])["master"] == bridge["ifindex"]
    assert link(overlay, kind="vxlan")["master"] == bridge["ifindex"]
    assert link(overlay, kind="vxlan")["vxlan"]["vni"] >= 4096


def test_the_namespaces_of_a_network_carry_its_name(swarm: DockerLab, told: dict[str, Any]) -> None:
    (network,) = json.loads(swarm.docker("network", "inspect", "mesh"))
    for name, expected in ((f"1-{network['Id'][:10]}", "mesh"), (f"lb_{network['Id'][:9]}", "mesh"), ("ingress_sbox", "ingress")):
        (namespace,) = (
            n
            for n in told["namespaces"]
            if any(path.startswith(f"{swarm.folder}/") for path in n["paths"]) and n["label"] == name
        )
        (owner,) = namespace["owners"]
        assert (owner["runtime"], owner["name"], owner["networks"]) == ("docker", name, [expected])
