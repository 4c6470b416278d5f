"""What a resolver's files say."""

from netview.derive.resolver import HostLine, Resolver, host_lines, resolver


def test_servers_options_and_the_last_search_list() -> None:
    text = "# made by hand\nnameserver 127.0.0.11\nnameserver 10.0.0.1 ; spare\nsearch a.example\nsearch b.example c\n"
    lines = (*text.splitlines(), "options ndots:0 edns0", "")
    assert resolver(lines) == Resolver(("127.0.0.11", "10.0.0.1"), ("b.example", "c"), ("ndots:0", "edns0"))


def test_nothing_said_is_nothing_known() -> None:
    assert resolver(("nameserver", "bogus x")) == Resolver((), (), ())
    assert host_lines(("127.0.0.1", "# 10.0.0.1 no")) == ()


def test_addresses_and_their_names() -> None:
    assert host_lines(("127.0.0.1\tlocalhost lo # home",)) == (HostLine("127.0.0.1", ("localhost", "lo")),)
