"""Tables after changes, and what those leave to be read."""

from dataclasses import replace

import pytest

from netview.derive.follow import Followed, follow
from netview.model import Address, BridgePort, FdbEntry, Neighbour, NeighbourState, PortState, Tables
from netview.model.change import AddressTold, Change, FdbTold, LinkGone, LinkTold, LinkUnclear, NeighbourTold, PortTold, TableTold
from tests.factories import a_link, an_address, stats, tables

_PORT = BridgePort(3, PortState.FORWARDING, 2, 32, 1, hairpin=False, isolated=False, learning=True)
_LO, _BRIDGE = a_link(1, "lo", "loopback"), a_link(3, "br0", "bridge")
_VETH = a_link(5, "v5", link=4, link_nsid=0, master=3, port=_PORT)
_NEAR = Neighbour(5, an_address(5, "10.0.0.1/8").family, "10.0.0.9", "02:00:00:00:00:09", NeighbourState.REACHABLE)
_ENTRY = FdbEntry(5, 3, "02:00:00:00:00:09", None, None, "", ())
_BEFORE = tables(
    [_LO, _BRIDGE, _VETH],
    addresses=(an_address(1, "127.0.0.1/8"), an_address(5, "10.0.0.1/8"), an_address(1, "::1/128")),
    neighbours=(_NEAR,),
    fdb=(_ENTRY,),
)
_FOLLOWING = {"routes", "fdb"}


def _after(*changes: Change) -> Followed:
    return follow(_BEFORE, changes)


def test_nothing_changes_by_what_is_known_already() -> None:
    known: list[Change] = [LinkTold(_VETH, stats()), AddressTold(an_address(5, "10.0.0.1/8"), gone=False)]
    known += [NeighbourTold(_NEAR, gone=False), FdbTold(_ENTRY, gone=False)]
    after = _after(*known)
    assert after.tables is _BEFORE
    assert after.stale == set()


def test_a_link_that_is_renamed_leaves_the_others_and_the_routes_alone() -> None:
    after = _after(LinkTold(replace(_VETH, name="new", alias="also"), stats(7)))
    assert [link.name for link in after.tables.links.values()] == ["lo", "br0", "new"]
    assert after.tables.links[3] is _BRIDGE
    assert after.tables.addresses is _BEFORE.addresses
    assert after.stale == set()
    assert after.stats[5].rx_bytes == 7


@pytest.mark.parametrize("what", [{"mtu": 1400}, {"carrier": False}, {"master": None}, {"link_nsid": 4}])
def test_with_what_may_change_routes_they_are_read_again(what: dict[str, object]) -> None:
    assert _after(LinkTold(replace(_VETH, **what), stats())).stale == _FOLLOWING  # type: ignore[arg-type]


def test_a_link_that_was_down_in_between_has_its_routes_read_again() -> None:
    down = replace(_VETH, carrier=False)
    after = _after(LinkTold(down, stats()), LinkTold(_VETH, stats()))
    assert after.tables.links[5] == _VETH
    assert after.stale == _FOLLOWING


def test_a_new_link_has_its_place_by_its_number() -> None:
    after = _after(LinkTold(a_link(4, "v4", link=9), stats()), LinkTold(a_link(8, "v8", link=9), stats()))
    assert list(after.tables.links) == [1, 3, 4, 5, 8]
    assert after.stale == _FOLLOWING


def test_the_end_of_a_wire_that_is_made_first_is_asked_for() -> None:
    assert _after(LinkTold(a_link(8, "v8", link=0), stats())).unclear == {8}
    assert _after(LinkTold(a_link(8, "b8", "bridge"), stats())).unclear == set()


def test_a_link_takes_along_all_that_is_its_own() -> None:
    after = _after(LinkGone(5))
    assert list(after.tables.links) == [1, 3]
    assert [address.address for address in after.tables.addresses] == ["127.0.0.1", "::1"]
    assert (after.tables.neighbours, after.tables.fdb) == ((), ())
    assert after.gone == {5}
    assert after.stale == _FOLLOWING


def test_another_link_may_come_in_its_place() -> None:
    after = _after(LinkGone(5), LinkTold(a_link(5, "other", link=2), stats(1)))
    assert after.tables.links[5].name == "other"
    assert after.gone == {5}
    assert after.stats[5].rx_bytes == 1


def test_a_ports_state_changes_the_port_and_has_the_bridge_asked_for() -> None:
    blocking = replace(_PORT, state=PortState.BLOCKING)
    after = _after(PortTold(5, blocking))
    assert after.tables.links[5] == replace(_VETH, port=blocking)
    assert after.unclear == {3}
    assert after.stale == set()


def test_a_port_of_a_bridge_that_it_was_not_plugged_into_is_asked_for() -> None:
    assert _after(PortTold(5, replace(_PORT, bridge=1))).unclear == {5, 1}
    assert _after(LinkUnclear(5)).unclear == {5}
    assert _after(LinkUnclear(77)).unclear == set()


def test_a_first_address_has_its_place_and_a_second_ones_is_read() -> None:
    after = _after(AddressTold(an_address(3, "10.1.0.1/16"), gone=False))
    assert [address.ifindex for address in after.tables.addresses] == [1, 3, 5, 1]
    assert after.stale == _FOLLOWING
    assert _after(AddressTold(an_address(5, "10.0.0.2/8"), gone=False)).stale == {*_FOLLOWING, "addresses"}
    assert [a.address for a in _after(AddressTold(an_address(3, "fe80::1/64"), gone=False)).tables.addresses][-1] == "fe80::1"


def test_an_address_that_changes_stays_where_it_is() -> None:
    tentative = replace(an_address(1, "::1/128"), flags=0x40)
    after = _after(AddressTold(tentative, gone=False))
    assert after.tables.addresses[2] is tentative
    assert after.stale == set()
    promoted = Address(**{field: getattr(_BEFORE.addresses[1], field) for field in Address.__slots__} | {"flags": 0x01})
    assert _after(AddressTold(promoted, gone=False)).stale == {"addresses"}


def test_an_address_that_goes_may_take_routes_along() -> None:
    after = _after(AddressTold(an_address(5, "10.0.0.1/8"), gone=True))
    assert [address.ifindex for address in after.tables.addresses] == [1, 1]
    assert after.stale == _FOLLOWING
    unknown = _after(AddressTold(an_address(5, "10.0.0.77/8"), gone=True))
    assert unknown.tables is _BEFORE


def test_neighbours_and_forwarding_entries_come_change_and_go() -> None:
    stale = replace(_NEAR, state=NeighbourState.STALE)
    assert _after(NeighbourTold(stale, gone=False)).tables.neighbours == (stale,)
    assert _after(NeighbourTold(_NEAR, gone=True)).tables.neighbours == ()
    moved = replace(_ENTRY, ifindex=3)
    assert _after(FdbTold(moved, gone=False)).tables.fdb == (moved,)
    own = FdbEntry(5, None, _ENTRY.mac, None, None, "permanent", ("self",))
    assert _after(FdbTold(own, gone=False)).tables.fdb == (_ENTRY, own)
    assert _after(FdbTold(own, gone=False), FdbTold(_ENTRY, gone=True)).tables.fdb == (own,)


def test_a_device_of_its_own_has_an_entry_for_each_remote_end() -> None:
    entries = [FdbEntry(5, None, _ENTRY.mac, None, f"192.0.2.{number}", "", ("self",)) for number in (1, 2)]
    after = _after(*[FdbTold(entry, gone=False) for entry in entries])
    assert after.tables.fdb == (_ENTRY, *entries)


def test_routes_and_rules_are_read_again() -> None:
    after = _after(TableTold("routes"), TableTold("rules"))
    assert after.tables is _BEFORE
    assert after.stale == {"routes", "rules"}


def test_it_begins_with_nothing_as_well() -> None:
    assert list(follow(Tables(), [LinkTold(_LO, stats())]).tables.links) == [1]
