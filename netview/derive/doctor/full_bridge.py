"""A bridge that can hardly take another port."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import Snapshot

MOST, NEAR = 1023, 950
"""The kernel numbers ports with ten bits (BR_MAX_PORTS 1024, 0 is none)."""


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """The next container then fails to start."""
    for key, _ in links_of(snapshot, "bridge"):
        count = len(snapshot.ports_of(key))
        if count >= NEAR:
            yield check.finding(
                key,
                snapshot,
                severity="error" if count >= MOST else "warning",
                confidence="certain",
                message=f"{name_of(snapshot, key)} has {count} of {MOST} ports: "
                + ("no container can be added" if count >= MOST else f"{MOST - count} more, and no container can be added"),
                evidence=evidence(ports=count, most=MOST),
                command=["ls", f"/sys/class/net/{device(snapshot, key)}/brif"],
                remedy="spread the containers over several networks",
            )


CHECK = Check(21, "bridge full", look)
