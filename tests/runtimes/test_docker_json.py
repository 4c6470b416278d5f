"""Docker's words, and what is said in their place."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.model import Container, Owner, PublishedPort, Runtime
from netview.runtimes.docker_json import inspected, listed
from netview.runtimes.unix_http import BadAnswer
from tests.runtimes.servers import container

ANY = "0.0.0.0"  # noqa: S104 - an address that Docker tells, not one to listen on


def inspect(**others: object) -> Container | None:
    return inspected(json.dumps(container(7, **others)).encode())


def settings(**others: object) -> dict[str, object]:
    return {"SandboxKey": "/var/run/docker/netns/7", "Networks": {"bridge": {}}, "Ports": {}} | others


def test_a_container_is_its_name_without_the_slash_its_pid_and_its_sandbox() -> None:
    owner = Owner(Runtime.DOCKER, f"{7:064x}", "box-7", networks=("bridge",), state="running", labels=(("a", "b"),))
    assert inspect() == Container(owner, 1007, "/var/run/docker/netns/000000000007")


def test_ports_are_published_on_several_addresses_or_exposed_only() -> None:
    told = {
        "443/tcp": [{"HostIp": ANY, "HostPort": "8443"}, {"HostIp": "::", "HostPort": "8443"}],
        "80/tcp": None,
        "53/udp": [],
        "90/sctp": [{"HostIp": "", "HostPort": "90"}],
    }
    box = inspect(NetworkSettings=settings(Ports=told))
    assert box is not None
    assert box.owner.ports == (
        PublishedPort(None, None, 53, "udp"),
        PublishedPort(None, None, 80, "tcp"),
        PublishedPort(None, 90, 90, "sctp"),
        PublishedPort(ANY, 8443, 443, "tcp"),
        PublishedPort("::", 8443, 443, "tcp"),
    )


def test_a_container_on_the_hosts_network_is_marked() -> None:
    box = inspect(HostConfig={"NetworkMode": "host"}, NetworkSettings=settings(Networks={"host": {}}))
    assert box is not None
    assert box.host_network
    assert box.owner.networks == ("host",)


def test_a_container_in_anothers_namespace_has_a_pid_and_no_sandbox() -> None:
    box = inspect(
        HostConfig={"NetworkMode": f"container:{8:064x}"}, NetworkSettings={"SandboxKey": "", "Networks": {}, "Ports": {}}
    )
    assert box is not None
    assert (box.pid, box.sandbox, box.host_network, box.owner.networks) == (1007, None, False, ())


def test_networks_and_ports_may_be_null() -> None:
    box = inspect(NetworkSettings={"SandboxKey": "", "Networks": None, "Ports": None})
    assert box is not None
    assert (box.owner.networks, box.owner.ports) == ((), ())


def test_a_container_without_a_process_is_none() -> None:
    assert inspect(State={"Status": "restarting", "Running": True, "Pid": 0}) is None


def test_hostile_names_stay_as_they_are() -> None:
    box = inspect(Name="/\x1b[2J[/red]\u202e")
    assert box is not None
    assert box.owner.name == "\x1b[2J[/red]\u202e"


@pytest.mark.parametrize(
    "others",
    [
        {"Id": "../../etc"},
        {"Id": "f" * 64 + "\n"},
        {"Id": 7},
        {"Name": None},
        {"Name": "x" * 5000},
        {"State": {"Pid": -1}},
        {"State": {"Pid": 2**22 + 1}},
        {"State": {"Pid": 2**70}},
        {"State": {"Pid": "12"}},
        {"State": {"Pid": 1.5}},
        {"State": {}},
        {"State": None},
        {"HostConfig": []},
        {"NetworkSettings": None},
        {"NetworkSettings": {"Networks": ["bridge"]}},
        {"NetworkSettings": {"Ports": {"80/tcp": {"HostPort": "80"}}}},
        {"NetworkSettings": {"Ports": {"http/tcp": None}}},
        {"NetworkSettings": {"Ports": {"99999/tcp": None}}},
        {"NetworkSettings": {"Ports": {"0/tcp": None}}},
        {"NetworkSettings": {"Ports": {"80/tcp": [{"HostPort": "-80"}]}}},
        {"NetworkSettings": {"Ports": {"\u0668\u0660/tcp": None}}},
        {"NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "everywhere", "HostPort": "80"}]}}},
    ],
)
def test_what_is_not_as_docker_says_it_is_refused(others: dict[str, object]) -> None:
    with pytest.raises(BadAnswer):
        inspect(**others)


def test_a_list_keeps_what_makes_sense_and_counts_the_rest() -> None:
    body = b'[{"Id": "%s"}, {"Id": 3}, 5, null, {"Id": "%s", "Names": 1}, {}]' % (b"a" * 64, b"b" * 64)
    entries, refused = listed(body)
    assert list(entries) == ["a" * 64, "b" * 64]
    assert refused == 4


def test_an_id_that_comes_twice_is_one_container() -> None:
    entries, refused = listed(b'[{"Id": "%s"}, {"Id": "%s"}]' % (b"a" * 64, b"a" * 64))
    assert (len(entries), refused) == (1, 0)


def test_an_entry_that_changes_has_another_number() -> None:
    first, second, third = (
        listed(json.dumps([{"Id": "a" * 64, "Status": status}]).encode())[0]["a" * 64]
        for status in ("Up 1 s", "Up 2 s", "Up 1 s")
    )
    assert first == third != second


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[", b"\xff", b"null", b"[" * 100_000, b'[{"Id": %s}]' % (b"[" * 100_000 + b"]" * 100_000)]
)
def test_what_is_no_list_is_refused_however_deep(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        listed(body)


def test_an_inspected_container_nested_too_deep_is_refused() -> None:
    with pytest.raises(BadAnswer):
        inspected(b'{"Config": %s}' % (b"[" * 100_000 + b"]" * 100_000))


@given(st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda j: json.dumps(j).encode()))
def test_no_bytes_raise_anything_but_a_bad_answer(body: bytes) -> None:
    for decode in (listed, inspected):
        with contextlib.suppress(BadAnswer):
            decode(body)


def test_image_state_and_labels_are_told_and_cut_where_nobody_reads_on() -> None:
    told = {"Image": "nginx:1.27", "Labels": {"b": "2", "a": "x" * 2**20} | {f"l{n}": "" for n in range(100)}}
    box = inspect(Config=told, State={"Pid": 1007, "Status": "paused"})
    assert box is not None
    assert (box.owner.image, box.owner.state) == ("nginx:1.27", "paused")
    assert box.owner.labels[1] == ("b", "2")
    assert (len(box.owner.labels), len(box.owner.labels[0][1])) == (64, 256)
    assert box.owner.labels[0][1].endswith("x…")
    bare = inspect()
    assert bare is not None
    assert (bare.owner.image, bare.owner.labels) == (None, (("a", "b"),))
