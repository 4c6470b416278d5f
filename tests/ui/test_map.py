"""View 0: the map."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from netview.derive.activity import Activity, activity
from netview.derive.build import build
from netview.derive.wiring import Wire, WireId, WireKind, forest
from netview.live import History
from netview.model import LinkKey, Sample
from netview.ui.columns import Context
from netview.ui.map.bridge import BridgeDrawing
from netview.ui.map.drawing import Drawing
from netview.ui.map.host import HostDrawing
from netview.ui.map.slots import Slots
from netview.ui.widgets.map_pane import MapPane
from tests.factories import HOME, HOSTILE, NGINX_1, a_route, docker_sample, docker_snapshot
from tests.ui.crowd import crowd
from tests.ui.screen import LEAST, STANDARD, WIDE, Hand, running

DOCKER0 = LinkKey(HOME, 3)
SIZES = [WIDE, (100, 30), STANDARD, LEAST]


def written(drawing: Drawing, selected: WireId | None = None) -> list[str]:
    return ["".join(piece.text for piece in drawing.line(y, selected)) for y in range(drawing.height)]


def host(sample: Sample, width: int = 160, before: Sample | None = None) -> HostDrawing:
    snapshot = build(sample) if before is None else build(sample, before, build(before))
    return HostDrawing(Context(snapshot, History()), forest(snapshot), Slots(), width)


def wires(names: list[str]) -> list[Wire]:
    return [Wire(("wire", name), WireKind.PAIR, 1, text=name) for name in names]


def told(hand: Hand) -> str:
    """What is said of the selected item."""
    return hand.lines[-2].strip()


def test_a_wire_keeps_its_place_while_others_come_and_go() -> None:
    slots = Slots()
    assert [wire and wire.text for wire in slots.placed(("b",), wires(["a", "b", "c"]))] == ["a", "b", "c"]
    assert [wire and wire.text for wire in slots.placed(("b",), wires(["a", "c"]))] == ["a", None, "c"]
    assert [wire and wire.text for wire in slots.placed(("b",), wires(["a", "c", "d", "e"]))] == ["a", "d", "c", "e"]
    assert [wire and wire.text for wire in slots.placed(("b",), wires(["d"]))] == [None, "d"]


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=8))
def test_whoever_stays_stays_in_place(moments: list[list[str]]) -> None:
    slots = Slots()
    before: dict[str, int] = {}
    for names in moments:
        places = slots.placed(("b",), wires(names))
        now = {wire.text: index for index, wire in enumerate(places) if wire is not None}
        assert sorted(now) == sorted(names)
        assert all(now[name] == index for name, index in before.items() if name in now)
        before = now


@pytest.mark.parametrize("width", [160, 100, 80, 60])
def test_the_host_is_drawn_line_by_line_as_wide_as_it_may_be(width: int) -> None:
    drawing = host(docker_sample(1), width, docker_sample(0))
    lines = written(drawing)
    assert {cell_len(line) for line in lines} == {width}
    text = "\n".join(lines)
    assert "eth0 203.0.113.7/24" in lines[0]
    assert "docker0 172.17.0.1/16" in text
    assert "2 ports" in text
    assert "vni 4097 → 192.0.2.8" in text
    assert len({(item.x, item.y) for item in drawing.items}) == len(drawing.items)


def behind_a_veth(at: float) -> Sample:
    """A host without hardware: a megabyte a second leaves by its default route, into the veth of nginx-1."""
    sample = docker_sample(at)
    home = sample.tables[HOME]
    links = {ifindex: replace(link, master=None, port=None) for ifindex, link in home.links.items() if link.kind != "device"}
    routed = replace(home, links=links, routes=(a_route("default", 7, "203.0.113.1"),))
    return replace(sample, tables={**sample.tables, HOME: routed})


def test_an_uplink_that_is_a_veth_tells_what_the_host_receives_and_sends() -> None:
    line = written(host(behind_a_veth(1), before=behind_a_veth(0)))[0]
    assert "veth9c02e56" in line
    assert "↓ 0 bit/s ↑ 8.0 Mbit/s · uplink" in line


def test_a_thousand_ports_fit_a_screen() -> None:
    before, sample = crowd(1000, 0), crowd(1000, 1)
    drawing = host(sample, 160, before)
    lines = written(drawing)
    assert drawing.height <= 45 - 5
    assert sum(line.count("▃") + line.count("·") for line in lines) >= 1000
    assert "1000 ports" in "\n".join(lines)
    assert len(drawing.items) >= 1000


def test_a_bridge_is_drawn_with_its_wires_down_to_containers() -> None:
    before, sample = docker_sample(0), docker_sample(1)
    snapshot = build(sample, before, build(before))
    group = next(group for group in forest(snapshot) if group.head.link == DOCKER0)
    drawing = BridgeDrawing(Context(snapshot, History()), group.head, group.members, 80)
    lines = written(drawing, group.members[1].key)
    assert {cell_len(line) for line in lines} == {80}
    assert "docker0 172.17.0.1/16" in lines[0]
    assert lines[1].count("┯") == 2
    assert "veth9c02e56 forwarding" in lines[2]
    assert "│ nginx-1 eth0" in lines[4]
    assert "│\u203anginx-2 eth0" in lines[4]
    assert "172.17.0.2/16" in lines[5]


def test_text_from_a_container_is_safe_on_it() -> None:
    snapshot = docker_snapshot(hostile=True)
    context, groups = Context(snapshot, History()), forest(snapshot)
    drawings: list[Drawing] = [HostDrawing(context, groups, Slots(), 160)]
    drawings += [BridgeDrawing(context, group.head, group.members, 160) for group in groups if group.members]
    text = "".join(line for drawing in drawings for line in written(drawing))
    assert HOSTILE not in text
    assert text.isprintable()


def test_activity_is_told_by_the_end_that_is_measured() -> None:
    before, sample = docker_sample(0), docker_sample(1)
    snapshot = build(sample, before, build(before))
    quiet = next(key for key, rates in snapshot.rates.items() if not any(rates))
    busy = next(key for key, rates in snapshot.rates.items() if (rates.rx_bytes or 0) > 100_000)
    assert activity(snapshot, (quiet,)) is Activity.QUIET
    assert activity(snapshot, (LinkKey(HOME, 999), busy)) >= Activity.SOME
    assert activity(snapshot, (LinkKey(HOME, 999),)) is Activity.UNKNOWN
    assert activity(snapshot, ()) is Activity.UNKNOWN


@pytest.mark.parametrize("size", SIZES)
async def test_the_way_down_and_up(size: tuple[int, int]) -> None:
    async with running(size=size) as hand:
        await hand.press("0")
        assert "[0 Map]" in hand.text
        while "nginx-1" not in told(hand):
            await hand.press("right")
        assert "⇄ veth9c02e56" in told(hand) or size == LEAST
        await hand.press("enter")
        assert "┯" in hand.text
        assert "\u203anginx-1 eth0" in hand.text
        await hand.press("enter")
        assert "veth9c02e56" in hand.text
        assert "[0 Map]" not in hand.text
        await hand.press("escape", "escape")
        assert "┯" not in hand.text
        assert "nginx-1" in told(hand)
        await hand.press("escape")
        assert "[1 Wiring]" in hand.text
        assert "nginx-1" in hand.selected


async def test_what_is_selected_in_the_lists_is_selected_on_the_map_and_the_other_way_round() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("3", "slash", *"nginx-2", "enter", "0")
        assert "nginx-2" in told(hand)
        await hand.press("left")
        assert "nginx-1" in told(hand)
        await hand.press("2")
        assert "nginx-1" in hand.selected


async def test_each_key_of_the_map_moves_as_it_says() -> None:
    async with running(size=WIDE) as hand:
        await hand.press("0", "g")
        pane = hand.app.screen.query_one(MapPane)
        first = pane.current
        assert first is not None
        await hand.press("down")
        below = pane.current
        assert below is not None
        assert below.y > first.y
        await hand.press("k")
        assert pane.current == first
        await hand.press("G", "l")
        assert pane.current == pane.shown()[-1]
        await hand.press("pageup", "home")
        assert pane.current == first
        await hand.press("o")
        assert "owner of" in hand.text
        await hand.press("escape", "i", "escape")
        assert "[0 Map]" in hand.text
        await hand.press("0")
        assert "[0 Map]" in hand.text


async def test_the_mouse_selects_and_opens() -> None:
    async with running(size=WIDE) as hand:
        await hand.click("0 Map")
        assert "[0 Map]" in hand.text
        await hand.click("docker0")
        before = told(hand)
        await hand.press("0")
        await hand.click("4 Routes")
        assert "[4 Routes]" in hand.text
        assert before


def gone(at: float) -> Sample:
    """From the third second on docker0 and its ports are gone."""
    sample = docker_sample(at)
    if at < 2:
        return sample
    home = sample.tables[HOME]
    links = {index: link for index, link in home.links.items() if link.name != "docker0" and link.master is None}
    kept = {name: held for name, held in sample.tables.items() if name != NGINX_1} | {HOME: replace(home, links=links)}
    found = {name: known for name, known in sample.found.items() if name in kept}
    counted = {key: value for key, value in sample.counters.items() if key.namespace != HOME or key.ifindex in links}
    counted = {key: value for key, value in counted.items() if key.namespace in found}
    read_at = {key: sample.read_at[key] for key in counted}
    return replace(sample, tables=kept, found=found, counters=counted, read_at=read_at)


async def test_a_bridge_that_goes_while_it_is_open_leads_back_to_the_host() -> None:
    async with running(gone, size=WIDE) as hand:
        await hand.press("0")
        while "nginx-1" not in told(hand):
            await hand.press("right")
        await hand.press("enter")
        await hand.step(3)
        assert "docker0" not in hand.text
        assert "eth0" in hand.text


def empty(at: float) -> Sample:
    """Nothing but a home with lo."""
    sample = docker_sample(at)
    home = sample.tables[HOME]
    lo = {index: link for index, link in home.links.items() if link.kind == "loopback"}
    tables = {HOME: replace(home, links=lo)}
    counted = {key: value for key, value in sample.counters.items() if key.namespace == HOME and key.ifindex in lo}
    read_at = {key: sample.read_at[key] for key in counted}
    return replace(sample, tables=tables, found={HOME: sample.found[HOME]}, counters=counted, read_at=read_at, containers=())


async def test_where_nothing_is_wired_it_says_so() -> None:
    async with running(empty) as hand:
        await hand.press("0", "enter", "down", "pagedown", "x", "i")
        assert "nothing is wired here" in hand.text
