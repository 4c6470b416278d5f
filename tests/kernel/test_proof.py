"""The command, run as root, prints what the row says."""

import subprocess

from netview.derive.proof import Provable, proof
from netview.model import LinkKey, NamespaceId
from tests.kernel.lab import Lab
from tests.kernel.looking import place, sample, snapshot


def _printed(lab: Lab, told: str | None) -> str:
    assert told is not None
    inside = ["nsenter", f"--net={lab.path('host')}", "sh", "-c", told]
    done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=10)
    assert (done.returncode, done.stderr) == (0, ""), told
    return done.stdout


def test_every_kind_of_row_is_proved_by_its_command(lab: Lab) -> None:
    lab.add("host", "one")
    lab.ip("host", "link add br0 type bridge\nlink add v type veth peer name eth0 netns @one\nlink set v master br0 up\n")
    lab.ip("host", "link set br0 up\naddress add 10.9.0.1/24 dev br0\nlink add $(boom) type veth peer name e2\n")
    lab.ip("host", "rule add priority 77 to 10.8.0.0/16 lookup 99\n")
    lab.ip("one", "address add 10.9.0.2/24 dev eth0\nlink set eth0 up\nroute add default via 10.9.0.1\n")
    lab.ip("one", "neighbour add 10.9.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent\n")
    seen = snapshot(lab)
    one = place(sample(lab), lab, "one")
    proved: set[str] = set()

    def prove(namespace: NamespaceId, link: LinkKey | None, fact: Provable, *words: str) -> None:
        printed = _printed(lab, proof(seen, namespace, link, fact))
        assert all(word in printed for word in words), (words, printed)
        proved.add(type(fact).__name__)

    for namespace in (seen.home, one):
        tables = seen.namespaces[namespace].tables
        for ifindex, link in tables.links.items():
            key = LinkKey(namespace, ifindex)
            prove(namespace, key, None, link.name, *([link.address] if link.address else []), f"mtu {link.mtu}")
        for address in tables.addresses:
            prove(namespace, LinkKey(namespace, address.ifindex), address, f"{address.address}/{address.prefixlen}")
        for route in tables.routes:
            prove(namespace, None, route, route.dst.removesuffix("/32").removesuffix("/128"), route.protocol)
        for rule in tables.rules:
            prove(namespace, None, rule, f"{rule.priority}:", rule.table or "")
        for neighbour in tables.neighbours:
            words = (neighbour.ip, *([neighbour.mac] if neighbour.mac else []))
            prove(namespace, LinkKey(namespace, neighbour.ifindex), neighbour, *words)
        for entry in tables.fdb:
            prove(namespace, LinkKey(namespace, entry.ifindex), entry, entry.mac or "")
    assert proved == {"NoneType", "Address", "Route", "Rule", "Neighbour", "FdbEntry"}
