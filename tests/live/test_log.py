from netview.live.log import Log
from netview.model import NamespaceId
from netview.model.event import Event


def event(at: float) -> Event:
    return Event(at, "new", "namespace", NamespaceId("c2"), "one", "c2", None, None)


def test_the_newest_come_first_and_keep_their_numbers_when_old_ones_leave() -> None:
    log = Log(3)
    log.add(event(at) for at in range(5))
    assert [(entry.number, entry.event.at) for entry in log.entries] == [(4, 4), (3, 3), (2, 2)]


def test_what_was_given_does_not_change_and_is_the_same_while_nothing_comes() -> None:
    log = Log()
    log.add([event(0)])
    given = log.entries
    log.add([])
    assert log.entries is given
    log.add([event(1)])
    assert len(given) == 1
    assert len(log.entries) == 2
