"""What is worked out from what changed is what would be worked out from everything."""

import random
from dataclasses import replace

import pytest

from netview.derive.build import build
from netview.model import Container, Found, Link, NamespaceId, Owner, Process, Runtime, Sample, Snapshot, Tables
from tests.factories import a_link, a_sample, found, tables

_SPACES = tuple(NamespaceId(f"c{number}") for number in range(1, 6))
_KINDS = ("veth", "veth", "veth", "macvlan", "bridge", "vxlan")


def _some_link(dice: random.Random, ifindex: int) -> Link:
    nsid = dice.choice([None, 0, 1, 2, 7])
    master = dice.choice([None, None, dice.randrange(1, 7)])
    return a_link(ifindex, f"l{dice.randrange(99)}", dice.choice(_KINDS), link=dice.randrange(7), link_nsid=nsid, master=master)


def _some_tables(dice: random.Random) -> Tables:
    links = [_some_link(dice, ifindex) for ifindex in dice.sample(range(1, 7), dice.randrange(1, 6))]
    return tables(links, nsids={number: dice.choice(_SPACES) for number in range(3)})


def _some_found(dice: random.Random, namespace: NamespaceId) -> Found:
    names = (f"n{dice.randrange(3)}",) if dice.random() < 0.3 else ()
    processes = [Process(pid, f"p{pid}") for pid in dice.sample(range(1, 9), dice.randrange(3))]
    return found(namespace, *processes, names=names)


def _changed(dice: random.Random, sample: Sample) -> Sample:
    """Something comes, goes or changes; the rest are the same objects."""
    contents, known, containers = dict(sample.tables), dict(sample.found), sample.containers
    for _ in range(dice.randrange(1, 4)):
        namespace = dice.choice(_SPACES)
        what = dice.randrange(6)
        if what == 0 and namespace in contents and namespace != sample.home:
            del contents[namespace], known[namespace]
        elif what == 1 or namespace not in contents:
            contents[namespace], known[namespace] = _some_tables(dice), _some_found(dice, namespace)
        elif what == 2:
            known[namespace] = _some_found(dice, namespace)
        elif what == 3:
            links = dict(contents[namespace].links)
            ifindex = dice.randrange(1, 7)
            links[ifindex] = _some_link(dice, ifindex)
            contents[namespace] = replace(contents[namespace], links=links)
        elif what == 4:
            contents[namespace] = replace(contents[namespace], nsids=_some_tables(dice).nsids)
        else:
            pids = dice.sample(range(1, 9), 2)
            containers = tuple(Container(Owner(Runtime.DOCKER, str(pid), f"d{pid}"), pid=pid) for pid in pids)
    same_tables = all(contents.get(n) is sample.tables.get(n) for n in _SPACES)
    same_found = all(known.get(n) is sample.found.get(n) for n in _SPACES)
    return replace(
        sample,
        tables=sample.tables if same_tables else contents,
        found=sample.found if same_found else known,
        containers=containers,
    )


def _meaning(snapshot: Snapshot) -> dict[str, object]:
    spaces = [
        (one.found, one.tables.links, one.tables.nsids, one.label, one.home, one.owners, one.claims)
        for one in snapshot.namespaces.values()
    ]
    return {"spaces": spaces, "peers": snapshot.peers, "lowers": snapshot.lowers, "ports": snapshot.ports}


@pytest.mark.parametrize("seed", range(60))
def test_a_snapshot_made_from_the_one_before_is_the_same_as_one_made_from_nothing(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # a play that can be played again
    known = {namespace: _some_found(dice, namespace) for namespace in _SPACES}
    sample = a_sample(known, {namespace: _some_tables(dice) for namespace in _SPACES}, {})
    snapshot = build(sample)
    for _ in range(30):
        after = _changed(dice, sample)
        made = build(after, sample, snapshot)
        assert _meaning(made) == _meaning(build(after))
        sample, snapshot = after, made


def test_what_did_not_change_is_the_same_object() -> None:
    dice = random.Random(1)  # noqa: S311
    contents = {namespace: _some_tables(dice) for namespace in _SPACES}
    before = a_sample({namespace: _some_found(dice, namespace) for namespace in _SPACES}, contents, {})
    snapshot = build(before)
    other = replace(contents[_SPACES[1]], addresses=())
    after = build(replace(before, tables={**contents, _SPACES[1]: other}), before, snapshot)
    assert after.peers is snapshot.peers
    assert after.lowers is snapshot.lowers
    assert after.ports is snapshot.ports
    assert [one for one in _SPACES if after.namespaces[one] is not snapshot.namespaces[one]] == [_SPACES[1]]
