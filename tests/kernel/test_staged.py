"""At first links and addresses, and the rest right after."""

import time

from netview.kernel.live_source import LiveSource
from netview.live import Want
from netview.model import NOT_READ, Sample
from tests.kernel.lab import Lab
from tests.kernel.looking import at_home_in, place, sample


def test_links_and_addresses_come_first_and_the_rest_is_what_changes_then(lab: Lab) -> None:
    lab.add("host", "one")
    lab.ip("host", "link add v type veth peer name eth0 netns @one\nlink set v up\n")
    # Without addresses that are tentative first, and then are not.
    inside = "link set eth0 addrgenmode none\naddress add 10.9.0.2/24 dev eth0\nlink set eth0 up\n"
    lab.ip("one", f"{inside}route add default via 10.9.0.1\nlink set lo up\n")
    time.sleep(0.2)

    def stages() -> tuple[Sample, bool, Sample]:
        source = LiveSource(staged=True)
        try:
            first = source.sample(Want())
            return first, source.wait(1.0), source.changes(Want())
        finally:
            source.close()

    first, woke, second = at_home_in(lab, "host", stages)
    one = place(first, lab, "one")
    full = sample(lab).tables[one]
    assert woke
    assert (first.tables[one].links, first.tables[one].addresses) == (full.links, full.addresses)
    assert first.tables[one].nsids == full.nsids
    assert {told.field for told in first.tables[one].unknown if told.reason == NOT_READ} == {
        "routes",
        "rules",
        "neighbours",
        "fdb",
    }
    assert not first.tables[one].routes
    assert second.tables[one].routes == full.routes
    assert second.tables[one].rules == full.rules
    assert not [told for told in second.tables[one].unknown if told.reason == NOT_READ]
