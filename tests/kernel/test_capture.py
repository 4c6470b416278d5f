"""Captures of real packets, held against tcpdump and tshark."""

import fcntl
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from netview.derive.capture.filter import program
from netview.derive.capture.journeys import PacketJourneys
from netview.export import pcapng
from netview.kernel import capture as capturing
from netview.kernel.capture import Capture, Point
from netview.live.capturing import Budget, CaptureState, Capturing, sightings
from netview.model import Flow, LinkKey
from netview.model.connection import Ends
from netview.model.packet import Frame
from tests.decode.frames import FRAMES, ethernet, four, icmp, udp
from tests.kernel.lab import Lab, run, wait
from tests.kernel.looking import at_home_in, link, snapshot
from tests.kernel.test_trace import ping, routed
from tests.require import missing

__all__ = ["routed"]

FILTERS = (
    "", "ip", "ip6", "arp", "icmp", "icmp6", "tcp", "udp", "not ip", "host 10.1.0.2", "src 10.1.0.2", "dst host 10.1.0.2",
    "net 10.0.0.0/8", "src net 192.0.2.0/24", "host 2001:db8::2", "dst net 2001:db8::/32", "port 53", "tcp port 80",
    "udp src port 53", "dst port 80", "portrange 50-90", "tcp dst portrange 1-100", "icmp or arp", "udp and not port 53",
    "ip and (tcp or icmp) and host 10.1.0.3", "!(port 80 || port 53) && ip", "less 60", "greater 500", "proto 17", "proto 132",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    for tool in ("tcpdump", "tshark"):
        if shutil.which(tool) is None:
            missing(f"needs the command {tool}")


@pytest.fixture
def wired(lab: Lab) -> Lab:
    """Two ends of a wire, without a word of IPv6 of their own."""
    lab.add("host", "a")
    for name in ("host", "a"):
        run(lab.inside(name, ["sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"]))
    lab.ip("host", "link add va type veth peer name eth0 netns @a\nlink set va up\n")
    lab.ip("a", "link set eth0 up\n")
    assert wait(lambda: lab.show("host", "link", "show", "va")[0]["operstate"] == "UP")
    return lab


def point(lab: Lab, name: str, ifname: str) -> Point:
    return Point(link(snapshot(lab), lab, name, ifname), lab.inode(name))


@contextmanager
def captured(*points: Point, text: str = "") -> Iterator[Capture]:
    capture = Capture(points, program(text))
    try:
        yield capture
    finally:
        capture.close()


def send(lab: Lab, name: str, ifname: str, frames: Sequence[bytes]) -> None:
    def go() -> None:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            raw.bind((ifname, 0))
            for frame in frames:
                raw.send(frame)

    at_home_in(lab, name, go)


def read(capture: Capture, count: int) -> list[Frame]:
    found: list[Frame] = []
    ends = time.monotonic() + 3.0
    while len(found) < count and time.monotonic() < ends:
        found += capture.read(0.1)
    return found


def written(path: Path, frames: Sequence[Frame], hardware: int = 1) -> None:
    path.write_bytes(pcapng.header("test", [pcapng.Interface("a/eth0", hardware)]) + b"".join(map(pcapng.packet, frames)))


def test_filters_let_through_what_tcpdump_lets_through(wired: Lab, tmp_path: Path) -> None:
    end = point(wired, "host", "va")
    captures = [Capture([end], program(text)) for text in FILTERS]
    try:
        send(wired, "a", "eth0", list(FRAMES.values()))
        everything = read(captures[0], len(FRAMES))
        assert [frame.data for frame in everything] == list(FRAMES.values())
        path = tmp_path / "all.pcapng"
        written(path, everything)
        for text, capture in zip(FILTERS[1:], captures[1:], strict=True):
            lines = run(["tcpdump", "-r", str(path), "-n", "-t", "-S", "--count", text]).splitlines()
            expected = int(lines[-1].split()[0])
            assert len(list(capture.read(0.1))) == expected, text
    finally:
        for capture in captures:
            capture.close()


def test_one_packet_is_one_journey_at_every_point(routed: Lab) -> None:
    now = snapshot(routed)
    ends = (("a", "eth0"), ("host", "va"), ("host", "vb"), ("b", "eth0"))
    points = [Point(link(now, routed, name, ifname), routed.inode(name)) for name, ifname in ends]
    frames: list[Frame] = []
    states: list[CaptureState] = []
    capture = Capturing(
        lambda: Capture(points, program("icmp")),
        Budget(packets=8, seconds=10),
        frames.extend,
        lambda _: ping(routed, "a", "10.2.0.2"),
    )
    capture.run(states.append)
    journeys = PacketJourneys()
    for _, seen in sightings(frames, frozenset()):
        assert seen is not None
        journeys.add(seen)
    there, back = journeys.kept
    assert [(one.point, one.outgoing) for one in there.seen] == [(0, True), (1, False), (2, True), (3, False)]
    assert [(one.point, one.outgoing) for one in back.seen] == [(3, True), (2, False), (1, True), (0, False)]
    assert there.changes() == ["", "", "now 10.2.0.1 → 10.2.0.2", ""]
    assert back.changes() == ["", "", "now 10.2.0.2 → 10.1.0.2", ""]
    assert all(before.at_ns <= after.at_ns for before, after in zip(there.seen, there.seen[1:], strict=False))
    assert (states[-1].over, states[-1].lost) == ("8 packets were captured", 0)


def test_what_a_namespace_translates_is_known_from_its_connections(routed: Lab) -> None:
    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.bind(("10.1.0.2", 4000))
            out.sendto(b"x", ("10.2.0.2", 9))

    now = snapshot(routed)
    host = Point(link(now, routed, "host", "vb"), routed.inode("host"))
    with captured(host, text="udp") as capture:
        at_home_in(routed, "a", send)
        (frame,) = read(capture, 1)
        there = Flow("udp", "10.1.0.2", "10.2.0.2", 4000, 9)
        (ends,) = capture.translated(0, there)
        assert (ends.source, ends.destination, ends.port) == ("10.2.0.1", "10.2.0.2", 9)
        ((_, seen),) = sightings([frame], frozenset())
        assert seen is not None
        assert (seen.headers.source, seen.headers.source_port) == (ends.source, ends.source_port)
        back = Flow("udp", "10.2.0.2", "10.2.0.1", 9, ends.source_port)
        assert capture.translated(0, back) == {Ends("10.2.0.2", "10.1.0.2", 9, 4000)}
        assert capture.translated(0, Flow("udp", "10.1.0.2", "10.2.0.2", 4001, 9)) == frozenset()


def test_a_tunnels_packet_is_recognised_inside_it(wired: Lab) -> None:
    with captured(point(wired, "host", "va")) as capture:
        send(wired, "a", "eth0", [FRAMES["echo"], FRAMES["vxlan"]])
        plain, tunnelled_ = (seen for _, seen in sightings(read(capture, 2), frozenset({4789})))
    assert plain is not None
    assert tunnelled_ is not None
    assert (tunnelled_.headers.stays, tunnelled_.outer is None) == (plain.headers.stays, False)


def test_a_vlan_tag_is_where_it_was(wired: Lab) -> None:
    tagged = ethernet(0x0800, four(1, icmp()), tag=42)
    with captured(point(wired, "host", "va")) as capture:
        send(wired, "a", "eth0", [tagged])
        (frame,) = read(capture, 1)
    assert (frame.data, frame.network) == (tagged, 18)


def test_a_link_without_a_header_of_its_own(lab: Lab, tmp_path: Path) -> None:
    lab.add("host")
    tun = at_home_in(lab, "host", open_tun)
    try:
        lab.ip("host", "link set t0 up\n")
        with captured(point(lab, "host", "t0"), text="icmp") as capture:
            os.write(tun, four(1, icmp(), to="10.7.0.2"))
            frames = read(capture, 1)
            hardware = capture.hardware[0]
    finally:
        os.close(tun)
    path = tmp_path / "raw.pcapng"
    written(path, frames, hardware)
    assert frames[0].network == 0
    assert run(["tshark", "-r", str(path), "-T", "fields", "-e", "ip.dst"]).strip() == "10.7.0.2"


def open_tun() -> int:
    """The other side of a device that packets come out of as they are."""
    if not Path("/dev/net/tun").exists():
        missing("needs /dev/net/tun")
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, 0x400454CA, struct.pack("16sH22x", b"t0", 0x1001))
    return descriptor


def test_what_does_not_fit_is_counted(wired: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capturing, "_MEMORY", 2 << 20)
    frames = [ethernet(0x0800, four(17, udp(1, 2, bytes(1200))))] * 4000
    with captured(point(wired, "host", "va")) as capture:
        send(wired, "a", "eth0", frames)
        assert wait(lambda: sum(capture.counts()[0]) >= 4000)
        counted = capture.counts()[0]
        kept = len(list(capture.read(0.1)))
    assert counted.lost > 0
    assert kept <= counted.received
    assert counted.received + counted.lost == 4000


def test_many_links_share_the_memory_of_one(wired: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    end = point(wired, "host", "va")
    with captured(*[end] * 20) as capture:
        rings = [line.split()[0].split("-") for line in Path("/proc/self/maps").read_text().splitlines() if "socket:" in line]
        assert sum(int(last, 16) - int(first, 16) for first, last in rings) <= 32 << 20
        send(wired, "a", "eth0", [FRAMES["echo"]])
        assert {frame.point for frame in read(capture, 20)} == set(range(20))
    monkeypatch.setattr(capturing, "_MEMORY", 2 << 20)
    with pytest.raises(capturing.CaptureError, match="17 links are more than can be captured at together: 16"):
        Capture([end] * 17)


def test_a_reading_ends_however_much_comes(wired: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capturing, "_MEMORY", 2 << 20)
    frame = ethernet(0x0800, four(17, udp(1, 2, bytes(1200))))
    with captured(point(wired, "host", "va")) as capture:
        send(wired, "a", "eth0", [frame] * 1000)
        reading, count = capture.read(3.0), 0
        for count, _ in enumerate(reading, 1):
            if count % 500 == 0:
                send(wired, "a", "eth0", [frame] * 1000)
            assert count < 5000
    assert count > 500


def test_a_link_that_goes_is_not_captured_any_more(wired: Lab) -> None:
    with captured(point(wired, "host", "va")) as capture:
        wired.ip("host", "link set va down\n")
        assert list(capture.read(0.3)) is not None
        assert capture.open == {0}
        wired.ip("host", "link set va up\n")
        wired.ip("host", "link del va\n")
        assert wait(lambda: list(capture.read(0.05)) is not None and not capture.open)
        assert capture.refused == {0: "the link is gone"}


def test_what_an_ended_point_saw_last_is_kept(wired: Lab) -> None:
    with captured(point(wired, "a", "eth0")) as capture:
        time.sleep(0.12)
        send(wired, "host", "va", [FRAMES["echo"]])
        wired.delete("a")
        assert [frame.data for frame in read(capture, 1)] == [FRAMES["echo"]]
        assert wait(lambda: not list(capture.read(0.05)) and not capture.open)


def test_nothing_is_made_promiscuous(wired: Lab) -> None:
    with captured(point(wired, "host", "va")):
        (told,) = wired.show("host", "-d", "link", "show", "va")
    assert told["promiscuity"] == 0


def test_a_namespace_is_let_go_when_its_own_end_comes(wired: Lab) -> None:
    now = snapshot(wired)
    points = [Point(link(now, wired, name, ifname), wired.inode(name)) for name, ifname in (("a", "eth0"), ("host", "va"))]
    with captured(*points) as capture:
        wired.delete("a")
        assert wait(lambda: list(capture.read(0.05)) is not None and 0 not in capture.open)
        assert wait(lambda: not any(one["ifname"] == "va" for one in wired.show("host", "link")))
        assert capture.refused[0]


def test_a_namespace_of_another_identity_is_not_entered(wired: Lab) -> None:
    with pytest.raises(capturing.CaptureError, match="it is gone"):
        Capture([Point(LinkKey("c1", 2), wired.inode("a"))])  # type: ignore[arg-type]


def command(lab: Lab, *arguments: str) -> "subprocess.Popen[bytes]":
    argv = lab.inside("host", [sys.executable, "-m", "netview", "capture", *arguments])
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def inside(process: "subprocess.Popen[bytes]", count: int) -> bool:
    """Whether a process has all its rings."""

    def opened() -> bool:
        table = Path(f"/proc/{process.pid}/maps").read_text()
        return table.count("socket:") >= count

    return wait(opened, 15.0)


def test_the_file_is_what_tshark_reads(routed: Lab, tmp_path: Path) -> None:
    path = tmp_path / "new.pcapng"
    process = command(routed, "--along", routed.full("a"), routed.full("b"), "--count", "8", "--filter", "icmp", "-w", str(path))
    assert inside(process, 4)
    ping(routed, "a", "10.2.0.2")
    _, told = process.communicate(timeout=20)
    assert (process.returncode, b"8 packets" in told) == (0, True), told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    fields = ("frame.interface_name", "frame.comment", "frame.packet_flags_direction", "ip.src", "icmp.type")
    argv = ["tshark", "-r", str(path), "-T", "fields", *(word for field in fields for word in ("-e", field))]
    rows = [line.split("\t") for line in run(argv).splitlines()]
    assert [row[1:] for row in rows[:4]] == [
        ["journey 1", "0x00000002", "10.1.0.2", "8"],
        ["journey 1", "0x00000001", "10.1.0.2", "8"],
        ["journey 1", "0x00000002", "10.2.0.1", "8"],
        ["journey 1", "0x00000001", "10.2.0.1", "8"],
    ]
    assert [row[0] for row in rows[:4]] == [f"{routed.full('a')}/eth0", "host/va", "host/vb", f"{routed.full('b')}/eth0"]
    again = command(routed, "host/va", "-w", str(path))
    assert b"exists already" in again.communicate(timeout=20)[1]


def test_no_link_in_the_file_system_is_followed(routed: Lab, tmp_path: Path) -> None:
    (tmp_path / "there.pcapng").symlink_to(tmp_path / "elsewhere")
    process = command(routed, "va", "-w", str(tmp_path / "there.pcapng"))
    process.communicate(timeout=20)
    assert process.returncode == 1
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_ends_it_in_one_line(routed: Lab) -> None:
    argv = routed.inside("host", [sys.executable, "-m", "netview", "capture", "va", "-w", "-"])
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, check=False, timeout=20)
    assert (done.returncode, done.stderr) == (1, b"netview: cannot write: No space left on device\n")


def test_a_reader_that_goes_ends_it(routed: Lab) -> None:
    process = command(routed, "va", "-w", "-")
    assert process.stdout is not None
    assert inside(process, 1)
    assert os.read(process.stdout.fileno(), 4) == b"\x0a\x0d\x0d\x0a"
    process.stdout.close()
    ping(routed, "a", "10.1.0.1")
    process.wait(timeout=15)
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


@pytest.mark.parametrize("more", [(), ("-w", "-")])
def test_a_reader_that_goes_ends_it_where_there_is_no_packet(routed: Lab, more: tuple[str, ...]) -> None:
    process = command(routed, "va", "--filter", "tcp port 9", "--seconds", "60", *more)
    assert inside(process, 1)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=15) == 3
    assert process.stderr is not None
    process.stderr.close()


@pytest.mark.parametrize("more", [(), ("-w", "-")])
def test_a_reader_that_stands_still_keeps_no_namespace(wired: Lab, more: tuple[str, ...]) -> None:
    process = command(wired, wired.full("a"), "--count", "100000", "--seconds", "60", *more)
    try:
        assert inside(process, 1)
        frames = [ethernet(0x0800, four(17, udp(1, port, bytes(1200)))) for port in range(1, 1500)]
        send(wired, "host", "va", frames)
        time.sleep(0.6)  # Until the pipe is full.
        wired.delete("a")
        assert wait(lambda: not any(one["ifname"] == "va" for one in wired.show("host", "link")))
        process.terminate()
        assert process.wait(timeout=5) == 0
    finally:
        process.kill()
        process.communicate()


def test_each_packet_is_told_with_what_was_made_of_it(routed: Lab) -> None:
    process = command(routed, routed.full("a"), "vb", "--filter", "icmp", "--count", "4")
    assert inside(process, 2)
    ping(routed, "a", "10.2.0.2")
    printed, _ = process.communicate(timeout=20)
    text = printed.decode()
    assert "icmp 10.1.0.2 → 10.2.0.2 echo request 1 84 bytes" in text
    assert "out of host/vb  now 10.2.0.1 → 10.2.0.2" in text
    assert text.count("● seen last at") == 2


def test_a_capture_that_cannot_begin_leaves_no_file(routed: Lab, tmp_path: Path) -> None:
    path = tmp_path / "none.pcapng"
    argv = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", sys.executable, "-m", "netview", "capture", "va"]
    done = subprocess.run(
        routed.inside("host", [*argv, "-w", str(path)]), check=False, capture_output=True, text=True, timeout=60
    )
    assert "nothing can be captured: Operation not permitted: it takes root, or CAP_NET_RAW" in done.stderr
    assert (done.returncode, path.exists()) == (1, False)


def test_whoever_reads_nothing_keeps_it_no_longer_than_was_asked_for(routed: Lab) -> None:
    process = command(routed, "va", "-w", "-", "--seconds", "2", "--count", "1000000")
    try:
        assert inside(process, 1)
        send(routed, "a", "eth0", [FRAMES["long"]] * 2000)
        process.wait(timeout=15)
    finally:
        process.kill()
    assert process.stderr is not None
    assert process.stdout is not None
    assert b"nobody read any more" in process.stderr.read()
    process.stdout.close()
    process.stderr.close()
