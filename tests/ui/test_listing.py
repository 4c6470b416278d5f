from dataclasses import replace

from netview.derive.build import build
from netview.derive.filter import Subject, Told
from netview.live import History
from netview.model import LinkKey, NamespaceId, Sample, Snapshot
from netview.ui.columns import Column, Context, Item, View
from netview.ui.listing import LINGER_S, Entry, Listing
from netview.ui.views.interfaces import INTERFACES
from netview.ui.views.wiring import WIRING
from tests.factories import DOCKER0, ETH0_1, HOME, NGINX_1, VETH_1, docker_sample, docker_snapshot, stats
from tests.ui.screen import running


def context(snapshot: Snapshot) -> Context:
    return Context(snapshot, History())


def world(at: float, *, without: NamespaceId | None = None) -> Snapshot:
    sample = docker_sample(at)
    if without is None:
        return build(sample)
    home = sample.tables[HOME]
    links = {ifindex: link for ifindex, link in home.links.items() if ifindex != VETH_1.ifindex}
    contents = {ns: tables for ns, tables in sample.tables.items() if ns != without}
    found = {ns: known for ns, known in sample.found.items() if ns != without}
    return build(replace(sample, found=found, tables={**contents, HOME: replace(home, links=links)}))


def marks(entries: tuple[Entry, ...]) -> dict[object, str]:
    return {entry.row.key: entry.mark for entry in entries if entry.mark}


def test_nothing_is_new_in_the_first_list() -> None:
    assert marks(Listing(INTERFACES).update(context(world(0)))) == {}


def test_a_row_that_came_is_new_for_ten_seconds() -> None:
    listing = Listing(INTERFACES)
    listing.update(context(world(0, without=NGINX_1)))
    assert marks(listing.update(context(world(1))))[ETH0_1] == "new"
    assert marks(listing.update(context(world(1 + LINGER_S)))) == {}


def test_a_row_that_went_lingers_in_its_place_and_then_leaves() -> None:
    listing = Listing(INTERFACES)
    keys = [entry.row.key for entry in listing.update(context(world(0)))]
    gone = listing.update(context(world(1, without=NGINX_1)))
    assert [entry.row.key for entry in gone] == keys
    assert marks(gone) == {VETH_1: "gone", LinkKey(NGINX_1, 1): "gone", ETH0_1: "gone"}
    left = [entry.row.key for entry in listing.update(context(world(1 + LINGER_S, without=NGINX_1)))]
    assert ETH0_1 not in left


def test_a_row_that_is_folded_away_is_not_gone() -> None:
    listing = Listing(WIRING)
    listing.update(context(world(0)))
    now = context(world(1))
    bridge = next(entry.row for entry in listing.entries if entry.row.link == DOCKER0)
    closed = replace(now, folding=replace(now.folding, collapsed=frozenset({bridge.key})))
    assert marks(listing.update(closed)) == {}
    assert marks(listing.update(context(world(2)))) == {}


def test_a_row_that_was_folded_away_is_not_new() -> None:
    listing = Listing(WIRING)
    now = context(world(0))
    listing.update(replace(now, folding=replace(now.folding, collapsed=frozenset({("bridge", HOME, "3")}))))
    assert marks(listing.update(context(world(1)))) == {}


def test_a_filter_keeps_parents_of_what_it_finds() -> None:
    listing = Listing(WIRING)
    listing.search("ns:nginx-2")
    shown = listing.update(context(docker_snapshot()))
    assert [entry.row.link.ifindex for entry in shown] == [3, 8]
    assert shown[-1].row.last


def test_a_filter_by_rate_counts_in_the_unit_that_is_shown() -> None:
    listing = Listing(INTERFACES)
    listing.search("rate>7M")
    assert len(listing.update(context(docker_snapshot()))) == 3
    assert listing.update(replace(context(docker_snapshot()), units="byte")) == ()


def test_unknown_values_sort_last_both_ways() -> None:
    listing = Listing(INTERFACES)
    listing.sort_by("peer")
    for _ in range(2):
        shown = listing.update(context(docker_snapshot()))
        assert shown[0].row.fact.kind == "veth"
        assert shown[-1].row.fact.kind != "veth"
        listing.turn()


def test_siblings_sort_below_their_parent() -> None:
    listing = Listing(WIRING)
    listing.sort_by("wire")
    listing.turn()
    shown = listing.update(context(docker_snapshot()))
    names = [(entry.row.depth, entry.row.namespace) for entry in shown]
    assert names == [(0, "c1"), (0, "c1"), (1, "c3"), (1, "c2"), (0, "c4"), (1, "c4")]
    assert [entry.row.last for entry in shown if entry.row.depth] == [False, True, True]


def live_view(values: dict[str, float]) -> View:
    return View(
        "live",
        "Live",
        (Column("value", "V", lambda row, _: str(row.key), lambda row, _: values[row.key], live=True),),
        lambda _context: tuple(Item(key, None, None) for key in values),
        lambda _row, _context: Subject(),
    )


def test_a_sort_on_a_live_value_reorders_at_most_every_three_seconds() -> None:
    values = {"a": 1.0, "b": 2.0}
    listing = Listing(live_view(values))
    listing.sort_by("value")
    snapshots = [replace(docker_snapshot(), taken_at=1000.0 + second) for second in range(5)]
    order = []
    for snapshot in snapshots:
        order.append("".join(str(entry.row.key) for entry in listing.update(context(snapshot))))
        values["a"] = 3.0
    assert order == ["ba", "ba", "ba", "ab", "ab"]


def test_a_sort_on_a_live_value_holds_still_after_a_key() -> None:
    values = {"a": 1.0, "b": 2.0}
    listing = Listing(live_view(values))
    listing.sort_by("value")
    for second in range(8):
        listing.update(context(replace(docker_snapshot(), taken_at=1000.0 + second)))
        values["a"] = 3.0
        listing.touch()
    assert [entry.row.key for entry in listing.entries] == ["b", "a"]


async def test_churn_keeps_the_selected_row_selected() -> None:
    def churning(at: float) -> Sample:
        sample = docker_sample(at)
        tables, found, counters = dict(sample.tables), dict(sample.found), dict(sample.counters)
        for number in range(50):
            namespace = NamespaceId(f"x{int(at)}n{number}")
            tables[namespace] = sample.tables[NGINX_1]
            found[namespace] = replace(sample.found[NGINX_1], id=namespace, names=(f"a-{int(at)}-{number}",), processes=())
            counters[LinkKey(namespace, 6)] = stats()
        return replace(sample, tables=tables, found=found, counters=counters)

    async with running(churning) as hand:
        await hand.press("2")
        assert hand.table.select(ETH0_1)
        await hand.settle()
        y = hand.lines.index(hand.selected)
        for _ in range(12):
            await hand.step()
            assert hand.table.current is not None
            assert hand.table.current.row.key == ETH0_1
            assert abs(hand.lines.index(hand.selected) - y) <= 1


def counted_subjects(query: str) -> int:
    """How often rows were looked at by two searches within one topology."""
    looked: list[object] = []

    def subject(row: Item, seen: Context) -> Told:
        looked.append(row.key)
        return INTERFACES.subject(row, seen)

    first = docker_snapshot(2)
    later = replace(first, taken_at=first.taken_at + 1, counters={}, rates={})
    listing = Listing(replace(INTERFACES, subject=subject))
    for snapshot in (first, later):
        listing.search(query)
        listing.update(context(snapshot))
    return len(looked) // listing.total


def test_what_a_filter_sees_is_written_once_a_topology() -> None:
    assert counted_subjects("eth0") == 1


def test_a_filter_on_rates_looks_at_every_sample() -> None:
    assert counted_subjects("rate>1") == 2


def test_while_only_counters_move_rows_are_not_made_again() -> None:
    made = 0

    def rows(context: Context) -> tuple[object, ...]:
        nonlocal made
        made += 1
        return INTERFACES.rows(context)

    listing = Listing(replace(INTERFACES, rows=rows))
    first, second, third = docker_sample(0), docker_sample(1), docker_sample(2)
    second, third = (replace(one, found=first.found, tables=first.tables) for one in (second, third))
    before = build(first)
    entries = listing.update(context(before))
    now = build(second, first, before)
    assert listing.update(context(now)) is entries
    assert made == 1
    assert {entry.context.snapshot for entry in entries} == {now}
    listing.search("rate>1k")
    listing.update(context(now))
    listing.update(context(build(third, second, now)))
    assert made == 3
