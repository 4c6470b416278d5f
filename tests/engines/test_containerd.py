"""Containers of a real containerd, and pods made through its CRI socket as a kubelet makes them."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from netview.kernel.live_source import LiveSource
from netview.live import Poller
from netview.runtimes.groups import GroupEngine
from tests.engines.containerd_lab import IMAGE, PYTHON, TOOLS, ContainerdLab
from tests.engines.reading import home_of, link, namespace_of
from tests.engines.started import started
from tests.kernel.lab import wait
from tests.require import missing


@pytest.fixture(scope="module")
def containerd() -> Iterator[ContainerdLab]:
    """The engine without containers."""
    with started(ContainerdLab, TOOLS) as lab:
        yield lab


@pytest.fixture(scope="module")
def ctr(containerd: ContainerdLab) -> dict[str, Any]:
    """What netview says of a container of `ctr run`."""
    group = f"/{containerd.namespace}/plain"
    # runc keeps one list of containers for each of containerd's namespaces, whichever containerd it is.
    containerd.ctr(
        "-n", containerd.namespace, "run", "-d", "--label", "tier=front", "--cgroup", group, IMAGE, "plain", "sleep", "3600"
    )
    return containerd.snapshot()


@pytest.fixture(scope="module")
def pod(containerd: ContainerdLab) -> tuple[dict[str, Any], list[str]]:
    """What netview says of a pod of two containers, and the ids of the sandbox and both."""
    if subprocess.run([PYTHON, "-c", "import grpc"], check=False, capture_output=True).returncode:
        missing("the CRI socket speaks gRPC: needs python3-grpcio")
    sandbox, config = containerd.run_pod("shop", "web-0")
    ids = [sandbox, *(containerd.run_in_pod(sandbox, config, name) for name in ("nginx", "sidecar"))]
    return containerd.snapshot(), ids


def test_a_container_of_ctr_is_called_as_it_was_told_to(ctr: dict[str, Any]) -> None:
    (owner,) = namespace_of(ctr, "plain")["owners"]
    assert (owner["runtime"], owner["id"], owner["pod"]) == ("containerd", "plain", None)


def test_what_the_bundles_have_of_image_and_labels_is_told(ctr: dict[str, Any], pod: tuple[dict[str, Any], list[str]]) -> None:
    plain, nginx = namespace_of(ctr, "plain")["owners"][0]["id"], pod[1][1]
    owners: dict[str, Any] = {}
    poller = Poller(LiveSource(), [GroupEngine()], interval=0.5)

    def deliver(update: Any) -> None:
        owners.update({owner.id: owner for known in update.snapshot.namespaces.values() for owner in known.owners})

    poller.start(deliver)
    try:
        assert wait(lambda: {plain, nginx} <= owners.keys(), 5)
    finally:
        poller.stop(5)
    assert (owners[plain].image, owners[plain].annotations) == (None, (("tier", "front"),))
    assert owners[nginx].image == IMAGE
    assert ("io.kubernetes.cri.sandbox-name", "web-0") in owners[nginx].annotations


def test_a_pods_namespace_lists_its_sandbox_and_all_its_containers(pod: tuple[dict[str, Any], list[str]]) -> None:
    told, ids = pod
    namespace = namespace_of(told, "nginx")
    assert namespace["label"] == "web-0"
    owners = namespace["owners"]
    assert [(owner["name"], owner["id"]) for owner in owners] == list(zip(("web-0", "nginx", "sidecar"), ids, strict=True))
    assert all(owner["runtime"] == "kubernetes" for owner in owners)
    assert all(owner["pod"] == {"namespace": "shop", "name": "web-0"} for owner in owners)


def test_a_pod_is_wired_to_the_bridge_that_cni_made(pod: tuple[dict[str, Any], list[str]]) -> None:
    told, _ = pod
    home = home_of(told)
    far = link(home, ifindex=link(namespace_of(told, "nginx"), name="eth0")["peer"]["ifindex"])
    assert far["master"] == link(home, name="cni0")["ifindex"]


@pytest.fixture(scope="module")
def nerdctl(containerd: ContainerdLab) -> str:
    """A container with the annotations and the group that nerdctl gives to its own; its id."""
    id_ = "5bed" * 16
    annotations = {
        "nerdctl/name": "web",
        "nerdctl/namespace": containerd.namespace,
        "nerdctl/hostname": id_[:12],
        "nerdctl/networks": '["bridge"]',
        "nerdctl/platform": "linux/amd64",
        "nerdctl/ports": '[{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"127.0.0.1"}]',
        "nerdctl/state-dir": f"/var/lib/nerdctl/1935db59/containers/{containerd.namespace}/{id_}",
    }
    options = [word for name, value in annotations.items() for word in ("--annotation", f"{name}={value}")]
    group = f"/{containerd.namespace}/{id_}"
    containerd.ctr("-n", containerd.namespace, "run", "-d", *options, "--cgroup", group, IMAGE, id_, "sleep", "3600")
    return id_


def test_a_container_of_nerdctl_has_the_name_networks_and_ports_that_its_bundle_tells(
    containerd: ContainerdLab, nerdctl: str
) -> None:
    (owner,) = namespace_of(containerd.snapshot(), "web")["owners"]
    assert (owner["runtime"], owner["id"], owner["networks"]) == ("containerd", nerdctl, ["bridge"])
    assert owner["ports"] == [{"host_address": "127.0.0.1", "host_port": 8080, "port": 80, "protocol": "tcp"}]


@pytest.mark.parametrize(
    "content", [b"", b'{"annotations": {"nerdctl/name": "we', b"[" * 2**20, b'{"annotations": ["web"]}', b"\0" * 2**23]
)
def test_a_container_whose_bundle_is_broken_is_told_by_its_group(containerd: ContainerdLab, nerdctl: str, content: bytes) -> None:
    bundle = containerd.folder / "state/io.containerd.runtime.v2.task" / containerd.namespace / nerdctl / "config.json"
    whole = bundle.read_bytes()
    bundle.write_bytes(content)
    try:
        told = containerd.snapshot()
    finally:
        bundle.write_bytes(whole)
    (owner,) = namespace_of(told, nerdctl[:12])["owners"]
    assert (owner["runtime"], owner["id"], owner["networks"], owner["ports"]) == ("containerd", nerdctl, [], [])
