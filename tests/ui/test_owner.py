"""The screen of an owner."""

from dataclasses import replace

import pytest

from netview.model import Claimant, Container, NamespaceId, Owner, PublishedPort, Runtime, Sample, UserNamespace
from netview.model.host_facts import HostFacts
from netview.model.namespace import Unknown
from tests.factories import HOSTILE, NGINX_1, NGINX_2, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, running

WEB = Owner(
    Runtime.DOCKER,
    "d" * 64,
    "nginx-1",
    networks=("bridge", "shop"),
    ports=(PublishedPort("203.0.113.7", 8080, 80, "tcp"), PublishedPort(None, None, 443, "tcp")),
    image="nginx:1.27",
    state="running",
    labels=(("com.example.tier", "front"), (HOSTILE, HOSTILE)),
)


def owned(at: float) -> Sample:
    """nginx-1 with all that an engine tells, a second container, and a claim that nothing bears out."""
    sample = docker_sample(at)
    pid = sample.found[NGINX_1].processes[0].pid
    containers = (
        Container(WEB, pid),
        Container(Owner(Runtime.DOCKER, "e" * 64, "sidecar", annotations=(("nerdctl/name", HOSTILE),)), pid),
        Container(Owner(Runtime.DOCKER, "f" * 64, "liar"), pid, claimed_by=Claimant("/run/fake.sock", 9, 0)),
    )
    return replace(sample, containers=containers)


def without(at: float) -> Sample:
    """From the third second on nginx-1 is gone."""
    sample = owned(at)
    if at < 2:
        return sample
    kept: dict[NamespaceId, object] = {name: known for name, known in sample.found.items() if name != NGINX_1}
    tables = {name: held for name, held in sample.tables.items() if name in kept}
    return replace(sample, found={name: sample.found[name] for name in kept}, tables=tables)


async def test_o_shows_what_a_container_believes_of_its_host_and_asks_for_it() -> None:
    def believing(at: float) -> Sample:
        sample = owned(at)
        lines = ("nameserver 127.0.0.11", "search shop.example", f"options {HOSTILE}")
        unknown = (Unknown("/etc/hostname", "its file system may hang"),)
        facts = HostFacts(None, lines, ("172.17.0.2 nginx-1",), unknown)
        return replace(sample, facts={sample.found[NGINX_1].processes[0].pid: facts})

    async with running(believing, size=WIDE) as hand:
        await hand.press("3", "slash", *"nginx-1", "enter", "o")
        assert hand.poller._want.facts == NGINX_1
        for words in (
            "host files",
            "127.0.0.11",
            "shop.example",
            "172.17.0.2 nginx-1",
            "/etc/hostname: its file system may hang",
        ):
            assert words in hand.text
        assert "\x1b" not in hand.text
        await hand.press("escape")
        assert hand.poller._want.facts == ""


async def test_o_shows_every_container_with_what_its_engine_tells() -> None:
    async with running(owned, size=WIDE) as hand:
        await hand.press("3", "slash", *"nginx-1", "enter", "o")
        text = hand.text
        for words in ("nginx:1.27", "running", "bridge, shop", "203.0.113.7:8080 \u2192 80/tcp", "443/tcp, not published"):
            assert words in text
        assert "com.example.tier=front" in text
        assert "sidecar" in text
        assert "nerdctl/name=" in text
        assert "not told" in text
        assert "liar, claimed by /run/fake.sock" in text
        assert "\x1b" not in text
        await hand.press("escape")
        assert "[3 Namespaces]" in hand.text


@pytest.mark.parametrize("size", [WIDE, (100, 30), STANDARD, LEAST])
async def test_the_owner_is_read_at_every_size_and_left_again(size: tuple[int, int]) -> None:
    async with running(owned, size=size) as hand:
        await hand.press("3", "slash", *"nginx-1", "enter", "o")
        assert "nginx:1.27" in hand.text
        await hand.press("o")
        assert "nginx:1.27" not in hand.text


async def test_the_user_namespace_that_it_was_made_in_is_told() -> None:
    def nested(at: float) -> Sample:
        sample = owned(at)
        outer = UserNamespace(1, 1001)
        users = {NGINX_1: UserNamespace(2, 101_000, outer), NGINX_2: outer}
        found = {**sample.found, **{key: replace(sample.found[key], user_namespace=user) for key, user in users.items()}}
        return replace(sample, found=found)

    async with running(nested, size=(120, 60)) as hand:
        await hand.press("3", "slash", *"nginx-1", "enter", "o")
        lines = [line.split("\u2502")[1].split() for line in hand.text.splitlines() if line.count("\u2502") > 1]
        assert ["user", "namespace", "of", "uid", "101000"] in lines
        assert ["made", "in", "that", "of", "uid", "1001"] in lines
        assert "within" in [line[0] for line in lines if line]


async def test_a_mount_that_only_others_see_is_told_with_who_sees_it() -> None:
    def mounted(at: float) -> Sample:
        sample = owned(at)
        hidden = replace(sample.found[NGINX_1], elsewhere=((77, f"/run/netns/{HOSTILE}"),))
        return replace(sample, found={**sample.found, NGINX_1: hidden})

    async with running(mounted, size=(160, 60)) as hand:
        await hand.press("3", "slash", *"nginx-1", "enter", "o")
        assert "as process 77 sees it" in hand.text
        assert "\x1b" not in hand.text


async def test_an_owner_that_goes_while_it_is_looked_at_is_told_to_be_gone() -> None:
    async with running(without, size=STANDARD) as hand:
        await hand.press("3", "slash", *"nginx-1", "enter", "o")
        await hand.step(3)
        assert "this namespace is gone" in hand.text
