import pytest

from netview.derive.owners import claims_by_namespace, containers_by_namespace, label, owners
from netview.model import Claim, Claimant, Container, Found, Owner, Process, Runtime
from tests.factories import HOME, HOSTILE, NGINX_1, NGINX_2, found

DOCKER = Owner(Runtime.DOCKER, "a" * 64, "nginx-1")
SIDECAR = Owner(Runtime.DOCKER, "b" * 64, "sidecar")
FOUND = {
    HOME: found(HOME, Process(1, "systemd")),
    NGINX_1: found(NGINX_1, Process(201, "nginx"), Process(202, "nginx"), paths=("/run/docker/netns/abc",)),
    NGINX_2: found(NGINX_2, paths=("/run/docker/netns/def",)),
}


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (Container(DOCKER, pid=201), NGINX_1),
        (Container(DOCKER, pid=202), NGINX_1),
        (Container(DOCKER, pid=None, sandbox="/run/docker/netns/def"), NGINX_2),
        (Container(DOCKER, pid=None, sandbox="/var/run/docker/netns/def"), NGINX_2),
        (Container(DOCKER, pid=201, sandbox="/run/docker/netns/def"), NGINX_2),
        (Container(DOCKER, pid=201, sandbox="/run/docker/netns/gone"), NGINX_1),
        (Container(DOCKER, pid=1, host_network=True), HOME),
        (Container(DOCKER, pid=999), None),
        (Container(DOCKER, pid=None), None),
    ],
)
def test_a_container_is_tied_by_its_sandbox_else_by_its_process(container: Container, expected: str | None) -> None:
    assert containers_by_namespace(FOUND, (container,)) == ({} if expected is None else {expected: (DOCKER,)})


def test_containers_that_share_a_namespace_own_it_together() -> None:
    shared = (Container(DOCKER, pid=201), Container(SIDECAR, pid=202))
    assert containers_by_namespace(FOUND, shared) == {NGINX_1: (DOCKER, SIDECAR)}


def test_a_container_that_is_told_twice_is_listed_as_it_was_told_first() -> None:
    again = Owner(Runtime.CONTAINERD, DOCKER.id, "a" * 12)
    assert containers_by_namespace(FOUND, (Container(DOCKER, 201), Container(again, 202))) == {NGINX_1: (DOCKER,)}


def test_a_container_that_is_only_claimed_owns_nothing_and_the_claim_is_told() -> None:
    containers = (Container(DOCKER, 201, claimed_by=Claimant("/run/x.sock", 9, 0)), Container(SIDECAR, 202))
    assert containers_by_namespace(FOUND, containers) == {NGINX_1: (SIDECAR,)}
    assert claims_by_namespace(FOUND, containers) == {NGINX_1: (Claim(DOCKER, Claimant("/run/x.sock", 9, 0)),)}


@pytest.mark.parametrize(
    ("known", "containers", "expected"),
    [
        (found(NGINX_1, Process(201, "nginx"), names=("blue",)), (DOCKER,), (DOCKER,)),
        (
            found(NGINX_1, Process(201, "nginx"), names=("blue", "green")),
            (),
            (Owner(Runtime.NETNS, "blue", "blue"), Owner(Runtime.NETNS, "green", "green")),
        ),
        (
            found(NGINX_1, Process(201, "nginx"), Process(202, "sh")),
            (),
            (Owner(Runtime.PROCESS, "201", "nginx"),),
        ),
        (found(NGINX_1), (), ()),
    ],
)
def test_containers_come_before_names_and_names_before_the_senior_process(
    known: Found, containers: tuple[Owner, ...], expected: tuple[Owner, ...]
) -> None:
    assert owners(known, containers) == expected


@pytest.mark.parametrize(
    ("known", "containers", "expected"),
    [
        (found(NGINX_1, Process(201, "nginx")), (DOCKER,), "nginx-1"),
        (found(NGINX_1, names=("blue",), paths=("/run/netns/blue",)), (), "blue"),
        (found(NGINX_1, Process(201, "nginx")), (), "nginx[201]"),
        (found(NGINX_1, Process(201, "nginx"), paths=("/run/docker/netns/1-qij8",)), (), "1-qij8"),
        (found(NGINX_1), (), "net:[4026530002]"),
        (found(NGINX_1, Process(201, HOSTILE)), (), f"{HOSTILE}[201]"),
    ],
)
def test_a_namespace_is_called_after_its_owner_else_its_mount_else_its_inode(
    known: Found, containers: tuple[Owner, ...], expected: str
) -> None:
    assert label(known, owners(known, containers), home=False) == expected


def test_home_is_called_host_whoever_runs_in_it() -> None:
    assert label(found(HOME, Process(1, "systemd")), (DOCKER,), home=True) == "host"
