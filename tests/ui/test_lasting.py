from dataclasses import replace

from netview.ui.lasting import Lasting
from tests.factories import docker_snapshot


def test_what_is_made_of_a_topology_lasts_while_only_counters_change() -> None:
    made = Lasting(lambda snapshot: [snapshot.taken_at])
    first = docker_snapshot()
    assert made(replace(first, counters={}, rates={})) is made(first)
    assert made(replace(first, ports=dict(first.ports))) is not made(first)
