import pytest

from netview.serve.guard import Guard, authority


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST:8000"])
def test_its_own_names_are_admitted(host: str) -> None:
    guard = Guard("127.0.0.1", 8000)
    assert guard.admits(host, None)
    assert guard.admits(host, f"http://{host}")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (None, None),
        ("", None),
        ("evil.example:8000", None),
        ("127.0.0.1.evil.example:8000", None),
        ("127.0.0.1", None),
        ("127.0.0.1:8001", None),
        ("127.0.0.1:", None),
        ("127.0.0.1:\u0668000", None),
        ("192.0.2.1:8000", None),
        ("127.0.0.1:8000", "http://evil.example"),
        ("127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("127.0.0.1:8000", "https://127.0.0.1:8000"),
        ("127.0.0.1:8000", "http://localhost:8000"),
        ("127.0.0.1:8000", "null"),
    ],
)
def test_every_other_one_is_refused(host: str | None, origin: str | None) -> None:
    assert not Guard("127.0.0.1", 8000).admits(host, origin)


def test_bound_to_every_address_it_is_any_of_them_and_no_name() -> None:
    guard = Guard("0.0.0.0", 80)  # noqa: S104  # nothing listens
    assert guard.admits("192.0.2.1", "http://192.0.2.1")
    assert guard.admits("[2001:db8::1]", None)
    assert not guard.admits("host.example", None)


def test_bound_to_one_address_it_is_that_one() -> None:
    guard = Guard("192.0.2.1", 8000)
    assert guard.admits("192.0.2.1:8000", None)
    assert not guard.admits("192.0.2.2:8000", None)


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert authority("::1", 8000) == "[::1]:8000"
    assert authority("127.0.0.1", 8000) == "127.0.0.1:8000"
