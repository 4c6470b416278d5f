"""The builders, each against the kernel."""

from tests.lab.running import Run


def test_a_refused_request_names_itself(run: Run) -> None:
    running = run("refused_link")
    assert running.line() == {"what": "bridge red", "why": "File exists"}
    assert running.status() == 0
