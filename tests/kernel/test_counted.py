"""What a namespace counts, beside what the usual tools say."""

import json
from pathlib import Path

from netview.derive.path.questions import Counters, Queues, Vlans
from netview.kernel.counted import counters, port_vlans, queues
from netview.kernel.enter import Door
from netview.kernel.place import HERE
from netview.kernel.rulesets import revision
from tests.kernel.lab import Lab, run
from tests.kernel.test_doctor import inside


def read(lab: Lab, name: str) -> tuple[Counters, Queues, Vlans]:
    door = Door()
    try:
        with Path(lab.path(name)).open("rb") as namespace, door.inside(namespace.fileno()):
            return counters(HERE), queues(HERE), port_vlans(HERE)
    finally:
        door.close()


def test_counters_are_those_that_nstat_shows(lab: Lab) -> None:
    lab.add("host")
    lab.ip("host", "link set lo up\n")
    run(lab.inside("host", ["ping", "-c2", "-i0.2", "127.0.0.1"]))
    values = read(lab, "host")[0].values
    assert values["Ip/InReceives"] == 4
    assert values["Icmp/InEchos"] == 2
    assert {"TcpExt/IPReversePathFilter", "TcpExt/TCPMTUPFail", "Udp/InCsumErrors", "Ip6/FragFails"} <= values.keys()


def test_what_a_queue_drops_is_counted_as_tc_counts_it(lab: Lab) -> None:
    lab.add("host", "one")
    lab.ip("host", "link add v0 type veth peer name v1 netns @one\nlink set v0 up\naddress add 10.9.0.1/24 dev v0\n")
    lab.ip("one", "link set v1 up\naddress add 10.9.0.2/24 dev v1\n")
    inside(lab, "host", ["tc", "qdisc", "add", "dev", "v0", "root", "tbf", "rate", "8kbit", "burst", "1540", "limit", "1540"])
    send = "import socket; s = socket.socket(2, 2); [s.sendto(bytes(1400), ('10.9.0.2', 9)) for _ in range(20)]"
    run(lab.inside("host", ["python3", "-c", send]))
    entries = {one.kind: one for one in read(lab, "host")[1].entries if one.kind != "noqueue"}
    told = {one["kind"]: one for one in json.loads(run(lab.inside("host", ["tc", "-s", "-j", "qdisc", "show", "dev", "v0"])))}
    assert entries["tbf"].dropped == told["tbf"]["drops"] > 0


def test_a_kernel_or_a_bridge_without_vlans_has_none(lab: Lab) -> None:
    lab.add("host")
    lab.ip("host", "link add br0 type bridge\nlink add v0 type veth peer name v1\nlink set v0 master br0\n")
    told = read(lab, "host")[2].by_link
    shown = json.loads(run(["bridge", "-n", lab.full("host"), "-j", "vlan", "show"]) or "[]")
    assert len(told) == len(shown)


def test_each_change_of_the_rules_is_another_revision(lab: Lab) -> None:
    lab.add("host")
    door = Door()
    known = []
    try:
        for command in ("add table ip t", "add chain ip t c", "list ruleset"):
            inside(lab, "host", ["nft", command])
            with Path(lab.path("host")).open("rb") as namespace, door.inside(namespace.fileno()):
                known.append(revision(HERE))
    finally:
        door.close()
    assert known[0] != known[1] == known[2]
