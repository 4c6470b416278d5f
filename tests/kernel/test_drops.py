"""Drops that were provoked, by the counters of their namespace and by the kernel's own word."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from netview.kernel import drops as dropping
from netview.kernel.drops import DropWatch, Reasons, TracePipe, namespace_of
from tests.kernel.lab import Lab, run
from tests.kernel.looking import place, snapshot
from tests.kernel.test_trace import RULES, routed
from tests.require import missing

__all__ = ["routed"]

COMMAND = [sys.executable, "-m", "netview", "drops", "-o", "json"]
TRACED = ["unshare", "--mount", "sh", "-c", 'mount -t tracefs none /sys/kernel/tracing && exec "$@"', "sh"]
PROVOKED = """
    timeout 0.3 bash -c '</dev/tcp/10.2.0.2/99'
    echo x > /dev/udp/10.2.0.2/9
    ping -c1 -W1 10.3.0.1
"""


def dropped(lab: Lab, *more: str, traced: bool) -> tuple[int, dict[str, object]]:
    """What the command says of what is provoked while it looks."""
    argv = [*(TRACED if traced else ()), *COMMAND, *more]
    process = subprocess.Popen(lab.inside("host", argv), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert b"looking" in first, first
        subprocess.run(lab.inside("a", ["bash", "-c", PROVOKED]), check=False, capture_output=True)
        printed, told = process.communicate(timeout=30)
    finally:
        process.kill()
    assert printed, told
    return process.returncode, json.loads(printed)


def test_what_is_dropped_is_told_with_its_namespace(routed: Lab) -> None:
    assert "tcp dport 99 drop" in RULES
    routed.ip("host", "route add blackhole 10.3.0.0/24\n")
    code, found = dropped(routed, "--seconds", "2", traced=False)
    counters = {(one["namespace_label"], one["name"]) for one in found["counters"]}  # type: ignore[attr-defined]
    assert (routed.full("b"), "UdpNoPorts") in counters
    assert code == 1
    assert found["reasons"] is None
    assert any("tracefs" in one["reason"] for one in found["unknown"])  # type: ignore[attr-defined]


def test_the_kernels_reasons_are_told(routed: Lab) -> None:
    if subprocess.run([*TRACED, "true"], check=False, capture_output=True).returncode:
        missing("tracefs cannot be mounted")
    code, found = dropped(routed, "--seconds", "2", traced=True)
    reasons = {one["reason"]: one["location"] for one in found["reasons"]}  # type: ignore[attr-defined]
    assert {"NETFILTER_DROP", "NO_SOCKET"} <= reasons.keys()
    assert code == 1


def test_an_instance_that_was_left_over_is_removed(tmp_path: Path) -> None:
    instances = tmp_path / "instances"
    for name in ("netview_0123", "somebodys"):
        (instances / name).mkdir(parents=True)
    with pytest.raises(OSError, match="trace_pipe"):
        Reasons((tmp_path,))  # Made of plain files it has no pipe; what it made is removed again.
    assert [one.name for one in instances.iterdir()] == ["somebodys"]


def test_a_reading_ends_however_much_comes() -> None:
    reading, writing = os.pipe2(os.O_NONBLOCK)
    line = b" x-1 [000] ..... 1.0: kfree_skb: skbaddr=00 protocol=2048 location=icmp_rcv reason: NO_SOCKET\n"
    try:
        pipe = TracePipe(reading)
        os.write(writing, line)
        for _ in pipe.read(0.05):
            os.write(writing, line)  # There is always one more.
        assert pipe.is_behind
    finally:
        os.close(reading)
        os.close(writing)


def test_a_number_of_another_pid_namespace_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Path("/proc/self/ns/pid").stat().st_ino
    monkeypatch.setattr(dropping, "_FIRST_PIDS", own)
    assert namespace_of(os.getpid()) == Path("/proc/self/ns/net").stat().st_ino
    monkeypatch.setattr(dropping, "_FIRST_PIDS", own + 1)
    assert namespace_of(os.getpid()) is None


def test_one_that_is_read_stays_and_one_of_a_killed_netview_goes(routed: Lab) -> None:
    if subprocess.run([*TRACED, "true"], check=False, capture_output=True).returncode:
        missing("tracefs cannot be mounted")
    script = """
        mount -t tracefs none /sys/kernel/tracing
        "$@" --seconds 30 2>&1 > /dev/null | { read line; echo began; cat > /dev/null; } &
        while ! ls /sys/kernel/tracing/instances | grep -q netview_; do sleep 0.05; done
        "$@" --seconds 0.1 > /dev/null; ls /sys/kernel/tracing/instances | grep -c netview_
        kill -9 $(pgrep -f -- "drops.*--seconds 30"); sleep 0.2
        "$@" --seconds 0.1 > /dev/null; ls /sys/kernel/tracing/instances | grep -c netview_
    """
    argv = [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--mount-proc",
        "sh",
        "-c",
        f"mount -t tracefs none /sys/kernel/tracing; {script}",
    ]
    done = subprocess.run(routed.inside("host", [*argv, "sh", *COMMAND]), check=False, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["began", "1", "0"], done.stderr


def test_counters_are_those_of_iproute2(routed: Lab) -> None:
    now = snapshot(routed)
    host = place(now, routed, "host")
    watch = DropWatch({host: routed.inode("host")})
    try:
        counters = watch.counters(host)[host]
    finally:
        watch.close()
    for link in routed.show("host", "-s", "link"):
        for way in ("rx", "tx"):
            told = {one.name: value for one, value in counters.items() if one.ifindex == link["ifindex"]}
            assert told[f"{way}_errors"] == link["stats64"][way]["errors"]
            assert told[f"{way}_dropped"] == link["stats64"][way]["dropped"]
    printed = run(["nsenter", f"--net={routed.path('host')}", "cat", "/proc/net/softnet_stat"]).splitlines()
    softnet = sum(int(line.split()[1], 16) for line in printed)
    assert next(value for one, value in counters.items() if one.source == "softnet" and one.name == "dropped") >= 0 <= softnet
