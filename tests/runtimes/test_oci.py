"""Containers by the monitors beside them and the bundles that they were made of."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from netview.decode.status import Status
from netview.model import Owner, Pod, PublishedPort, Runtime
from netview.runtimes import oci
from netview.runtimes.oci import Known, Monitors, identified, named
from netview.runtimes.proc import process_status
from tests.runtimes.processes import Processes

ID, OTHER = "a" * 64, "b" * 64
SHIM = ("/usr/bin/containerd-shim-runc-v2", "-namespace", "default", "-id")
POD = {"io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop"}


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Processes:
    (tmp_path / "proc").mkdir()
    return Processes(tmp_path / "proc", monkeypatch)


def bundle(folder: Path, annotations: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"annotations": annotations}))
    return folder


def bare(known: Known | None) -> Known | None:
    """Without the annotations, which are those of the bundle."""
    return known and known._replace(owner=replace(known.owner, annotations=()))


def conmon(processes: Processes, folder: Path, *, id_: str = ID, cgroup: str = "/", depth: int = 0) -> None:
    processes.add(50, cgroup, argv=("conmon", "-c", id_, "-b", str(folder), "-n", "web"), depth=depth)
    processes.add(51, f"/libpod_parent/libpod-{ID}", parent=50, depth=1)


def shim(processes: Processes, folder: Path, first: str, cgroup: str) -> None:
    (processes.add(50, argv=(*SHIM, first)) / "cwd").symlink_to(folder / first)
    processes.add(51, cgroup, parent=50, depth=1)


def test_podmans_container_has_the_name_that_its_monitor_was_told(processes: Processes, tmp_path: Path) -> None:
    conmon(processes, bundle(tmp_path / "b", {"io.container.manager": "libpod"}))
    assert bare(identified(51, ID, Runtime.PODMAN)) == Known(Owner(Runtime.PODMAN, ID, "web"))


def test_a_process_further_down_is_told_as_the_first_one_is(processes: Processes, tmp_path: Path) -> None:
    conmon(processes, bundle(tmp_path / "b", {}))
    processes.add(52, f"/libpod_parent/libpod-{ID}", parent=51, depth=1)
    assert identified(52, ID, Runtime.PODMAN).owner.name == "web"


def test_a_rootless_container_without_a_group_is_its_monitors(processes: Processes, tmp_path: Path) -> None:
    conmon(processes, bundle(tmp_path / "b", {}))
    processes.move(51, "/user.slice")
    assert bare(named(51, b"0::/user.slice\n")) == Known(Owner(Runtime.PODMAN, ID, "web"))


def test_a_rootless_docker_container_without_a_group_is_its_shims(processes: Processes, tmp_path: Path) -> None:
    argv = ("/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id", ID)
    (processes.add(50, argv=argv) / "cwd").symlink_to(bundle(tmp_path / ID, {}))
    processes.add(51, parent=50, depth=1)
    assert bare(named(51, b"0::/\n")) == Known(Owner(Runtime.DOCKER, ID, "a" * 12))


@pytest.mark.parametrize("cgroup", [f"/docker/{OTHER}"])
def test_a_monitor_inside_a_container_is_not_believed(processes: Processes, tmp_path: Path, cgroup: str) -> None:
    conmon(processes, bundle(tmp_path / "b", POD), cgroup=cgroup)
    assert bare(identified(51, ID, Runtime.PODMAN)) == Known(Owner(Runtime.PODMAN, ID, "a" * 12))


def test_a_monitor_in_a_pid_namespace_below_is_not_believed(processes: Processes, tmp_path: Path) -> None:
    conmon(processes, bundle(tmp_path / "b", POD), depth=1)
    assert bare(identified(51, ID, None)) == Known(Owner(Runtime.CONTAINERD, ID, "a" * 12))


def test_a_monitor_of_another_container_says_nothing_of_this_one(processes: Processes, tmp_path: Path) -> None:
    conmon(processes, bundle(tmp_path / "b", POD), id_=OTHER)
    assert bare(identified(51, ID, Runtime.PODMAN)) == Known(Owner(Runtime.PODMAN, ID, "a" * 12))


def test_a_pods_containers_lie_beside_its_sandbox(processes: Processes, tmp_path: Path) -> None:
    bundle(tmp_path / OTHER, POD | {"io.kubernetes.cri.container-type": "sandbox"})
    bundle(tmp_path / ID, POD | {"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.container-name": "nginx"})
    shim(processes, tmp_path, OTHER, f"/kubepods/pod1/{ID}")
    pod = Pod("shop", "web-0")
    assert bare(identified(51, ID, None)) == Known(Owner(Runtime.KUBERNETES, ID, "nginx", pod))
    assert bare(identified(51, OTHER, None)) == Known(Owner(Runtime.KUBERNETES, OTHER, "web-0", pod), sandbox=True)


def test_a_container_of_ctr_is_called_as_its_group_is(processes: Processes, tmp_path: Path) -> None:
    bundle(tmp_path / "box", {})
    shim(processes, tmp_path, "box", "/default/box")
    assert bare(named(51, b"0::/default/box\n")) == Known(Owner(Runtime.CONTAINERD, "box", "box"))
    assert named(51, b"0::/default/none\n") is None
    assert named(51, b"0::/default/.\n") is None
    assert named(50, b"0::/default/box\n") is None


def test_a_bundle_is_read_only_as_a_file_of_its_monitors_user(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = bundle(tmp_path / "box", {"nerdctl/name": "web"})
    shim(processes, tmp_path, "box", "/default/box")
    assert bare(named(51, b"0::/default/box\n")) == Known(Owner(Runtime.CONTAINERD, "box", "web"))
    (folder / "config.json").rename(folder / "elsewhere.json")
    (folder / "config.json").symlink_to("elsewhere.json")
    assert named(51, b"0::/default/box\n") is None
    (folder / "config.json").unlink()
    (folder / "config.json").mkdir()
    assert named(51, b"0::/default/box\n") is None
    (folder / "config.json").rmdir()
    bundle(folder, {"nerdctl/name": "web"})
    monkeypatch.setattr(oci, "SIZE", 10)
    assert named(51, b"0::/default/box\n") is None


def test_a_loop_of_parents_ends(processes: Processes) -> None:
    processes.add(50, parent=51)
    processes.add(51, parent=50)
    assert named(51, b"0::/x\n") is None


def test_a_bundle_tells_image_labels_and_annotations(processes: Processes, tmp_path: Path) -> None:
    told = {"io.kubernetes.cri-o.Name": "box", "io.kubernetes.cri-o.ImageName": "nginx:1.27"}
    conmon(processes, bundle(tmp_path / "b", told | {"io.kubernetes.cri-o.Labels": '{"tier": "front"}'}))
    owner = identified(51, ID, None).owner
    assert (owner.runtime, owner.image, owner.labels) == (Runtime.CRIO, "nginx:1.27", (("tier", "front"),))
    assert owner.annotations == tuple(sorted(told.items()))


def test_nerdctls_bundle_tells_networks_and_published_ports(processes: Processes, tmp_path: Path) -> None:
    told = {
        "nerdctl/name": "web",
        "nerdctl/networks": '["bridge"]',
        "nerdctl/ports": '[{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"127.0.0.1"}]',
    }
    bundle(tmp_path / ID, told)
    shim(processes, tmp_path, ID, f"/default/{ID}")
    owner = identified(51, ID, None).owner
    assert (owner.name, owner.networks) == ("web", ("bridge",))
    assert owner.ports == (PublishedPort("127.0.0.1", 8080, 80, "tcp"),)


def stored(folder: Path, name: str) -> Path:
    """A list of containers/storage, and the bundle that belongs to it."""
    made = bundle(folder / ID / "userdata", {"io.container.manager": "libpod"})
    entry = {"id": ID, "metadata": json.dumps({"image-name": "localhost/shop:1"})}
    (folder / name).write_text(json.dumps([entry]))
    return made


@pytest.mark.parametrize("name", ["containers.json", "volatile-containers.json"])
def test_podmans_image_is_listed_beside_its_bundles(processes: Processes, tmp_path: Path, name: str) -> None:
    conmon(processes, stored(tmp_path / "s", name))
    assert identified(51, ID, Runtime.PODMAN).owner.image == "localhost/shop:1"
    assert identified(51, OTHER, Runtime.PODMAN).owner.image is None


def test_a_list_elsewhere_or_behind_a_link_tells_no_image(processes: Processes, tmp_path: Path) -> None:
    conmon(processes, bundle(tmp_path / "b" / OTHER / "userdata", {}))
    stored(tmp_path / "b", "containers.json")
    assert identified(51, ID, Runtime.PODMAN).owner.image is None
    conmon(processes, stored(tmp_path / "s", "elsewhere.json"))
    (tmp_path / "s" / "containers.json").symlink_to("elsewhere.json")
    assert identified(51, ID, Runtime.PODMAN).owner.image is None


def test_a_broken_bundle_leaves_the_name_that_the_group_tells(processes: Processes, tmp_path: Path) -> None:
    folder = bundle(tmp_path / OTHER, {})
    (folder / "config.json").write_bytes(b'{"annotations": {"io.kubernetes')
    shim(processes, tmp_path, OTHER, f"/kubepods/pod1/{OTHER}")
    assert identified(51, OTHER, None) == Known(Owner(Runtime.CONTAINERD, OTHER, OTHER[:12]))


def test_one_look_asks_once_who_is_above_many_processes(
    processes: Processes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conmon(processes, bundle(tmp_path / "b", {}))
    processes.add(52, "/", parent=51, depth=1)
    processes.add(53, "/", parent=51, depth=1)
    asked: list[int] = []

    def status(pid: int) -> Status | None:
        asked.append(pid)
        return process_status(pid)

    monkeypatch.setattr(oci, "process_status", status)
    monitors = Monitors()
    found = [monitors.above(pid) for pid in (52, 53, 51)]
    assert [one and one.monitor.id for one in found] == [ID] * 3
    assert asked == [52, 51, 50, 53, 51]
