"""The demo's network, with real packets."""

import os

import pytest

from tests.lab.running import SOMEBODY, Run

USERS = [None, SOMEBODY] if os.geteuid() == 0 else [None]
everybody = pytest.mark.parametrize("uid", USERS)


@everybody
def test_everybody_answers_over_bridges_overlay_and_masquerade(run: Run, uid: int | None) -> None:
    running = run("reach", uid)
    assert running.line() == {"unanswered": []}
    assert running.status() == 0


def test_bytes_are_exchanged_inside_a_bridge_across_the_overlay_to_the_outside_and_through_a_published_port(run: Run) -> None:
    running = run("exchanges")
    assert running.line() == {"bridge": 300_000, "overlay": 300_000, "outside": 300_000, "published": 100_000}
    assert running.status() == 0


def test_the_outside_sees_the_hosts_address(run: Run) -> None:
    running = run("masqueraded")
    assert running.line() == {"peer": "203.0.113.7", "own": "172.17.0.2"}
    assert running.status() == 0


def test_the_tenants_make_traffic_on_some_wires_and_leave_others_quiet(run: Run) -> None:
    running = run("traffic")
    sent = running.line()
    assert running.status() == 0
    assert sent["veth9c02e56"] > 100_000
    assert sent["vethb60c4a8"] > 2_000
    assert sent["eth0"] > 20_000
    assert sent["veth37e92d1"] < 700_000


def test_processes_are_named_after_what_they_play(run: Run) -> None:
    running = run("look")
    seen = running.line()
    assert running.status() == 0
    assert {"nginx", "redis-server", "postgres", "ping", "curl"} <= set(seen["comms"])
    assert "redis-server *:6379" in seen["commands"]


def test_the_network_is_forwarded_to_each_remote_end_by_static_entries(run: Run) -> None:
    running = run("overlay")
    assert running.line() == {"remotes": ["192.0.2.8", "192.0.2.8"], "vni": 4097, "processes": 0}
    assert running.status() == 0
