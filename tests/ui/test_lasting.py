from dataclasses import replace

from netview.model import Snapshot, Tables
from netview.ui.lasting import Lasting
from tests.factories import NGINX_1, docker_snapshot


def test_what_is_made_of_a_topology_lasts_while_only_counters_change() -> None:
    made = Lasting(lambda snapshot: [snapshot.taken_at])
    first = docker_snapshot()
    assert made(replace(first, counters={}, rates={})) is made(first)
    assert made(replace(first, ports=dict(first.ports))) is not made(first)


def test_it_lasts_while_neighbours_age_and_ends_with_any_other_table() -> None:
    made = Lasting(lambda snapshot: [snapshot.taken_at])
    first = docker_snapshot()
    known = first.namespaces[NGINX_1]

    def with_tables(tables: Tables) -> Snapshot:
        return replace(first, namespaces={**first.namespaces, NGINX_1: replace(known, tables=tables)})

    assert made(with_tables(replace(known.tables, neighbours=()))) is made(first)
    assert made(with_tables(replace(known.tables, routes=()))) is not made(first)
