import pytest

from netview.derive.filter import InvalidFilterError, Subject, parse
from netview.model import Owner, Pod, PublishedPort, Runtime

NGINX = Subject(
    namespaces=("nginx-1",),
    links=("eth0",),
    ips=("172.17.0.2/16", "fe80::42/64"),
    macs=("02:42:ac:11:00:02",),
    kinds=("veth",),
    words=("docker0",),
    rate=8_000_000.0,
    owners=(
        Owner(
            Runtime.KUBERNETES,
            "9f3c" * 16,
            "web",
            Pod("shop", "front-1"),
            ports=(PublishedPort("0.0.0.0", 8080, 80, "tcp"),),  # noqa: S104  # published there, not bound here
            image="nginx:1.27",
        ),
        Owner(Runtime.DOCKER, "a" * 64, "sidecar"),
    ),
)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", True),
        ("nginx", True),
        ("NGINX", True),
        ("docker0", True),
        ("redis", False),
        ("!redis", True),
        ("!nginx", False),
        ("nginx !redis", True),
        ("nginx redis", False),
        ("ns:nginx", True),
        ("ns:eth0", False),
        ("if:eth0", True),
        ("!if:eth0", False),
        ("ip:172.17", True),
        ("ip:172.17.0.0/16", True),
        ("ip:10.0.0.0/8", False),
        ("ip:fe80::/10", True),
        ("mac:02:42", True),
        ("mac:52:81", False),
        ("kind:veth", True),
        ("kind:bridge", False),
        ("fe80::42", True),
        ("02:42:ac", True),
        ("owner:web", True),
        ("owner:SIDECAR", True),
        ("owner:docker", True),
        ("owner:9f3c9f3c", True),
        ("owner:nginx-1", False),
        ("pod:front", True),
        ("pod:shop/front-1", True),
        ("pod:web", False),
        ("image:nginx:1.27", True),
        ("!image:redis", True),
        ("port:80", True),
        ("port:8080", True),
        ("port:8", False),
        ("!port:443", True),
        ("rate>1M", True),
        ("rate>8M", False),
        ("rate<1.5G", True),
        ("!rate>1M", False),
        ("[/red]", False),
    ],
)
def test_a_filter_keeps_what_all_its_terms_say(query: str, kept: bool) -> None:
    assert parse(query)(NGINX) is kept


@pytest.mark.parametrize("query", ["!", "ns:", "rate>", "rate>fast", "rate>1x", "nmae:eth0", "ip:300.1.1.1/8", "!ip:"])
def test_what_cannot_be_understood_is_refused(query: str) -> None:
    with pytest.raises(InvalidFilterError):
        parse(query)


def test_an_unknown_rate_is_neither_above_nor_below() -> None:
    subject = Subject()
    assert not parse("rate>0")(subject)
    assert not parse("rate<1")(subject)


def test_text_in_an_address_field_that_is_no_address_is_passed_over() -> None:
    assert not parse("ip:10.0.0.0/8")(Subject(ips=("default", "02:42")))


@pytest.mark.parametrize(
    ("query", "live"), [("eth0", False), ("if:rate", False), ("eth0 rate>1M", True), ("!rate<1k", True), ("", False)]
)
def test_a_filter_is_live_where_it_asks_for_a_rate(query: str, live: bool) -> None:
    assert parse(query).live is live


@pytest.mark.parametrize("query", ["port:", "port:http", "port:0", "port:65536", "port:\u0664", "owner:", "image:", "pod:"])
def test_a_field_without_what_it_wants_is_refused(query: str) -> None:
    with pytest.raises(InvalidFilterError, match="wants a"):
        parse(query)


def test_a_row_about_a_port_is_found_by_that_port_alone() -> None:
    socket = NGINX._replace(ports=(443,))
    assert parse("port:443")(socket)
    assert not parse("port:80")(socket)
