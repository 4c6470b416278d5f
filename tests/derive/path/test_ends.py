import pytest

from netview.derive.path.ends import EndError, Query, ends
from netview.derive.path.prefixes import UNSPECIFIED
from netview.model import Family, Flow
from tests.derive.path.worlds import address, container, snapshot
from tests.factories import HOME

_WORLD = snapshot(3)
_ANY = UNSPECIFIED[Family.INET]


@pytest.mark.parametrize(
    ("source", "to", "flow"),
    [
        ("web-1", "web-2", Flow("icmp", _ANY, address(2), icmp_type=8, icmp_code=0)),
        ("web-1", "198.51.100.7", Flow("icmp", _ANY, "198.51.100.7", icmp_type=8, icmp_code=0)),
        (address(1), address(2), Flow("icmp", address(1), address(2), icmp_type=8, icmp_code=0)),
        ("web-1", "host", Flow("icmp", _ANY, "10.1.0.1", icmp_type=8, icmp_code=0)),
        ("v1", "web-1", Flow("icmp", _ANY, address(1), icmp_type=8, icmp_code=0)),
        ("br0", "web-1", Flow("icmp", "10.1.0.1", address(1), icmp_type=8, icmp_code=0)),
        ("web-1", "2001:DB8::1", Flow("icmpv6", "::", "2001:db8::1", icmp_type=128, icmp_code=0)),
    ],
)
def test_names_and_addresses_become_a_flow(source: str, to: str, flow: Flow) -> None:
    assert ends(_WORLD, Query(source, to)).flow == flow


def test_it_starts_where_the_source_is() -> None:
    starts = [ends(_WORLD, Query(name, "8.8.8.8")).start for name in ("web-1", address(2), "up0", "10.1.0.1")]
    assert starts == [container(1), container(2), HOME, HOME]


def test_a_port_alone_is_one_of_tcp() -> None:
    assert ends(_WORLD, Query("web-1", "web-2", port=80)).flow.protocol == "tcp"
    assert ends(_WORLD, Query("web-1", "web-2", "udp", 53)).flow == Flow("udp", _ANY, address(2), port=53)


def test_a_link_local_destination_is_meant_on_a_link() -> None:
    assert [ends(_WORLD, Query("web-1", to)).oif for to in ("fe80::1", "fe80::1%eth0")] == [
        None,
        _WORLD.namespaces[container(1)].links[2],
    ]


@pytest.mark.parametrize(
    ("source", "to", "complaint"),
    [
        ("nobody", "web-1", "nobody: no container, namespace, link, address, MAC or pid here is called that"),
        ("eth0", "web-1", "eth0 is in web-1, web-2, web-3: name the namespace or the address"),
        ("web", "web-1", "web is in web-1, web-2, web-3: name the namespace or the address"),
        ("web-1", "v1", "v1 has no address that could be the destination: give one"),
        (address(1), "::1", f"{address(1)} and ::1 have no addresses of the same family"),
    ],
)
def test_what_is_unknown_or_ambiguous_is_told_in_a_line(source: str, to: str, complaint: str) -> None:
    with pytest.raises(EndError) as error:
        ends(_WORLD, Query(source, to))
    assert str(error.value) == complaint


def test_an_echo_has_no_port() -> None:
    with pytest.raises(EndError, match="icmp has no ports"):
        ends(_WORLD, Query("web-1", "web-2", "icmp", 80))
