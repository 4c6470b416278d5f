"""View 1."""

from dataclasses import replace

import pytest

from netview.model import Notice, Sample
from tests.factories import NGINX_1, a_link, docker_sample
from tests.ui.screen import running


def with_a_link_inside(at: float = 0.0) -> Sample:
    """nginx-1 has a link that is no wire."""
    sample = docker_sample(at)
    inside = sample.tables[NGINX_1]
    return replace(
        sample, tables={**sample.tables, NGINX_1: replace(inside, links={**inside.links, 90: a_link(90, "tap0", "tun")})}
    )


async def test_a_link_that_is_not_homes_names_its_namespace() -> None:
    async with running(with_a_link_inside) as hand:
        line = next(line for line in hand.lines if "tap0" in line)
        assert line.split("││")[0].split()[2:4] == ["nginx-1", "tap0"]


@pytest.mark.parametrize("width", [100, 104, 110])
async def test_beside_the_pane_the_port_stays_and_the_address_gives_way(width: int) -> None:
    async with running(size=(width, 30)) as hand:
        line = next(line for line in hand.lines if "├ nginx-1" in line)
        assert "⇄ veth9c02e56" in line.split("││")[0]


async def test_a_resize_fits_the_header_at_once() -> None:
    def warned(at: float) -> Sample:
        return replace(docker_sample(at), notices=(Notice("docker", "permission denied on /var/run/docker.sock"),))

    async with running(warned) as hand:
        assert "docker: permission denied" in hand.lines[1]
        await hand.resize(60, 16)
        assert "nginx-1 ↓ via docker0" in hand.lines[1]
        assert "docker: permission denied" not in hand.lines[1]


async def test_help_tells_first_what_could_not_be_read() -> None:
    def warned(at: float) -> Sample:
        return replace(docker_sample(at), notices=(Notice("docker", "first"), Notice("podman", "second")))

    async with running(warned) as hand:
        await hand.press("question_mark")
        assert "docker: first" in hand.lines[2]
        assert "podman: second" in hand.lines[3]
