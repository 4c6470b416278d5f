"""The app opened on a name."""

from dataclasses import replace

from netview.model import Container, Owner, Runtime, Sample
from netview.ui.options import Options
from tests.factories import docker_sample
from tests.ui.screen import running


def with_one_on_the_host(at: float = 0.0) -> Sample:
    """A container without a namespace of its own."""
    sample = docker_sample(at)
    owner = Owner(Runtime.DOCKER, "f" * 64, "onhost", networks=("host",))
    return replace(sample, containers=(*sample.containers, Container(owner, pid=40)))


async def test_a_container_on_the_hosts_network_opens_the_host_and_no_neighbour_of_it() -> None:
    async with running(with_one_on_the_host, options=Options(open_on="onhost")) as hand:
        assert "[3 Namespaces]" in hand.lines[2]
        assert hand.selected.split("││")[0].split()[1:2] == ["host"]
