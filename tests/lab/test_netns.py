"""Namespaces with a name."""

from tests.lab.running import Run


def test_a_named_namespace_comes_and_goes_and_the_thread_stays_where_it_was(run: Run) -> None:
    running = run("named")
    assert running.line() == {"home": True, "entered": True, "links": [[1, "lo"]], "left": []}
    assert running.status() == 0
