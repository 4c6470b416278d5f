"""What the kernel and systemd-networkd write down, beside what the usual tools say."""

from pathlib import Path
from socket import if_nametoindex

import pytest

from netview.decode.conntrack import connection
from netview.kernel.bookkeeping import backlog, checksums, managed, tracked
from netview.kernel.enter import Door
from netview.kernel.place import HERE
from netview.model.connection import Ends
from tests.kernel.lab import Lab, run
from tests.kernel.test_doctor import inside


def test_only_links_that_networkd_configures_are_its(tmp_path: Path) -> None:
    for ifindex, state in ((2, "configured"), (3, "unmanaged"), (4, "configuring"), (5, "linger")):
        (tmp_path / str(ifindex)).write_text(f"# private\nADMIN_STATE={state}\nOPER_STATE=routable\n")
    (tmp_path / "notes").write_text("ADMIN_STATE=configured")
    # Some machines keep the namespace of their first process to themselves.
    assert managed(tmp_path, Path("/proc/self/ns/net")).ifindexes == {2, 4}
    assert managed(tmp_path, tmp_path / "notes").ifindexes == frozenset()
    assert managed(tmp_path / "absent").ifindexes == frozenset()


def test_the_backlog_is_that_of_all_processors() -> None:
    rows = [line.split() for line in Path("/proc/net/softnet_stat").read_text(encoding="ascii").splitlines()]
    told = backlog(HERE)
    assert told.dropped == sum(int(row[1], 16) for row in rows)
    assert told.processed >= sum(int(row[0], 16) for row in rows)


@pytest.mark.parametrize("word", ["on", "off"])
def test_checksums_are_made_by_whom_ethtool_says(lab: Lab, word: str) -> None:
    lab.add("host")
    lab.ip("host", "link add v0 type veth peer name v1\n")
    inside(lab, "host", ["ethtool", "-K", "v0", "tx", word])
    door = Door()
    try:
        with Path(lab.path("host")).open("rb") as namespace, door.inside(namespace.fileno()):
            assert checksums(if_nametoindex("v0")).by_hardware is (word == "on")
    finally:
        door.close()


def test_a_udp_connection_is_kept_track_of_as_it_was_translated(lab: Lab) -> None:
    lab.add("host")
    lab.ip("host", "link set lo up\n")
    chain = "add table ip t; add chain ip t o { type nat hook output priority -100; }"
    inside(lab, "host", ["nft", f"{chain}; add rule ip t o udp dport 53 dnat to 127.0.0.9:5353"])
    program = "import socket; s = socket.socket(2, 2); s.bind(('127.0.0.1', 4000)); s.sendto(b'', ('127.0.0.2', 53))"
    run(lab.inside("host", ["python3", "-c", program]))
    text = run(lab.inside("host", ["cat", "/proc/net/nf_conntrack"]))
    found = [one for line in text.encode().splitlines() if (one := connection(line)) is not None]
    assert [(one.original, one.reply) for one in found] == [
        (Ends("127.0.0.1", "127.0.0.2", 4000, 53), Ends("127.0.0.9", "127.0.0.1", 5353, 4000))
    ]


def test_too_many_connections_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netview.kernel.bookkeeping._MOST", 0)
    with pytest.raises(OSError, match=r"too many|No such file"):
        tracked(HERE)
