import json
from dataclasses import replace

import pytest

from netview.derive.diff import diff
from netview.export.events import lines
from netview.model import LinkKey
from tests.derive.test_diff import ETH0, INSIDE, world
from tests.factories import HOSTILE, NGINX_1, docker_sample, docker_snapshot

KEYS = {"at", "event", "object", "key", "before", "after"}


def test_each_event_is_one_object_with_the_keys_of_the_contract() -> None:
    before, after = world(None), world(INSIDE, at=1)
    told = [json.loads(line) for line in lines(diff(before, after), before, after)]
    assert all(set(one) == KEYS for one in told)
    assert {one["object"] for one in told} == {"namespace", "owner", "link", "address", "route"}
    assert all(one["before"] is None and one["at"] == "2027-01-15T08:00:01.000Z" for one in told)
    route = next(one for one in told if one["object"] == "route")
    assert (route["after"]["dst"], route["after"]["dev"], route["key"]["namespace"]) == ("default", "eth0", NGINX_1)


def test_before_and_after_are_what_was_and_what_is() -> None:
    before, after = world(INSIDE), world(replace(INSIDE, links={**INSIDE.links, 6: replace(ETH0, mtu=1400)}), at=1)
    (line,) = lines(diff(before, after), before, after)
    told = json.loads(line)
    assert (told["event"], told["key"]) == ("changed", {"namespace": NGINX_1, "ifindex": 6})
    assert (told["before"]["mtu"], told["after"]["mtu"]) == (1500, 1400)
    assert "stats" not in told["after"]


def test_what_is_gone_is_told_with_the_names_that_it_had() -> None:
    before, after = world(INSIDE), world(None, at=1)
    told = [json.loads(line) for line in lines(diff(before, after), before, after)]
    assert {one["before"]["dev"] for one in told if one["object"] in {"address", "route"}} == {"eth0"}
    assert all(one["after"] is None for one in told)


@pytest.mark.parametrize("hostile", [False, True])
def test_nothing_in_a_line_can_act_on_a_terminal(hostile: bool) -> None:
    before, after = world(None), docker_snapshot(1, hostile=hostile)
    text = "".join(lines(diff(before, after), before, after))
    assert text.isascii()
    assert text.isprintable()
    assert (json.dumps(HOSTILE)[1:-1] in text) is hostile
    assert LinkKey(NGINX_1, 6).namespace in docker_sample(1).found
