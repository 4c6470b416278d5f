"""Networks and ports as nerdctl writes them down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.decode.nerdctl import networks, ports
from netview.model import PublishedPort

PORTS = (
    '[{"HostPort":8080,"ContainerPort":80,"Protocol":"tcp","HostIP":"0.0.0.0"},'
    '{"HostPort":69,"ContainerPort":69,"Protocol":"udp","HostIP":"127.0.0.1"},'
    '{"HostPort":53,"ContainerPort":53,"Protocol":"udp"}]'
)


def test_networks_and_ports_are_those_of_the_bundle_in_order() -> None:
    assert networks('["shop","bridge"]') == ("bridge", "shop")
    assert ports(PORTS) == (
        PublishedPort(None, 53, 53, "udp"),
        PublishedPort("127.0.0.1", 69, 69, "udp"),
        PublishedPort("0.0.0.0", 8080, 80, "tcp"),  # noqa: S104 - it is what was published
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "null",
        "[3]",
        "[" * 100_000,
        PORTS.replace("80", "0"),
        PORTS.replace("69", "65536"),
        PORTS.replace("80", '"x"'),
        PORTS.replace("127.0.0.1", "here"),
    ],
)
def test_what_is_of_another_form_is_none(text: str) -> None:
    assert ports(text) == ()


@pytest.mark.parametrize("text", ["", "{", "{}", "null", "[3]", "[" * 100_000])
def test_networks_of_another_form_are_none(text: str) -> None:
    assert networks(text) == ()


@given(st.text())
def test_no_text_raises(text: str) -> None:
    networks(text)
    ports(text)
