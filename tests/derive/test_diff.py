"""Events from one moment to the next."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.derive.build import build
from netview.derive.diff import diff
from netview.derive.identity import address_key, route_key
from netview.model import NOT_READ, Container, Link, NamespaceId, Owner, Process, Runtime, Sample, Snapshot, Tables, Unknown
from netview.model.event import Event
from tests.factories import HOME, NGINX_1, a_link, a_route, a_sample, an_address, docker_sample, found, tables

Told = list[tuple[str, str, object]]


def world(inside: Tables | None, *, label: str = "one", at: float = 0.0) -> Snapshot:
    """A home, and one more namespace or none."""
    known = {HOME: found(HOME)} | ({} if inside is None else {NGINX_1: found(NGINX_1, names=(label,))})
    held = {HOME: tables([])} | ({} if inside is None else {NGINX_1: inside})
    return build(a_sample(known, held, {}, at=at))


def told(before: Snapshot, after: Snapshot) -> Told:
    return [(event.kind, event.object, event.key) for event in diff(before, after)]


LO, ETH0 = a_link(1, "lo", "loopback"), a_link(6, "eth0")
INSIDE = tables([LO, ETH0], addresses=(an_address(6, "10.0.0.2/24"),), routes=(a_route("default", 6, "10.0.0.1"),))
OWNER = ("owner", (Runtime.NETNS, "one"))


def test_a_namespace_comes_with_all_that_is_in_it_and_goes_the_other_way_round() -> None:
    empty, full = world(None), world(INSIDE, at=1)
    came = told(empty, full)
    assert [(kind, what) for kind, what, _ in came] == [
        ("new", what) for what in ("namespace", "owner", "link", "link", "address", "route")
    ]
    assert told(full, empty) == [("gone", what, key) for _, what, key in reversed(came)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"links": {1: LO}}, [("gone", "link", 6)]),
        ({"links": {1: LO, 6: replace(ETH0, mtu=1400)}}, [("changed", "link", 6)]),
        ({"links": {1: LO, 6: ETH0, 9: a_link(9, "new")}}, [("new", "link", 9)]),
        ({"addresses": ()}, [("gone", "address", address_key(INSIDE.addresses[0]))]),
        ({"addresses": (replace(INSIDE.addresses[0], flags=1),)}, [("changed", "address", address_key(INSIDE.addresses[0]))]),
        ({"routes": (replace(INSIDE.routes[0], protocol="static"),)}, [("changed", "route", route_key(INSIDE.routes[0]))]),
        ({"routes": ()}, [("gone", "route", route_key(INSIDE.routes[0]))]),
        ({"routes": (), "unknown": (Unknown("routes", "Operation not permitted"),)}, []),
        ({"neighbours": (), "rules": ()}, []),
    ],
)
def test_what_differs_is_told_once(changes: dict[str, object], expected: Told) -> None:
    assert told(world(INSIDE), world(replace(INSIDE, **changes), at=1)) == expected  # type: ignore[arg-type]


def test_a_table_that_was_not_read_before_appears_without_a_word() -> None:
    unread = replace(INSIDE, routes=(), unknown=(Unknown("routes", NOT_READ),))
    assert told(world(unread), world(INSIDE, at=1)) == []


def test_a_namespace_that_cannot_be_read_any_more_has_changed_and_lost_nothing() -> None:
    assert told(world(INSIDE), world(Tables(error="needs CAP_SYS_ADMIN"), at=1)) == [("changed", "namespace", NGINX_1)]


def test_a_container_that_starts_to_own_a_namespace_is_told() -> None:
    before = docker_sample(0)
    web = Container(Owner(Runtime.DOCKER, "d" * 64, "web"), pid=before.found[NGINX_1].processes[0].pid)
    after = build(replace(docker_sample(1), containers=(web,)), before, known := build(replace(before, containers=())))
    events = [event for event in diff(known, after) if event.object == "owner" and event.kind == "new"]
    assert [event.after for event in events] == [web.owner]


@pytest.mark.parametrize("turned", [False, True])
def test_an_engine_that_is_heard_late_or_no_more_changes_nobodys_owner(turned: bool) -> None:
    sample = docker_sample(0)
    unheard = build(replace(sample, containers=()))
    heard = build(replace(sample, heard=frozenset({"/run/docker.sock"})))
    assert unheard.namespaces[NGINX_1].owners != heard.namespaces[NGINX_1].owners
    assert diff(*((heard, unheard) if turned else (unheard, heard))) == ()


def test_an_engine_that_was_heard_tells_of_containers_that_start_and_end() -> None:
    sample = replace(docker_sample(0), heard=frozenset({"/run/docker.sock"}))
    without, running = build(replace(sample, containers=())), build(sample)
    assert [event.kind for event in diff(without, running) if event.object == "owner"] == ["new"] * len(sample.containers)
    assert [event.kind for event in diff(running, without) if event.object == "owner"] == ["gone"] * len(sample.containers)


def test_a_process_that_stands_for_a_namespace_is_no_owner_that_comes_or_goes() -> None:
    first, other = (found(NGINX_1, Process(pid, comm)) for pid, comm in ((5, "sh"), (6, "sleep")))
    snapshots = [
        build(a_sample({HOME: found(HOME), NGINX_1: one}, {HOME: tables([]), NGINX_1: INSIDE}, {})) for one in (first, other)
    ]
    assert snapshots[0].namespaces[NGINX_1].label != snapshots[1].namespaces[NGINX_1].label
    assert diff(*snapshots) == ()


def test_while_nothing_but_counters_moves_nothing_is_told() -> None:
    first, second = docker_sample(0), docker_sample(1)
    second = replace(second, found=first.found, tables=first.tables)
    known = build(first)
    assert diff(known, build(second, first, known)) == ()


LINKS = st.dictionaries(st.integers(1, 6), st.integers(1280, 1290)).map(
    lambda mtus: {number: a_link(number, f"eth{number}", mtu=mtu) for number, mtu in mtus.items()}
)


@given(st.dictionaries(st.sampled_from(["c2", "c3", "c4"]), LINKS), st.dictionaries(st.sampled_from(["c2", "c3", "c4"]), LINKS))
def test_applied_to_what_was_events_give_what_is(old: dict[str, dict[int, Link]], new: dict[str, dict[int, Link]]) -> None:
    def snapshot(worlds: dict[str, dict[int, Link]]) -> Snapshot:
        names = [NamespaceId(name) for name in worlds]
        known = {HOME: found(HOME)} | {name: found(name) for name in names}
        held = {HOME: tables([])} | {name: tables(worlds[name].values()) for name in names}
        sample: Sample = a_sample(known, held, {})
        return build(sample)

    now: dict[NamespaceId, dict[object, object]] = {NamespaceId(name): {} for name in old}
    for name, links in old.items():
        now[NamespaceId(name)].update({number: link for number, link in links.items()})  # noqa: C416  # of a wider type
    for event in diff(snapshot(old), snapshot(new)):
        _apply(now, event)
    assert now == new


def _apply(now: dict[NamespaceId, dict[object, object]], event: Event) -> None:
    if event.object == "namespace" and event.kind == "new":
        now[event.namespace] = {}
    elif event.object == "namespace" and event.kind == "gone":
        assert now.pop(event.namespace) == {}
    elif event.object == "link":
        assert now[event.namespace].pop(event.key, None) == event.before
        if event.after is not None:
            now[event.namespace][event.key] = event.after
