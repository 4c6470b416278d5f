"""The tab Sockets of an opened namespace."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from netview.live import Want
from netview.model import Family, NamespaceId, Sample, Socket, Sockets, SocketState
from netview.ui.options import Options
from tests.factories import HOSTILE, NGINX_1, docker_sample
from tests.ui.screen import LEAST, STANDARD, WIDE, FakeSource, Hand, running

HTTP = Socket(
    "tcp", Family.INET6, "::", 80, "::", 0, SocketState.LISTEN, 1, v6only=False, pid=201, comm="nginx", container="a" * 64
)
DNS = Socket("udp", Family.INET, "127.0.0.11", 34763, "0.0.0.0", 0, SocketState.CLOSE, 2)  # noqa: S104
CLIENTS = tuple(
    Socket("tcp", Family.INET, "172.17.0.2", 80, "172.17.0.1", port, SocketState.ESTABLISHED, port, pid=201, comm="nginx")
    for port in (40000, 40001, 40002)
)


def serving(*entries: Socket, **others: object) -> Callable[[float], Sample]:
    def make(at: float) -> Sample:
        return replace(docker_sample(at), sockets={NGINX_1: Sockets(entries, **others)})  # type: ignore[arg-type]

    return make


async def opened(hand: Hand) -> None:
    """Go into nginx-1, and to its sockets."""
    await hand.press("3", "j", "j", "enter", *["right_square_bracket"] * 6)
    await hand.step()


def row(hand: Hand, *words: str) -> str:
    return next(line for line in hand.lines if all(word in line for word in words))


async def test_a_listener_tells_its_process_its_container_whom_it_serves_and_where_it_is_published() -> None:
    async with running(serving(HTTP, DNS, *CLIENTS), size=(220, 45)) as hand:
        await opened(hand)
        assert "FDB [Sockets] Processes" in hand.text
        for word in ("tcp", "*:80", "LISTEN", "nginx[201]", "nginx-1", "IPv4+IPv6", "203.0.113.7:8080"):
            assert word in row(hand, "*:80")
        assert "nobody here" in row(hand, "127.0.0.11:34763")


async def test_connections_are_counted_by_peer() -> None:
    async with running(serving(HTTP, *CLIENTS), size=(220, 45)) as hand:
        await opened(hand)
        line = row(hand, "172.17.0.1", "ESTAB").split()
        assert line[line.index("ESTAB") + 1] == "3"
        assert ":80" in line


async def test_a_published_port_that_nothing_listens_on_is_told() -> None:
    async with running(serving(replace_local(HTTP, "::1")), size=(220, 45)) as hand:
        await opened(hand)
        assert "203.0.113.7:8080" in row(hand, "nothing listens")


def replace_local(socket: Socket, address: str) -> Socket:
    return socket._replace(local=address)


async def test_what_is_left_out_and_what_cannot_be_read_is_said() -> None:
    async with running(serving(HTTP, partly=("10000 of about 100312 listed",)), size=STANDARD) as hand:
        await opened(hand)
        assert "10000 of about 100312 listed" in hand.text
    async with running(serving(unknown="not recorded")) as hand:
        await opened(hand)
        assert "✗ not recorded" in hand.text


async def test_sockets_are_wanted_only_while_their_tab_is_open() -> None:
    source = FakeSource(docker_sample)
    async with running() as hand:
        hand.poller._source = source
        await opened(hand)
        assert "the sockets are not read yet" in hand.text
        await hand.step()
        await hand.press("right_square_bracket")
        await hand.step()
    assert [want.sockets for want in source.wants] == ["place", "place", ""]
    assert {want.place for want in source.wants} == {NGINX_1}


async def test_coming_back_to_the_tab_marks_nothing_as_new_or_gone() -> None:
    async with running(serving(HTTP, *CLIENTS), size=(220, 45)) as hand:
        await opened(hand)
        await hand.press("right_square_bracket")
        source = hand.poller._source
        hand.poller._source = FakeSource(lambda _at: docker_sample(4.0))
        await hand.step()
        await hand.press("left_square_bracket")
        assert "the sockets are not read yet" in hand.text
        hand.poller._source = source
        await hand.step()
        assert [entry.mark for entry in hand.table.entries] == ["", ""]


@pytest.mark.parametrize("size", [WIDE, STANDARD, LEAST])
async def test_hostile_processes_pass_the_tab(size: tuple[int, int]) -> None:
    sockets = (HTTP._replace(comm=HOSTILE), *(client._replace(comm=HOSTILE) for client in CLIENTS))
    async with running(serving(*sockets, partly=(HOSTILE,)), size=size, options=Options()) as hand:
        await opened(hand)
        for key in ("s", "S", "w", "slash", "e", "enter", "escape", "j", "enter", "x", "o"):
            await hand.press(key)
            assert all(line.isprintable() for line in hand.lines)
        assert HOSTILE not in hand.text


def test_nobodys_sockets_are_wanted_by_default() -> None:
    assert Want(place=NamespaceId("c1")).sockets == ""
