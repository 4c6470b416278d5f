"""Control groups as engines name them, on cgroup v1, v2 and both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.cgroup import Group, container, leaves, service
from netview.model import Runtime

ID, INNER = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"/docker/{ID}", Group(Runtime.DOCKER, ID)),
        (f"/system.slice/docker-{ID}.scope", Group(Runtime.DOCKER, ID)),
        (f"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{ID}.scope", Group(Runtime.DOCKER, ID)),
        (f"/own-parent/{ID}", Group(None, ID)),
        (f"/../../docker/{ID}", Group(Runtime.DOCKER, ID)),
        (f"/docker/{ID}/system.slice/nginx.service", Group(Runtime.DOCKER, ID)),
        (f"/docker/{ID}/init", Group(Runtime.DOCKER, ID)),
        (f"/docker/{ID}/docker/{INNER}", Group(Runtime.DOCKER, INNER)),
        (f"/machine.slice/libpod-{ID}.scope/container", Group(Runtime.PODMAN, ID)),
        (f"/libpod_parent/libpod-{ID}", Group(Runtime.PODMAN, ID)),
        (f"/machine.slice/libpod-conmon-{ID}.scope", None),
        (f"/libpod_parent/{ID}/conmon", None),
        (f"/libpod_parent/{ID}/libpod-{INNER}", Group(Runtime.PODMAN, INNER)),
        (f"/machine.slice/machine-libpod_pod_{ID}.slice/libpod-{INNER}.scope/container", Group(Runtime.PODMAN, INNER)),
        (f"/docker/{ID}/conmon", Group(Runtime.DOCKER, ID)),
        (f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope", Group(Runtime.CONTAINERD, ID)),
        (f"/kubepods.slice/kubepods-pod1.slice/crio-{ID}.scope", Group(Runtime.CRIO, ID)),
        (f"/kubepods.slice/kubepods-pod1.slice/crio-conmon-{ID}.scope", None),
        (f"/kubepods/besteffort/pod0f0f/{ID}", Group(None, ID)),
        (f"/system.slice/nerdctl-{ID}.scope", Group(Runtime.CONTAINERD, ID)),
        ("/lxc.payload.web", Group(Runtime.LXC, "web")),
        ("/lxc.payload/web/init.scope", Group(Runtime.LXC, "web")),
        ("/lxc/web", Group(Runtime.LXC, "web")),
        ("/lxc.monitor.web", None),
        (r"/machine.slice/machine-my\x2dbox.scope/init.scope", Group(Runtime.NSPAWN, "my-box")),
        ("/machine.slice/systemd-nspawn@web.service/payload", Group(Runtime.NSPAWN, "web")),
        ("/machine.slice/systemd-nspawn@web.service/supervisor", None),
        ("/machine.slice/systemd-nspawn@web.service", None),
        ("/machine.slice/machine-web.scope/supervisor", None),
        (r"/machine.slice/machine-qemu\x2d1\x2dvm.scope", None),
        (f"/docker/{ID}0", None),
        ("/system.slice/docker.service", None),
        ("/", None),
        ("/\x1b[2J", None),
    ],
)
def test_a_path_tells_the_container_it_lies_in(path: str, expected: Group | None) -> None:
    assert container(f"0::{path}\n".encode()) == expected


def test_on_hybrid_hosts_the_hierarchy_that_names_a_container_counts() -> None:
    told = f"9:name=systemd:/\n8:pids:/docker/{ID}\n0::/\n".encode()
    assert container(told) == Group(Runtime.DOCKER, ID)


def test_a_container_in_a_container_is_not_the_outer_one() -> None:
    told = f"0::/docker/{ID}/docker/{INNER}\n".encode()
    assert container(told) == Group(Runtime.DOCKER, INNER)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/system.slice/nginx.service", "nginx.service"),
        (r"/system.slice/system-foo.slice/foo@a\x2db.service", "foo@a-b.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service", "syncthing.service"),
        ("/user.slice/user-1000.slice/user@1000.service/init.scope", None),
        (f"/docker/{ID}/system.slice/nginx.service", None),
        ("/elsewhere/nginx.service", None),
        ("/init.scope", None),
    ],
)
def test_a_service_is_one_that_systemd_keeps_outside_containers(path: str, expected: str | None) -> None:
    assert service(f"1:name=systemd:{path}\n".encode()) == expected


def test_the_leaves_are_each_hierarchys_last_name() -> None:
    assert leaves(b"3:cpu:/default/box\n2:pids:/default/box\n1:name=systemd:/other\n0::/\n") == ("box", "other")


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    container(content)
    service(content)
    leaves(content)
