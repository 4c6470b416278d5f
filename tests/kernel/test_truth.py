"""Every field of `netview snapshot -o json` against what iproute2 prints inside each namespace of the rich lab."""

import json
import sys
from typing import Any, NamedTuple

import pytest

from tests.kernel import iproute2
from tests.kernel.lab import Lab, run
from tests.kernel.looking import BACKENDS
from tests.kernel.topology import NAMES

_TIMES = 15
# The newest counters, of which the iproute2 of Debian 12 says nothing.
_UNTOLD = {"rx_compressed", "tx_compressed", "rx_nohandler", "rx_otherhost_dropped"}
_BY_NETVIEW_ALONE = {"peer", "lower"}

Told = dict[str, dict[str, list[iproute2.Row]]]


def _json(lab: Lab, backend: str) -> dict[str, Any]:
    argv = [sys.executable, "-m", "netview", "--backend", backend, "snapshot", "-o", "json"]
    printed = run(lab.inside("host", argv))
    assert printed.isascii()
    told: dict[str, Any] = json.loads(printed)
    return told


def _told(lab: Lab) -> Told:
    return {name: iproute2.namespace(lab, name) for name in NAMES}


class Look(NamedTuple):
    """netview's JSON, between two looks of iproute2 that differ in nothing but counters."""

    json: dict[str, Any]
    before: Told
    after: Told


@pytest.fixture(scope="module", params=BACKENDS)
def look(rich: Lab, request: pytest.FixtureRequest) -> Look:
    for _ in range(_TIMES):
        found = Look(before=_told(rich), json=_json(rich, request.param), after=_told(rich))
        if _without_counters(found.before) == _without_counters(found.after):
            return found
    pytest.fail("the lab never came to rest")


def _without_counters(told: Told) -> Told:
    return {name: iproute2.without_counters(tables) for name, tables in told.items()}


@pytest.fixture
def seen(look: Look, rich: Lab, name: str) -> dict[str, Any]:
    """One namespace of the JSON."""
    found: dict[str, Any] = next(row for row in look.json["namespaces"] if rich.full(name) in row["names"])
    return found


@pytest.fixture
def told(look: Look, name: str) -> dict[str, list[iproute2.Row]]:
    """The same namespace in iproute2's words."""
    return look.after[name]


@pytest.mark.parametrize("name", NAMES)
def test_links_are_those_of_ip_in_every_field(seen: dict[str, Any], told: dict[str, list[iproute2.Row]]) -> None:
    for link, row in zip(seen["links"], told["links"], strict=True):
        assert link.keys() - row.keys() == _BY_NETVIEW_ALONE, "a field that nothing is held against"
        for field in row.keys() - {"stats", "carrier"}:
            assert link[field] == row[field], (row["name"], field)


@pytest.mark.parametrize("name", NAMES)
def test_carriers_are_those_of_ip_where_links_are_up(seen: dict[str, Any], told: dict[str, list[iproute2.Row]]) -> None:
    said = {row["name"]: row["carrier"] for row in told["links"] if row["carrier"] is not None}
    assert {link["name"]: link["carrier"] for link in seen["links"] if link["name"] in said} == said


@pytest.mark.parametrize("name", NAMES)
def test_counters_lie_between_those_of_ip_from_before_and_after(seen: dict[str, Any], look: Look, name: str) -> None:
    rows = zip(look.before[name]["links"], seen["links"], look.after[name]["links"], strict=True)
    for before, link, after in rows:
        assert link["stats"].keys() - after["stats"].keys() == _UNTOLD
        for field, value in after["stats"].items():
            assert before["stats"][field] <= link["stats"][field] <= value, (after["name"], field)


@pytest.mark.parametrize("rows", ["routes", "rules", "neighbours", "fdb"])
@pytest.mark.parametrize("name", NAMES)
def test_tables_are_those_of_ip_and_bridge(seen: dict[str, Any], told: dict[str, list[iproute2.Row]], rows: str) -> None:
    assert iproute2.in_order(seen[rows]) == told[rows]


@pytest.mark.parametrize("name", NAMES)
def test_a_namespace_is_named_as_ip_netns_names_it(seen: dict[str, Any], rich: Lab, name: str) -> None:
    expected = {
        "inode": rich.inode(name),
        "home": name == "host",
        "label": "host" if name == "host" else rich.full(name),
        "names": [rich.full(name)],
        "paths": [rich.path(name)],
        "error": None,
        "unknown": [],
    }
    assert {field: seen[field] for field in expected} == expected
    assert "mount" in seen["sources"]


def test_ends_of_wires_are_in_the_json_by_namespace_number_and_name(look: Look, rich: Lab) -> None:
    spaces = {name: row for row in look.json["namespaces"] for name in row["names"]}
    ids = {name: spaces[rich.full(name)]["id"] for name in NAMES}
    links = {(name, link["name"]): link for name in NAMES for link in spaces[rich.full(name)]["links"]}
    assert links["c1", "eth0"]["peer"] == {"namespace": ids["host"], "nsid": 0, "ifindex": 30, "name": "v1"}
    assert links["host", "self0"]["peer"] == {"namespace": ids["host"], "nsid": None, "ifindex": 41, "name": "self1"}
    hidden = links["host", "vh"]["peer"]
    (unreachable,) = (row for row in look.json["namespaces"] if row["sources"] == ["veth"] and row["id"] == hidden["namespace"])
    assert hidden == {"namespace": unreachable["id"], "nsid": hidden["nsid"], "ifindex": 30, "name": "eth0"}
    assert (unreachable["inode"], unreachable["label"], unreachable["error"]) == (None, "unreachable", None)
    assert {row["field"] for row in unreachable["unknown"]} == {"routes", "rules", "neighbours", "fdb"}
    assert links["over", "vx1"]["lower"] == {"namespace": ids["host"], "nsid": 0, "ifindex": 60, "name": "u0"}
    assert links["over", "vx0"]["lower"] is None
    assert links["host", "mv0"]["lower"] == {"namespace": ids["host"], "nsid": None, "ifindex": 62, "name": "low0"}


def test_the_json_names_its_schema_its_moment_and_its_home(look: Look, rich: Lab) -> None:
    seen = look.json
    assert seen["schema"] == "netview.snapshot/1"
    assert seen["taken_at"].endswith("Z")
    assert [row["names"] for row in seen["namespaces"] if row["id"] == seen["home"]] == [[rich.full("host")]]
    assert seen["kernel"] == run(["uname", "-r"]).strip()
    assert seen["hostname"] == run(["uname", "-n"]).strip()
