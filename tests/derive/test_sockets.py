import pytest

from netview.derive.sockets import Service, families, local, remote, services
from netview.model import Family, Link, Namespace, Owner, PublishedPort, Runtime, Socket, Sockets, SocketState
from tests.factories import NGINX_1, a_link, found, tables

LISTEN, ESTABLISHED, UNCONNECTED = SocketState.LISTEN, SocketState.ESTABLISHED, SocketState.CLOSE
HTTP = Socket("tcp", Family.INET6, "::", 80, "::", 0, LISTEN, 1, v6only=False, pid=201, comm="nginx", container="c" * 64)
PORTS = (PublishedPort("0.0.0.0", 8080, 80, "tcp"), PublishedPort("::", 8080, 80, "tcp"), PublishedPort(None, None, 443, "tcp"))  # noqa: S104


def connection(remote: str, remote_port: int, local_port: int = 80, **others: object) -> Socket:
    family = Family.INET6 if ":" in remote else Family.INET
    address = "fe80::2" if ":" in remote else "172.17.0.2"
    made = Socket("tcp", family, address, local_port, remote, remote_port, ESTABLISHED, remote_port)
    return made._replace(**others)  # type: ignore[arg-type]


def told(*entries: Socket, unknown: str | None = None) -> tuple[Service, ...]:
    owner = Owner(Runtime.DOCKER, "c" * 64, "web", ports=PORTS)
    namespace = Namespace(found(NGINX_1), tables([a_link(6, "eth0")]), "web", owners=(owner,))
    return services(namespace, Sockets(entries, unknown))


LINKS: dict[int, Link] = {6: a_link(6, "eth0")}
WRITTEN = [
    (HTTP, "*:80", None, "IPv4+IPv6"),
    (HTTP._replace(v6only=True), "[::]:80", None, "IPv6"),
    (HTTP._replace(v6only=None), "[::]:80", None, "IPv6, IPv4?"),
    (HTTP._replace(local="::1"), "[::1]:80", None, "IPv6"),
    (HTTP._replace(local="::ffff:127.0.0.1"), "[::ffff:127.0.0.1]:80", None, "IPv4"),
    (HTTP._replace(family=Family.INET, local="0.0.0.0", v6only=None), "0.0.0.0:80", None, "IPv4"),  # noqa: S104
    (connection("10.0.0.9", 4000), "172.17.0.2:80", "10.0.0.9:4000", "IPv4"),
    (connection("fe80::1", 4000, ifindex=6), "[fe80::2]%eth0:80", "[fe80::1]:4000", "IPv6"),
    (connection("10.0.0.9", 4000, ifindex=9), "172.17.0.2%if9:80", "10.0.0.9:4000", "IPv4"),
]


@pytest.mark.parametrize(("socket", "near", "far", "whom"), WRITTEN)
def test_ends_are_written_as_ss_writes_them(socket: Socket, near: str, far: str | None, whom: str) -> None:
    assert (local(socket, LINKS), remote(socket), families(socket)) == (near, far, whom)


def test_a_listener_has_its_container_by_the_control_group_and_its_published_ports() -> None:
    (one,) = told(HTTP)
    assert (one.local, one.containers, one.pids, one.comms) == ("*:80", ("web",), (201,), ("nginx",))
    assert one.published == PORTS[:2]


def test_a_process_outside_every_container_is_in_none() -> None:
    (one,) = told(HTTP._replace(container=None))
    assert one.containers == ()


@pytest.mark.parametrize(("address", "family"), [("127.0.0.1", Family.INET), ("::1", Family.INET6)])
def test_a_listener_on_loopback_does_not_answer_a_published_port(address: str, family: Family) -> None:
    listening, vain = told(HTTP._replace(local=address, family=family))
    assert listening.published == ()
    assert (vain.local, vain.state, vain.total, vain.published) == (":80", "", 0, PORTS[:2])


def test_nothing_is_published_in_vain_where_no_sockets_could_be_read() -> None:
    assert told(unknown="not recorded") == ()


def test_connections_to_a_served_port_are_counted_by_peer_and_port_of_this_end() -> None:
    clients = [connection("172.17.0.1", port) for port in (4000, 4001)] + [connection("10.0.0.9", 4002)]
    _, *peers = told(HTTP, *clients)
    assert [(one.local, one.remote, one.total) for one in peers] == [(":80", "10.0.0.9", 1), (":80", "172.17.0.1", 2)]


def test_connections_made_from_here_are_counted_by_the_port_of_the_other_end() -> None:
    clients = [connection("10.0.0.9", 443, port) for port in (50000, 50001)] + [connection("10.0.0.9", 53, 50002)]
    *_, first, second = told(HTTP, *clients)
    assert (first.local, first.remote, first.total) == ("", "10.0.0.9:443", 2)
    assert (second.local, second.remote, second.total) == ("", "10.0.0.9:53", 1)


def test_states_are_counted_apart() -> None:
    clients = connection("10.0.0.9", 4000), connection("10.0.0.9", 4001, state=SocketState.TIME_WAIT)
    assert {one.state: one.total for one in told(HTTP, *clients)} == {"LISTEN": 1, "ESTAB": 1, "TIME-WAIT": 1}


def test_workers_that_share_a_peer_are_all_named() -> None:
    clients = (connection("10.0.0.9", port, pid=pid, comm="nginx") for port, pid in ((4000, 7), (4001, 9)))
    *_, peer = told(HTTP, *clients)
    assert (peer.pids, peer.comms) == ((7, 9), ("nginx",))


def test_every_row_has_an_identity_of_its_own() -> None:
    reused = (HTTP._replace(inode=2, pid=202), HTTP._replace(inode=3, pid=202), HTTP._replace(v6only=True, pid=203))
    rows = told(HTTP, *reused, *WRITTEN[6][:1], WRITTEN[7][0], HTTP._replace(local="127.0.0.1", family=Family.INET))
    assert len({one.key for one in rows}) == len(rows)
    assert [one.total for one in rows if one.local == "*:80"] == [1, 2]
