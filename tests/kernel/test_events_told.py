"""Each change in a real namespace is one event."""

import time

from netview.kernel.live_source import LiveSource
from netview.live import Poller
from netview.model.event import Event
from tests.kernel.lab import Lab
from tests.kernel.looking import at_home_in

_WITHIN_S = 5.0


def test_what_is_made_changed_and_removed_is_told_once_each(lab: Lab) -> None:
    lab.add("host")

    def follow() -> list[Event]:
        source = LiveSource(thorough=True)
        poller = Poller(source)
        events: list[Event] = []

        def until(kind: str, object_: str, name: str) -> None:
            deadline = time.monotonic() + _WITHIN_S
            while not any((one.kind, one.object) == (kind, object_) and name in str(one.after or one.before) for one in events):
                assert time.monotonic() < deadline, f"no {object_} {name} was {kind}"
                events.extend(poller.step().events)
                time.sleep(0.05)

        try:
            poller.step()
            lab.add("one")
            lab.ip("host", "link add v type veth peer name eth0 netns @one\nlink set v up\n")
            until("new", "link", "eth0")
            lab.ip("one", "address add 10.9.0.2/24 dev eth0\nlink set eth0 up\n")
            until("new", "route", "10.9.0.0/24")
            lab.ip("one", "link set eth0 mtu 1400\n")
            until("changed", "link", "mtu=1400")
            lab.ip("one", "link set eth0 down\n")
            until("gone", "route", "10.9.0.0/24")
            lab.delete("one")
            until("gone", "namespace", "one")
        finally:
            source.close()
        return events

    events = at_home_in(lab, "host", follow)
    inside = {one.namespace for one in events if one.object == "namespace"}
    mine = [one for one in events if one.namespace in inside]
    told = [(one.kind, one.object, one.key, one.namespace) for one in mine if one.kind != "changed"]
    assert len(told) == len(set(told))
    came = {(one.object, one.key, one.namespace) for one in mine if one.kind == "new"}
    went = {(one.object, one.key, one.namespace) for one in mine if one.kind == "gone"}
    assert came == went
