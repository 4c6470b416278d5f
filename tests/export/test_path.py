import json
from dataclasses import replace
from typing import Any

import pytest

from netview.derive.path.walk import walk
from netview.export.path import encode, lines, status
from netview.live.followed import followed
from netview.model import Flow, Snapshot, Tables
from netview.model.path import Path, Verdict
from tests.derive.path.worlds import Kernel, address, container, snapshot
from tests.factories import HOSTILE


def _path(world: Snapshot, kernel: Kernel | None = None) -> Path:
    flow = Flow("icmp", "", address(2), icmp_type=8)
    return followed(walk(world, container(1), flow), (kernel or Kernel(world)).answer)


def _json(world: Snapshot) -> dict[str, Any]:
    text = encode(world, _path(world), "web-1", "web-2")
    assert text.isascii()
    told: dict[str, Any] = json.loads(text)
    return told


def test_the_json_is_that_of_the_contract() -> None:
    told = _json(snapshot())
    assert list(told) == ["from", "to", "flow", "verdict", "reason", "at", "mtu", "hops", "back"]
    assert (told["from"], told["to"], told["verdict"]) == ("web-1", "web-2", "delivered")
    assert told["flow"] == {
        "protocol": "icmp",
        "source": address(1),
        "destination": address(2),
        "source_port": None,
        "port": None,
    }
    assert told["at"] == {"namespace": container(2), "namespace_label": "web-2", "link": "eth0"}
    assert told["mtu"] == {"bytes": 1500, "limited_by": {"namespace": container(1), "namespace_label": "web-1", "link": "eth0"}}
    assert list(told["hops"][0]) == ["namespace", "namespace_label", "link", "layer", "decision", "because", "object", "command"]
    assert told["hops"][0]["object"]["kind"] == "route"
    assert told["hops"][0]["object"]["entry"]["dst"] == "10.1.0.0/16"
    assert told["back"].keys() == told.keys() - {"back"}
    assert (told["back"]["from"], told["back"]["to"]) == ("web-2", "web-1")


def test_the_ladder_goes_from_namespace_to_namespace() -> None:
    world = snapshot()
    assert list(lines(world, _path(world), "web-1", "web-2"))[:11] == [
        f"web-1 → web-2 · icmp from {address(1)} to {address(2)}",
        "▼ web-1",
        "│ L3 sent by eth0 · 10.1.0.0/16 in table main",
        f"│ L2 {address(2)} is at 02:00:00:00:00:02 · not known yet: eth0 in web-2 would answer",
        "▼ host",
        "│ L2 eth0 hands it to v1 · they are the two ends of a veth",
        "│ L2 br0 forwards it to port v2 · flooded to all ports of br0",
        "▼ web-2",
        "│ L2 v2 hands it to eth0 · they are the two ends of a veth",
        f"│ L3 taken in · local {address(2)}/32 in table local",
        "● delivered: in web-2",
    ]


def test_names_from_elsewhere_do_nothing_to_a_terminal() -> None:
    def hostile(tables: Tables) -> Tables:
        return replace(tables, links={**tables.links, 2: replace(tables.links[2], name=HOSTILE)})

    world = snapshot(c1=hostile, c2=hostile)
    text = "".join(lines(world, _path(world), HOSTILE, HOSTILE))
    assert text.isprintable()
    assert "\u202e" not in text
    assert "\x1b" not in encode(world, _path(world), HOSTILE, HOSTILE)


@pytest.mark.parametrize(
    ("there", "back", "code"),
    [
        (Verdict.DELIVERED, Verdict.DELIVERED, 0),
        (Verdict.FORWARDED, None, 0),
        (Verdict.DELIVERED, Verdict.NO_ROUTE, 1),
        (Verdict.NO_LISTENER, Verdict.DELIVERED, 1),
        (Verdict.DELIVERED, Verdict.UNDECIDED, 3),
        (Verdict.UNDECIDED, None, 3),
        (Verdict.DROPPED, None, 1),
    ],
)
def test_the_exit_code_tells_whether_it_gets_through(there: Verdict, back: Verdict | None, code: int) -> None:
    path = replace(_path(snapshot()), verdict=there, back=None)
    whole = path if back is None else replace(path, back=replace(path, verdict=back))
    assert status(whole) == code
