"""Drops reckoned up."""

from netview.derive.drops import ReasonCount, Reckoning, moved
from netview.model import NamespaceId
from netview.model.drops import DropCounter, DropReason

HERE, THERE = NamespaceId("c1"), NamespaceId("c2")


def reason(word: str, pid: int | None = None) -> DropReason:
    return DropReason(word, "nf_hook_slow", 0x0800, pid)


def test_equal_reasons_are_counted_together_whoever_sent() -> None:
    reckoning = Reckoning()
    for word, pid, namespace in (("A", 1, HERE), ("B", None, None), ("A", 2, HERE), ("A", 3, THERE)):
        reckoning.add(reason(word, pid), namespace)
    assert reckoning.counts == [
        ReasonCount(reason("A"), HERE, 2),
        ReasonCount(reason("B"), None, 1),
        ReasonCount(reason("A"), THERE, 1),
    ]


def test_counters_of_a_namespace_that_came_meanwhile_say_nothing() -> None:
    lost = DropCounter("protocol", "UdpNoPorts")
    assert [one.packets for one in moved({HERE: {lost: 1}}, {HERE: {lost: 4}, THERE: {lost: 9}})] == [3]
