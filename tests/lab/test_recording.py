"""The recording that ships with the package, and what plays it."""

import os

import pytest

from netview.archive import ReplaySource
from netview.lab.demo import recorded_demo
from netview.live import Poller, Want
from netview.model import Snapshot
from tests.lab.running import SOMEBODY, Run


def test_the_recording_shows_the_demos_network_with_rates_round_after_round() -> None:
    source = ReplaySource(recorded_demo(), loop=True)
    poller = Poller(source)
    seen = [poller.step().snapshot for _ in range(250)]
    source.close()
    assert {"host", "nginx-1", "nginx-2", "api", "redis", "postgres", "web.1", "web.2"} <= _labels(seen[0])
    assert all(_labels(snapshot) == _labels(seen[0]) for snapshot in seen)
    fast = [_rate(snapshot, "veth9c02e56") for snapshot in seen[1:]]
    assert all(rate is not None and rate < 10_000_000 for rate in fast)
    assert max(rate or 0 for rate in fast) > 500_000


def test_the_recording_holds_no_path_of_the_machine_that_made_it() -> None:
    source = ReplaySource(recorded_demo())
    sample = source.sample(Want())
    source.close()
    assert sample.hostname == "lab-vm"
    assert all(path.startswith(("/run/netns/", "/run/docker/netns/")) for found in sample.found.values() for path in found.paths)
    assert all(process.command is None for found in sample.found.values() for process in found.processes)


@pytest.mark.parametrize("uid", [None, SOMEBODY] if os.geteuid() == 0 else [None])
def test_where_the_kernel_refuses_a_lab_the_recording_is_shown_and_the_reason_told(run: Run, uid: int | None) -> None:
    running = run("recorded", uid)
    shown = running.text()
    assert running.status() == 0
    assert "nginx-1 eth0 172.17.0.2/16" in shown
    assert "unshare CLONE_NEWUSER: No space left on device (a limit in /proc/sys/user)" in shown


def _labels(snapshot: Snapshot) -> set[str]:
    return {namespace.label for namespace in snapshot.namespaces.values()}


def _rate(snapshot: Snapshot, name: str) -> float | None:
    host = snapshot.namespaces[snapshot.home]
    (key,) = (key for key in snapshot.rates if key.namespace == snapshot.home and host.links[key.ifindex].name == name)
    return snapshot.rates[key].tx_bytes
