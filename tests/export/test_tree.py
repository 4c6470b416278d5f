from dataclasses import replace

from netview.derive.build import build
from netview.export.tree import lines
from netview.model import Claimant, Found, FoundBy, NamespaceId, Notice, Tables, UserNamespace
from tests.factories import HOSTILE, NGINX_1, NGINX_2, a_link, docker_sample, docker_snapshot, tables

LOCKED, EMPTY = NamespaceId("i9"), NamespaceId("c8")


def test_the_tree_shows_every_wire() -> None:
    assert list(lines(docker_snapshot())) == [
        "lab-vm · Linux 6.18.0 · root · 4 namespaces · 2027-01-15 08:00:01 UTC",
        "eth0 · device · UP · 203.0.113.7/24",
        "docker0 · bridge · 2 ports · UP · 172.17.0.1/16 · fe80::42:d8ff:fee4:dfc1/64",
        "├─ nginx-1 eth0 172.17.0.2/16 ⇄ veth9c02e56 · port 1 forwarding · docker · 203.0.113.7:8080→80/tcp",
        "└─ nginx-2 eth0 172.17.0.3/16 ⇄ veth5a5cdcf · port 1 forwarding · docker",
        "br0 in 1-qij8tlp3w5 · bridge · 1 port · UP",
        "└─ 1-qij8tlp3w5 vxlan0 · vxlan vni 4097 · remote 192.0.2.8 · UP · port 1 forwarding",
    ]


def test_what_could_not_be_read_says_why() -> None:
    sample = docker_sample()
    locked = Found(LOCKED, 9, frozenset({FoundBy.PROCESS}))
    snapshot = build(
        replace(
            sample,
            found={**sample.found, LOCKED: locked},
            tables={**sample.tables, LOCKED: Tables(error="needs CAP_SYS_ADMIN")},
            notices=(Notice("docker", "permission denied on /var/run/docker.sock"),),
        )
    )
    text = list(lines(snapshot))
    assert text[1] == "⚠ docker: permission denied on /var/run/docker.sock"
    assert text[-2:] == ["not read", "└─ net:[9] · needs CAP_SYS_ADMIN"]


def test_a_namespace_with_no_link_but_lo_is_there() -> None:
    sample = docker_sample()
    alone = Found(EMPTY, 8, frozenset({FoundBy.MOUNT}), names=("quiet",))
    only_lo = tables([a_link(1, "lo", "loopback")])
    snapshot = build(replace(sample, found={**sample.found, EMPTY: alone}, tables={**sample.tables, EMPTY: only_lo}))
    assert list(lines(snapshot))[-1] == "└─ quiet"


def test_a_wire_whose_inner_end_cannot_be_seen_stays_under_its_bridge() -> None:
    sample = docker_sample()
    home = replace(sample.tables[sample.home], nsids={})
    contents = {key: value for key, value in sample.tables.items() if key != NGINX_1} | {sample.home: home}
    found = {key: value for key, value in sample.found.items() if key != NGINX_1}
    text = "\n".join(lines(build(replace(sample, found=found, tables=contents))))
    assert "─ unknown namespace ⇄ veth9c02e56 · port 1 forwarding" in text


def test_what_is_only_claimed_reads_so_and_names_nothing() -> None:
    sample = docker_sample()
    first, *others = sample.containers
    lie = replace(first, owner=replace(first.owner, name="prey\x1b[2J"), claimed_by=Claimant("/run/x.sock", 9, 0))
    told = list(lines(build(replace(sample, containers=(lie, *others)))))
    (line,) = (line for line in told if "veth9c02e56" in line)
    assert line.endswith("(prey\\x1b[2J, claimed by /run/x.sock (pid 9, uid 0))")
    assert "docker" not in line


def test_nothing_hostile_leaves() -> None:
    sample = docker_sample(hostile=True)
    snapshot = build(replace(sample, hostname=HOSTILE, kernel=HOSTILE, user=HOSTILE, notices=(Notice(HOSTILE, HOSTILE),)))
    for line in lines(snapshot):
        assert line.isprintable()
        assert "\u202e" not in line


def test_a_nested_namespace_tells_whose_user_namespace_it_was_made_in() -> None:
    sample = docker_sample()
    outer = UserNamespace(1, 1001)
    users = {NGINX_1: outer, NGINX_2: UserNamespace(2, 101_000, outer)}
    found = {**sample.found, **{key: replace(sample.found[key], user_namespace=user) for key, user in users.items()}}
    text = list(lines(build(replace(sample, found=found))))
    assert text[3].endswith(" · docker · 203.0.113.7:8080→80/tcp · user namespace of uid 1001")
    assert text[4].endswith(" · docker · user namespace of uid 101000 within nginx-1")
