"""The connections of a flow, beside what /proc/net/nf_conntrack says."""

import socket
from functools import partial

import pytest

from netview.decode.conntrack import connection
from netview.kernel.connections import connections
from netview.model import Flow
from netview.model.connection import Ends
from tests.kernel.lab import Lab, run
from tests.kernel.looking import at_home_in
from tests.kernel.test_doctor import inside

_ENDS = Ends("127.0.0.1", "127.0.0.2", 4000, 80), Ends("127.0.0.9", "127.0.0.1", 8080, 4000)


def _connected(lab: Lab) -> list[socket.socket]:
    lab.add("host")
    lab.ip("host", "link set lo up\n")
    chain = "add table ip t; add chain ip t o { type nat hook output priority -100; }"
    inside(lab, "host", ["nft", f"{chain}; add rule ip t o tcp dport 80 dnat to 127.0.0.9:8080"])

    def connect() -> list[socket.socket]:
        listening = socket.create_server(("127.0.0.9", 8080))
        opened = [socket.create_connection(("127.0.0.2", 80), source_address=("127.0.0.1", 4000 + n)) for n in range(3)]
        return [listening, *opened]

    return at_home_in(lab, "host", connect)


def test_those_of_a_flow_are_told_as_the_kernel_keeps_them(lab: Lab) -> None:
    opened = _connected(lab)
    try:
        whole = Flow("tcp", "127.0.0.1", "127.0.0.2", 4000, 80)
        (told,) = at_home_in(lab, "host", partial(connections, whole)).entries
        text = run(lab.inside("host", ["cat", "/proc/net/nf_conntrack"]))
        listed = [one for line in text.encode().splitlines() if (one := connection(line)) is not None]
        assert (told.original, told.reply) == _ENDS
        assert told.state == "ESTABLISHED"
        assert told.replied is True
        assert told.expires_s is not None
        assert (told.original, told.reply) in [(one.original, one.reply) for one in listed]
        some = at_home_in(lab, "host", partial(connections, Flow("tcp", "127.0.0.1", "127.0.0.2", port=80))).entries
        assert {one.original.source_port for one in some} == {4000, 4001, 4002}
        for other in (Flow("udp", "127.0.0.1", "127.0.0.2", port=80), Flow("tcp", "127.0.0.1", "127.0.0.2", port=81)):
            assert at_home_in(lab, "host", partial(connections, other)).entries == ()
    finally:
        for each in opened:
            each.close()


def test_without_netlink_they_are_read_from_a_file(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = _connected(lab)
    try:
        monkeypatch.setattr("netview.kernel.connections.is_at_hand", lambda _: False)
        some = at_home_in(lab, "host", partial(connections, Flow("tcp", "127.0.0.1", "127.0.0.2", port=80))).entries
        assert {one.original.source_port for one in some} == {4000, 4001, 4002}
    finally:
        for each in opened:
            each.close()
