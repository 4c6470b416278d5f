"""What a container of a real Docker serves, and what Docker publishes of it."""

import json
from collections.abc import Iterator

import pytest

from tests.engines.docker_lab import DockerLab
from tests.engines.reading import namespace_of

_NOBODY = {"pid": None, "comm": None}


@pytest.fixture(scope="module")
def server(docker_lab: DockerLab) -> Iterator[DockerLab]:
    """A web server on a user network, where Docker's own DNS listens too, with one port that answers and one that does not."""
    docker_lab.docker("network", "create", "quay")
    docker_lab.run("server", "--network", "quay", "-p", "8090:80", "-p", "8091:81", command=("httpd", "-f", "-p", "80"))
    yield docker_lab
    docker_lab.docker("rm", "-f", "server")
    docker_lab.docker("network", "rm", "quay")


def test_the_server_and_the_engines_own_dns_are_told_with_who_holds_them(server: DockerLab) -> None:
    sockets = namespace_of(json.loads(server.netview("snapshot", "-o", "json", "--sockets")), "server")["sockets"]
    pid = server.inspect("server")["State"]["Pid"]
    httpd = {"protocol": "tcp", "local": "*:80", "remote": None, "state": "LISTEN", "pid": pid, "comm": "httpd"}
    assert httpd in sockets
    dns = [socket for socket in sockets if socket["local"].startswith("127.0.0.11:")]
    assert {(socket["protocol"], socket["state"]) for socket in dns} == {("tcp", "LISTEN"), ("udp", "UNCONN")}
    assert all(socket.items() >= _NOBODY.items() for socket in dns)


def test_the_tree_names_the_container_and_tells_a_published_port_that_nothing_answers(server: DockerLab) -> None:
    lines = server.netview("snapshot", "--sockets").splitlines()
    begin = lines.index("sockets of server")
    listening, vain = (next(line for line in lines[begin:] if port in line) for port in (":80 ", ":81 "))
    for word in ("LISTEN", "IPv4+IPv6", "httpd[", "server", "published at 0.0.0.0:8090"):
        assert word in listening
    assert "nothing listens" in vain
    assert "published at 0.0.0.0:8091" in vain
