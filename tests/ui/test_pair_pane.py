import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region

from netview.derive.build import build
from netview.live import History
from netview.model import LinkKey, NamespaceId, Sample, Snapshot, Tables
from netview.ui.widgets.pair_pane import PairPane
from tests.factories import (
    DOCKER0,
    ETH0_1,
    HOME,
    NGINX_1,
    OVERLAY,
    UPLINK,
    VETH_1,
    a_link,
    a_sample,
    an_address,
    docker_sample,
    found,
    stats,
    tables,
)

RATES = (0, 1_000_000, 500_000, 2_000_000, 250_000, 1_000_000)
"""Bytes per second into nginx-1, second by second."""


class OnePane(App[None]):
    """Nothing but the pane."""

    CSS = "PairPane { width: 1fr; height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield PairPane()

    @property
    def pane(self) -> PairPane:
        return self.query_one(PairPane)

    def text(self) -> str:
        """What stands on the screen, line by line."""
        return "\n".join("".join(segment.text for segment in strip) for strip in self.screen._compositor.render_strips())


def watched(samples: list[Sample]) -> tuple[Snapshot, History]:
    history = History()
    before: Sample | None = None
    snapshot: Snapshot | None = None
    for sample in samples:
        before, snapshot = sample, build(sample, before, snapshot)
        history.add(snapshot)
    assert snapshot is not None
    return snapshot, history


def docker_world(hostile: bool = False) -> tuple[Snapshot, History]:
    """The docker world after six seconds of changing traffic into nginx-1."""
    samples = []
    received = 5_000_000
    for second, rate in enumerate(RATES):
        received += rate
        sample = docker_sample(float(second), hostile=hostile)
        moved = {ETH0_1: stats(received, 20_000), VETH_1: stats(20_000, received, tx_dropped=3)}
        samples.append(dataclasses.replace(sample, counters={**sample.counters, **moved}))
    return watched(samples)


def one_world(contents: dict[NamespaceId, Tables]) -> tuple[Snapshot, History]:
    counters = {LinkKey(name, ifindex): stats() for name, content in contents.items() for ifindex in content.links}
    return watched([a_sample({name: found(name) for name in contents}, contents, counters)])


async def drawn(world: tuple[Snapshot, History], key: LinkKey | NamespaceId | None, size: tuple[int, int], **look: Any) -> str:
    app = OnePane()
    async with app.run_test(size=size) as pilot:
        asked: dict[str, Any] = {"units": "bit", "metric": "rate", "ascii": False} | look
        app.pane.show(world[0], key, world[1], **asked)
        await pilot.pause(0)
        return app.text()


def golden(text: str) -> str:
    return "\n".join(line.strip("\n") for line in text.strip("\n").splitlines())


async def test_both_ends_stand_side_by_side_in_a_narrow_pane() -> None:
    assert await drawn(docker_world(), ETH0_1, (38, 24)) == golden("""
╭─ nginx-1 eth0 ⇄ veth9c02e56 ───────╮
│in nginx-1        docker0, port 1   │
│eth0 #6           veth9c02e56 #7    │
│172.17.0.2/16     forwarding        │
│02:42:ac:11:00:06 52:81:0b:24:3d:da │
│mtu 1500 up       mtu 1500 up       │
│↓      ▅▃█▂▅ 8.0 Mbit/s peak 16 M   │
│↑      ▁▁▁▁▁    0 bit/s peak 0      │
│default via 172.17.0.1 · 1 neighbour│
│docker nginx-1 aaaaaaaaaaaa         │
│network bridge                      │
│203.0.113.7:8080→80/tcp             │
│           eth0        veth9c02e56  │
│              rx    tx    rx    tx  │
│bytes      9.3Mi  20Ki  20Ki 9.3Mi  │
│packets     9750    20    20  9750  │
│errors         0     0     0     0  │
│dropped        0     0     0     3  │
│overruns       0     0     0     0  │
│frame          0     -     0     -  │
│carrier        -     0     -     0  │
│collisions     -     0     -     0  │
│multicast      0     -     0     -  │
╰────────────────────────── 28 more ─╯
""")


async def test_a_wide_and_high_pane_shows_everything_that_ifconfig_prints() -> None:
    text = await drawn(docker_world(), VETH_1, (80, 44))
    assert text.startswith(
        golden("""
╭─ nginx-1 eth0 ⇄ veth9c02e56 ─────────────────────────────────────────────────╮
│in nginx-1                             on docker0, port 1                     │
│eth0 #6                                veth9c02e56 #7                         │
│172.17.0.2/16                          forwarding                             │
│02:42:ac:11:00:06                      52:81:0b:24:3d:da                      │
│mtu 1500 up                            mtu 1500 up                            │
│↓                                         ▅▃█▂▅ 8.0 Mbit/s peak 16 M    · 5 s │
│↑                                         ▁▁▁▁▁    0 bit/s peak 0       · 5 s │
│default via 172.17.0.1 · 1 neighbour                                          │
│docker nginx-1 aaaaaaaaaaaa · network bridge · 203.0.113.7:8080→80/tcp        │
""")
    )
    words = "flags 4163<UP,BROADCAST,RUNNING,MULTICAST,LOWER_UP> txqueuelen errors dropped overruns frame carrier collisions"
    for word in words.split():
        assert word in text
    assert "inet 172.17.0.2/16 scope global" in text
    assert "more ─╯" not in text


@pytest.mark.parametrize("size", [(38, 60), (45, 50), (60, 24), (80, 44), (10, 8), (3, 3)])
@pytest.mark.parametrize("hostile", [False, True])
async def test_every_line_fits_whatever_the_size_and_the_names(size: tuple[int, int], hostile: bool) -> None:
    for key in (ETH0_1, VETH_1, DOCKER0, UPLINK, LinkKey(OVERLAY, 5), LinkKey(HOME, 1)):
        lines = (await drawn(docker_world(hostile), key, size)).splitlines()
        assert [cell_len(line) for line in lines] == [size[0]] * size[1]
        assert all(line[0] in "╭│╰" and line[-1] in "╮│╯" for line in lines)
        assert all(line.isprintable() for line in lines)


async def test_a_hostile_name_is_spelled_out_and_keeps_its_ifindex() -> None:
    text = await drawn(docker_world(hostile=True), ETH0_1, (60, 12))
    assert "in e\\x1b[2J[/red]\\u202eb" in text
    assert "e\\x1b[2J[/red]\\u202eb #6" in text
    assert "e\\x1b[2J[/r… #6" in await drawn(docker_world(hostile=True), ETH0_1, (34, 12))


async def test_the_ascii_pane_is_ascii() -> None:
    text = await drawn(docker_world(), ETH0_1, (45, 20), ascii=True, units="byte")
    assert text.isascii()
    assert "+- nginx-1 eth0 <> veth9c02e56 ---" in text
    assert "|v      -,#.-   1.0 MB/s peak 2.0 M   - 5 s |" in text


@pytest.mark.parametrize(
    ("metric", "line"),
    [
        ("packets", "│↓      ▅▃█▂▅ 1.0 kpkt/s peak 2.0 k  │"),
        ("total", "│↓      ▅▃█▂▅    9.3 MiB peak/s 16 M │"),
        ("drops", "│↓      ▁▁▁▁▁    0 drops peak/s 0    │"),
    ],
)
async def test_the_metric_decides_what_is_drawn(metric: str, line: str) -> None:
    assert line in await drawn(docker_world(), ETH0_1, (38, 12), metric=metric)


async def test_a_bridge_shows_its_sum_its_ports_and_its_stp() -> None:
    assert (await drawn(docker_world(), DOCKER0, (45, 14))).startswith(
        golden("""
╭─ host docker0 ────────────────────────────╮
│in host                                    │
│docker0 #3                                 │
│172.17.0.1/16                              │
│fe80::42:d8ff:fee4:dfc1/64                 │
│02:42:d8:e4:df:c1                          │
│mtu 1500 up                                │
│↓      ▅▃█▂▅ 8.0 Mbit/s peak 16 M    · 5 s │
│↑      ▁▁▁▁▁    0 bit/s peak 0       · 5 s │
│id 8000.0242d8e4dfc1 · root this bridge    │
│stp off · ageing 300 s · vlan_filtering off│
│ports veth9c02e56, veth5a5cdcf             │
│1 neighbour                                │
""")
    )


async def test_a_vxlan_shows_its_tunnel_in_the_kernels_directions() -> None:
    text = await drawn(docker_world(), LinkKey(OVERLAY, 5), (45, 14))
    assert "│vni 4097 · local any · remote 192.0.2.8    │" in text
    assert "│rx     ▁▁▁▁▁    0 bit/s" in text
    assert "│on br0, port 1 " in text


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "nothing selected"),
        (LinkKey(HOME, 99), "link #99 is gone"),
        (NamespaceId("c99"), "this namespace is gone"),
    ],
)
async def test_a_pane_without_a_link_says_why(key: LinkKey | NamespaceId | None, said: str) -> None:
    assert f"│{said} " in await drawn(docker_world(), key, (45, 5))


async def test_before_the_first_snapshot_it_says_that_the_kernel_is_being_read() -> None:
    app = OnePane()
    async with app.run_test(size=(45, 5)):
        assert "reading the kernel…" in app.text()


async def test_a_locked_namespace_says_what_it_needs() -> None:
    locked = one_world({HOME: tables([]), NGINX_1: Tables(error="needs CAP_SYS_ADMIN")})
    assert "? needs CAP_SYS_ADMIN" in await drawn(locked, NGINX_1, (45, 5))


async def test_a_peer_that_cannot_be_seen_is_told_with_nsid_and_ifindex() -> None:
    link = a_link(7, "veth0", link=5, link_nsid=3)
    assert (await drawn(one_world({HOME: tables([link])}), LinkKey(HOME, 7), (45, 20))).startswith(
        golden("""
╭─ ? #5 ⇄ veth0 ────────────────────────────╮
│in ?                  in host              │
│? #5                  veth0 #7             │
│in a namespace that                        │
│cannot be seen: nsid                       │
│3, ifindex 5                               │
│                      02:42:ac:11:00:07    │
│                      mtu 1500 up          │
│↓             ? no rate peak ?       · 0 s │
""")
    )


async def test_a_link_that_is_down_or_without_carrier_is_said_in_words() -> None:
    link = a_link(7, "eth9", "device", carrier=False)
    down = a_link(8, "eth8", "device", flags=link.flags & ~1)
    world = one_world({HOME: tables([link, down])})
    assert "mtu 1500 no carrier" in await drawn(world, LinkKey(HOME, 7), (45, 8))
    assert "mtu 1500 down" in await drawn(world, LinkKey(HOME, 8), (45, 8))


async def test_an_address_wider_than_its_column_has_a_line_of_its_own() -> None:
    long = "2001:db8:1234:5678:9abc:def0:1234:5678/64"
    contents = {
        HOME: tables([a_link(7, "veth0", link=6, link_nsid=0)], nsids={0: NGINX_1}),
        NGINX_1: tables([a_link(6, "eth0", link=7, link_nsid=0)], nsids={0: HOME}, addresses=(an_address(6, long),)),
    }
    assert f"│eth0 {long} " in await drawn(one_world(contents), LinkKey(HOME, 7), (60, 12))
    assert f"│{long} " in await drawn(one_world(contents), LinkKey(HOME, 7), (100, 12))


@contextmanager
def painted(pane: PairPane) -> Iterator[list[Region]]:
    """Which parts are asked to be painted again."""
    regions: list[Region] = []
    plain = pane.refresh

    def refresh(*asked: Region, **others: Any) -> PairPane:
        regions.extend(asked or [Region(0, 0, *pane.size)])
        return plain(*asked, **others)

    pane.refresh = refresh  # type: ignore[method-assign]
    yield regions
    del pane.refresh


async def test_only_the_lines_that_changed_are_painted_again() -> None:
    app = OnePane()
    async with app.run_test(size=(60, 30)) as pilot:
        before, history = docker_world()
        look: dict[str, Any] = {"units": "bit", "metric": "rate", "ascii": False}
        app.pane.show(before, ETH0_1, history, **look)
        await pilot.pause(0)
        with painted(app.pane) as regions:
            app.pane.show(before, ETH0_1, history, **look)
        assert regions == []
        counters = {**before.counters, ETH0_1: before.counters[ETH0_1]._replace(rx_errors=7)}
        with painted(app.pane) as regions:
            app.pane.show(dataclasses.replace(before, counters=counters), ETH0_1, history, **look)
        await pilot.pause(0)
        assert [region.height for region in regions] == [1]
        assert "errors" in app.text().splitlines()[regions[0].y + 1]


async def test_j_and_k_scroll_what_is_higher_than_its_box_and_the_border_says_how_much_is_left() -> None:
    app = OnePane()
    snapshot, history = docker_world()
    async with app.run_test(size=(45, 12)) as pilot:
        app.pane.show(snapshot, ETH0_1, history, units="bit", metric="rate", ascii=False)
        app.pane.focus()
        await pilot.pause(0)
        top = app.text().splitlines()
        for keys, first, below in (("jj", top[3], 35), ("k", top[2], 36), ("G", None, 0), ("g", top[1], 37)):
            for key in keys:
                app.simulate_key(key)
                await pilot.pause(0)
            lines = app.text().splitlines()
            assert first is None or lines[1] == first
            assert (f" {below} more ─╯" in lines[-1]) == (below > 0)


async def test_another_wire_is_shown_from_its_top() -> None:
    app = OnePane()
    snapshot, history = docker_world()
    look: dict[str, Any] = {"units": "bit", "metric": "rate", "ascii": False}
    async with app.run_test(size=(45, 12)) as pilot:
        app.pane.show(snapshot, ETH0_1, history, **look)
        app.pane.focus()
        await pilot.pause(0)
        app.simulate_key("G")
        await pilot.pause(0)
        app.pane.show(snapshot, UPLINK, history, **look)
        await pilot.pause(0)
        assert app.text().splitlines()[1].startswith("│in host ")
