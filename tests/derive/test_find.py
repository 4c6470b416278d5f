from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.derive.build import build
from netview.derive.find import Match, find
from netview.model import LinkKey, NamespaceId, Owner, Runtime
from tests.factories import (
    DOCKER0,
    ETH0_1,
    ETH0_2,
    HOME,
    HOSTILE,
    NGINX_1,
    NGINX_2,
    OVERLAY,
    UPLINK,
    VETH_1,
    docker_sample,
    docker_snapshot,
)

WORLD = docker_snapshot()


@pytest.mark.parametrize(
    ("name", "namespace", "link", "why"),
    [
        ("veth9c02e56", HOME, VETH_1, "link"),
        ("docker0", HOME, DOCKER0, "link"),
        ("172.17.0.2", NGINX_1, ETH0_1, "address"),
        ("172.17.0.3/16", NGINX_2, ETH0_2, "address"),
        ("fe80::42:d8ff:fee4:dfc1", HOME, DOCKER0, "address"),
        ("FE80:0:0:0:0042:D8FF:FEE4:DFC1%docker0", HOME, DOCKER0, "address"),
        ("52:81:0b:24:3d:da", HOME, VETH_1, "MAC"),
        ("52-81-0B-24-3D-DA", HOME, VETH_1, "MAC"),
        ("5281.0b24.3dda", HOME, VETH_1, "MAC"),
        ("nginx-1", NGINX_1, None, "container"),
        ("a" * 64, NGINX_1, None, "id"),
        ("b" * 12, NGINX_2, None, "id"),
        ("1-qij8tlp3w5", OVERLAY, None, "netns"),
        ("/run/netns/1-qij8tlp3w5", OVERLAY, None, "namespace"),
        ("c2", NGINX_1, None, "namespace"),
        ("4026530002", NGINX_1, None, "namespace"),
        ("net:[4026530002]", NGINX_1, None, "namespace"),
        ("201", NGINX_1, None, "pid"),
        ("40", HOME, None, "pid"),
        ("host", HOME, None, "namespace"),
    ],
)
def test_every_sort_of_name_is_found(name: str, namespace: NamespaceId, link: LinkKey | None, why: str) -> None:
    assert find(WORLD, name) == (Match(namespace, link, why),)


def test_a_link_name_is_found_in_every_namespace_home_first() -> None:
    assert [match.link for match in find(WORLD, "eth0")] == [UPLINK, ETH0_1, ETH0_2]


def test_the_beginning_of_a_name_gives_all_that_begin_so() -> None:
    assert [match.namespace for match in find(WORLD, "ngin")] == [NGINX_1, NGINX_2]


def test_a_whole_name_leaves_out_what_only_begins_with_it() -> None:
    sample = docker_sample()
    first, second = sample.containers
    named = replace(first, owner=Owner(Runtime.DOCKER, "f" * 64, "nginx")), second
    assert [match.namespace for match in find(build(replace(sample, containers=named)), "nginx")] == [NGINX_1]


def test_a_link_is_found_by_its_other_names() -> None:
    sample = docker_sample()
    home = sample.tables[HOME]
    uplink = replace(home.links[2], altnames=("enp0s3", "ens3"))
    tables = {**sample.tables, HOME: replace(home, links={**home.links, 2: uplink})}
    assert find(build(replace(sample, tables=tables)), "ens3") == (Match(HOME, UPLINK, "altname"),)


@pytest.mark.parametrize(
    "name", ["", "nope", "172.17.0.99", "02:42:00:00:00:99", "99999", "9" * 5000, "\u0662\u0660\u0661", "/", "c9"]
)
def test_an_unknown_name_is_not_found(name: str) -> None:
    assert find(WORLD, name) == ()


def test_a_hostile_name_is_found_as_it_is() -> None:
    assert [match.namespace for match in find(docker_snapshot(hostile=True), HOSTILE)] == [NGINX_1, NGINX_1, NGINX_2]


@given(st.text())
def test_any_text_is_a_question(name: str) -> None:
    assert isinstance(find(WORLD, name), tuple)
