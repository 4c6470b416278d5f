"""What changed a moment ago."""

from dataclasses import replace

import pytest

from netview.derive.identity import address_key, route_key
from netview.derive.recent import recent
from netview.model import Address, LinkKey, NamespaceId, Route
from netview.model.event import Event, EventKind, EventObject, Fact
from tests.factories import HOME, a_link, a_route, an_address

_ADDRESS: Address = an_address(7, "10.0.0.1/24")
_ROUTE: Route = a_route("10.0.0.0/24", 8)


def _event(at: float, kind: EventKind, object_: EventObject, key: object, fact: Fact | None) -> Event:
    before, after = (None, fact) if kind == "new" else (fact, None if kind == "gone" else fact)
    return Event(at, kind, object_, HOME, "host", key, before, after)


@pytest.mark.parametrize(
    ("since", "age"), [(0.0, "fresh"), (2.9, "fresh"), (3.0, "fading"), (5.9, "fading"), (6.0, None), (-1.0, None)]
)
def test_a_change_is_fresh_then_fades_then_is_forgotten(since: float, age: str | None) -> None:
    events = [_event(100.0, "changed", "link", 3, a_link(3, "eth0"))]
    assert recent(iter(events), 100.0 + since).get(LinkKey(HOME, 3)) == age


def test_the_newest_change_counts_and_nothing_old_is_looked_at() -> None:
    events = [_event(at, "changed", "link", 3, a_link(3, "eth0")) for at in (99.0, 96.0, 50.0)]
    told = iter(events)
    assert recent(told, 100.0) == {LinkKey(HOME, 3): "fresh"}
    assert list(told) == []


@pytest.mark.parametrize("kind", ["new", "gone", "changed"])
def test_what_comes_goes_or_changes_of_a_link_is_a_change_of_it(kind: EventKind) -> None:
    for object_, key, fact, ifindex in (
        ("address", address_key(_ADDRESS), _ADDRESS, 7),
        ("route", route_key(_ROUTE), _ROUTE, 8),
    ):
        found = recent(iter([_event(100.0, kind, object_, key, fact)]), 101.0)  # type: ignore[arg-type]
        assert found[LinkKey(HOME, ifindex)] == "fresh"
        assert ((HOME, key) in found) is (kind == "changed")


@pytest.mark.parametrize("kind", ["new", "gone"])
def test_what_comes_or_goes_as_a_whole_has_marks_of_its_own(kind: EventKind) -> None:
    events = [_event(100.0, kind, "link", 3, a_link(3, "eth0")), _event(100.0, kind, "namespace", HOME, None)]
    assert recent(iter(events), 100.0) == {}


def test_a_new_owner_is_a_change_of_the_namespace_and_a_route_without_a_link_of_itself_alone() -> None:
    assert recent(iter([_event(100.0, "new", "owner", "x", None)]), 100.0) == {NamespaceId(HOME): "fresh"}
    lost = replace(_ROUTE, oif=None)
    assert recent(iter([_event(100.0, "gone", "route", route_key(lost), lost)]), 100.0) == {}
