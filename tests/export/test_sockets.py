"""Sockets as JSON and as text."""

import json
from dataclasses import replace
from typing import Any

from netview.derive.build import build
from netview.export.json import encode
from netview.export.tree import lines
from netview.model import Family, Snapshot, Socket, Sockets, SocketState
from tests.factories import HOME, HOSTILE, NGINX_1, docker_sample

HTTP = Socket(
    "tcp", Family.INET6, "::", 80, "::", 0, SocketState.LISTEN, 1, v6only=False, pid=201, comm="nginx", container="a" * 64
)
CLIENT = Socket("tcp", Family.INET6, "fe80::2", 80, "fe80::1", 4000, SocketState.ESTABLISHED, 2, ifindex=6)


def world(**sockets: Sockets) -> Snapshot:
    return build(replace(docker_sample(), sockets={NGINX_1: sockets["nginx"], HOME: sockets["home"]}))


def namespaces(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {namespace["label"]: namespace for namespace in json.loads(encode(snapshot))["namespaces"]}


def test_sockets_are_in_the_json_only_where_they_were_asked_for() -> None:
    assert not any("sockets" in namespace for namespace in namespaces(build(docker_sample())).values())


def test_a_socket_has_the_keys_of_the_contract_and_the_words_of_ss() -> None:
    found = namespaces(world(nginx=Sockets((HTTP, CLIENT)), home=Sockets()))
    assert found["nginx-1"]["sockets"] == [
        {"protocol": "tcp", "local": "*:80", "remote": None, "state": "LISTEN", "pid": 201, "comm": "nginx"},
        {
            "protocol": "tcp",
            "local": "[fe80::2]%eth0:80",
            "remote": "[fe80::1]:4000",
            "state": "ESTAB",
            "pid": None,
            "comm": None,
        },
    ]
    assert found["host"]["sockets"] == []


def test_a_listener_that_may_or_may_not_take_ipv4_is_no_star() -> None:
    found = namespaces(world(nginx=Sockets((HTTP._replace(v6only=None), HTTP._replace(v6only=True))), home=Sockets()))
    assert [socket["local"] for socket in found["nginx-1"]["sockets"]] == ["[::]:80", "[::]:80"]


def test_sockets_that_cannot_be_read_are_null_and_say_why() -> None:
    found = namespaces(world(nginx=Sockets(unknown="not recorded"), home=Sockets(partly=("5 of about 9 listed",))))
    assert found["nginx-1"]["sockets"] is None
    assert found["nginx-1"]["unknown"] == [{"field": "sockets", "reason": "not recorded"}]
    assert found["host"]["sockets"] == []
    assert found["host"]["unknown"] == [{"field": "sockets", "reason": "5 of about 9 listed"}]


def test_the_tree_tells_what_is_served_by_whom_and_where_it_is_published() -> None:
    told = list(lines(world(nginx=Sockets((HTTP, CLIENT, CLIENT._replace(inode=3))), home=Sockets(unknown="not recorded"))))
    assert told[-5:] == [
        "sockets of host",
        "└─ ✗ not recorded",
        "sockets of nginx-1",
        "├─ tcp *:80 · LISTEN · IPv4+IPv6 · nginx[201] · nginx-1 · published at 203.0.113.7:8080",
        "└─ tcp :80 ⇄ [fe80::1] · ESTAB · 2 sockets",
    ]
    assert not any("sockets of" in line for line in lines(build(docker_sample())))


def test_a_hostile_process_passes_both() -> None:
    snapshot = world(nginx=Sockets((HTTP._replace(comm=HOSTILE),), partly=(HOSTILE,)), home=Sockets())
    assert all(line.isprintable() for line in lines(snapshot))
    assert encode(snapshot).isprintable()
    assert namespaces(snapshot)["nginx-1"]["sockets"][0]["comm"] == HOSTILE
