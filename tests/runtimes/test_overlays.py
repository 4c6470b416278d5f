import pytest

from netview.runtimes.overlays import helpers, overlays

NETWORKS = {"ba0octm1pvxyz": "mesh", "fa82lzxhlwxyz": "ingress", "c" * 64: "bridge"}


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("1-ba0octm1pv", "mesh"),
        ("lb_ba0octm1p", "mesh"),
        ("1-fa82lzxhlw", "ingress"),
        ("ingress_sbox", "ingress"),
        ("1-zzzzzzzzzz", None),
        ("1-ba0", None),
        ("lb_", None),
        ("0a1b2c3d4e5f", None),
        ("default", None),
        ("1-\x1b[2J[/red]xx", None),
    ],
)
def test_a_mount_called_after_a_network_is_the_networks(name: str, network: str | None) -> None:
    path = f"/run/docker/netns/{name}"
    told = [(known.owner.name, known.owner.networks, known.sandbox, known.pid) for known in overlays([path], NETWORKS)]
    assert told == ([] if network is None else [(name, (network,), path, None)])


def test_only_what_a_swarm_may_have_made_is_worth_a_question() -> None:
    paths = [f"/run/docker/netns/{name}" for name in ("default", "0a1b2c3d4e5f", "1-ba0octm1pv", "ingress_sbox")]
    assert helpers(paths) == tuple(paths[2:])
