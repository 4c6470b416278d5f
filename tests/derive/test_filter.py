import pytest

from netview.derive.filter import InvalidFilterError, Subject, parse

NGINX = Subject(
    namespaces=("nginx-1",),
    links=("eth0",),
    ips=("172.17.0.2/16", "fe80::42/64"),
    macs=("02:42:ac:11:00:02",),
    kinds=("veth",),
    words=("docker0",),
    rate=8_000_000.0,
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
