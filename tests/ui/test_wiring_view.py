"""View 1."""

from dataclasses import replace

import pytest

from netview.model import Sample
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
