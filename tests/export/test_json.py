import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.derive.build import build
from netview.export.json import encode
from netview.model import (
    Claimant,
    Container,
    LinkFlag,
    LinkStats,
    Macvlan,
    NextHop,
    Owner,
    Pod,
    Runtime,
    Snapshot,
    Tun,
    Unknown,
    UserNamespace,
)
from tests.factories import (
    HOME,
    HOSTILE,
    NGINX_1,
    NGINX_2,
    a_link,
    a_route,
    a_sample,
    docker_sample,
    docker_snapshot,
    found,
    tables,
)

END = "namespace nsid ifindex name"
# design.md's contract, written out: the path of every object and its keys.
CONTRACT = {
    "": "schema taken_at kernel hostname home namespaces",
    "namespaces": (
        "id inode home label names paths sources owners claims user_namespace processes error unknown "
        "links routes rules neighbours fdb"
    ),
    "namespaces.owners": "runtime id name pod networks ports",
    "namespaces.owners.pod": "namespace name",
    "namespaces.owners.ports": "host_address host_port port protocol",
    "namespaces.claims": "name id runtime socket pid uid",
    "namespaces.user_namespace": "inode owner_uid parent within",
    "namespaces.user_namespace.parent": "inode owner_uid parent",
    "namespaces.processes": "pid comm",
    "namespaces.unknown": "field reason",
    "namespaces.links": (
        "ifindex name altnames alias kind flags operstate carrier mtu txqlen address addresses "
        "master peer lower stats bridge port vxlan tun macvlan"
    ),
    "namespaces.links.addresses": "family address prefixlen scope",
    "namespaces.links.peer": END,
    "namespaces.links.lower": END,
    "namespaces.links.stats": " ".join(LinkStats._fields),
    "namespaces.links.bridge": "id root_id stp ageing_s vlan_filtering",
    "namespaces.links.port": "bridge state cost priority hairpin isolated learning",
    "namespaces.links.vxlan": "vni local remote port learning",
    "namespaces.links.tun": "mode owner persist",
    "namespaces.links.macvlan": "mode",
    "namespaces.routes": "family table type protocol scope dst prefsrc gateway dev oif metric nexthops",
    "namespaces.routes.nexthops": "gateway dev oif weight",
    "namespaces.rules": "family priority src dst iif oif fwmark action table",
    "namespaces.neighbours": "ifindex dev ip mac state",
    "namespaces.fdb": "ifindex dev bridge mac vlan dst state flags",
}


_USER = UserNamespace(1, 1001)


def everything() -> Snapshot:
    """The docker world and one thing of every sort that it lacks."""
    sample = docker_sample()
    home = sample.tables[HOME]
    more = {
        20: a_link(20, "mv0", "macvlan", link=2, macvlan=Macvlan("bridge")),
        21: a_link(21, "tap0", "tun", tun=Tun("tap", 1000, persist=True)),
    }
    pod = Container(Owner(Runtime.KUBERNETES, "p", "pause", pod=Pod("default", "web")), pid=301)
    lie = Container(Owner(Runtime.DOCKER, "f" * 64, "mine"), pid=301, claimed_by=Claimant("/run/fake.sock", 9, 1000))
    routes = (*home.routes, a_route("10.0.0.0/8", 2, nexthops=(NextHop("203.0.113.2", 2, 1), NextHop(None, 99, 2))))
    full = replace(home, links={**home.links, **more}, routes=routes, unknown=(Unknown("rules", "needs CAP_NET_ADMIN"),))
    nested = {NGINX_1: _USER, NGINX_2: UserNamespace(2, 101_000, _USER)}
    found = {**sample.found, **{key: replace(sample.found[key], user_namespace=user) for key, user in nested.items()}}
    containers = (*sample.containers, pod, lie)
    return build(replace(sample, found=found, tables={**sample.tables, HOME: full}, containers=containers))


def decoded(snapshot: Snapshot) -> dict[str, Any]:
    text = encode(snapshot)
    assert text.isascii()
    assert text.isprintable()
    result: dict[str, Any] = json.loads(text)
    return result


def objects(value: object, path: str = "") -> list[tuple[str, frozenset[str]]]:
    """The path and the keys of every object below the value."""
    if isinstance(value, list):
        return [seen for item in value for seen in objects(item, path)]
    if not isinstance(value, dict):
        return []
    below = [seen for key, item in value.items() for seen in objects(item, f"{path}.{key}".lstrip("."))]
    return [(path, frozenset(value)), *below]


def test_every_object_has_the_keys_of_the_contract_and_no_others() -> None:
    seen = set(objects(decoded(everything())))
    assert seen == {(path, frozenset(keys.split())) for path, keys in CONTRACT.items()}


def test_what_is_only_claimed_is_told_with_who_claims_it() -> None:
    (claim,) = (claim for namespace in decoded(everything())["namespaces"] for claim in namespace["claims"])
    assert claim == {"name": "mine", "id": "f" * 64, "runtime": "docker", "socket": "/run/fake.sock", "pid": 9, "uid": 1000}


def test_a_nested_namespace_tells_its_user_namespace_and_what_is_around_that() -> None:
    told = {namespace["id"]: namespace["user_namespace"] for namespace in decoded(everything())["namespaces"]}
    outer = {"inode": 1, "owner_uid": 1001, "parent": None}
    assert told[NGINX_1] == outer | {"within": []}
    assert told[NGINX_2] == {"inode": 2, "owner_uid": 101_000, "parent": outer, "within": [NGINX_1]}
    assert told[HOME] is None


def test_a_kind_without_a_type_adds_an_object_named_after_it() -> None:
    tunnel = a_link(3, "gre1", "gre", details=(("remote", "192.0.2.1"), ("ttl", 64), ("pmtudisc", True), ("ikey", None)))
    sample = a_sample({HOME: found(HOME)}, {HOME: tables([tunnel])}, {})
    (link,) = decoded(build(sample))["namespaces"][0]["links"]
    assert link["gre"] == {"remote": "192.0.2.1", "ttl": 64, "pmtudisc": True, "ikey": None}
    assert set(link) - {"gre"} == set(CONTRACT["namespaces.links"].split())


def test_a_kind_never_takes_the_place_of_a_key() -> None:
    odd = a_link(3, "x", "name", details=(("a", 1),))
    (link,) = decoded(build(a_sample({HOME: found(HOME)}, {HOME: tables([odd])}, {})))["namespaces"][0]["links"]
    assert link["name"] == "x"


def test_a_pair_is_told_from_both_ends() -> None:
    host, nginx = decoded(docker_snapshot())["namespaces"][:3:2]
    by_name = {link["name"]: link for link in host["links"]}
    assert nginx["label"] == "nginx-1"
    assert by_name["veth9c02e56"]["peer"] == {"namespace": "c2", "nsid": 0, "ifindex": 6, "name": "eth0"}
    assert by_name["veth9c02e56"]["master"] == 3
    assert by_name["veth9c02e56"]["port"]["state"] == "forwarding"
    assert nginx["links"][1]["peer"] == {"namespace": "c1", "nsid": 0, "ifindex": 7, "name": "veth9c02e56"}
    assert nginx["links"][1]["stats"]["rx_bytes"] == by_name["veth9c02e56"]["stats"]["tx_bytes"] == 6_000_000


def test_words_are_iproute2s() -> None:
    host = decoded(docker_snapshot())["namespaces"][0]
    assert host["links"][0]["flags"] == ["LOOPBACK", "UP", "LOWER_UP"]
    assert host["links"][0]["operstate"] == "UNKNOWN"
    assert host["links"][1]["addresses"][0] == {
        "family": "inet",
        "address": "203.0.113.7",
        "prefixlen": 24,
        "scope": "global",
    }
    assert host["neighbours"][0]["state"] == "REACHABLE"
    assert host["routes"][0]["dst"] == "default"
    assert host["routes"][0]["dev"] == "eth0"
    assert host["rules"][0]["table"] == "local"
    assert host["sources"] == ["process"]


def test_times_are_utc() -> None:
    assert decoded(docker_snapshot(1))["taken_at"] == "2027-01-15T08:00:00.000Z"


def test_absent_knowledge_is_null() -> None:
    unread = a_link(3, "x", carrier=None, txqlen=None, address=None, flags=LinkFlag(0))
    document = decoded(build(a_sample({HOME: found(HOME)}, {HOME: tables([unread])}, {})))
    (link,) = document["namespaces"][0]["links"]
    names = (
        "stats",
        "peer",
        "lower",
        "carrier",
        "txqlen",
        "address",
        "master",
        "alias",
        "bridge",
        "port",
        "vxlan",
        "tun",
        "macvlan",
    )
    assert {name: link[name] for name in names} == dict.fromkeys(names)


@pytest.mark.parametrize("name", [HOSTILE, "a\udcff", "\x7f\\\x7f", "\x9b31m", '"]}\n', "網路", "\U0001f4a9"])
def test_a_name_comes_back_from_ascii_as_it_was(name: str) -> None:
    sample = a_sample({HOME: found(HOME)}, {HOME: tables([a_link(3, name, alias=name)])}, {}, hostname=name)
    document = decoded(build(sample))
    assert document["hostname"] == name
    assert document["namespaces"][0]["links"][0]["name"] == name
    assert document["namespaces"][0]["links"][0]["alias"] == name


@given(st.binary(max_size=15))
def test_any_bytes_of_a_name_come_back(raw: bytes) -> None:
    name = raw.decode("utf-8", "surrogateescape")
    sample = a_sample({HOME: found(HOME)}, {HOME: tables([a_link(3, name)])}, {})
    back = decoded(build(sample))["namespaces"][0]["links"][0]["name"]
    assert back.encode("utf-8", "surrogateescape") == raw
