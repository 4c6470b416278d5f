"""A bridge port that is up and does not forward."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import LinkKey, PortState, Snapshot
from netview.model.enums import OperState

_PASSING = frozenset({PortState.LISTENING, PortState.LEARNING})


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Blocked or disabled for good, or on its way there."""
    for key, link in links_of(snapshot):
        port = link.port
        if port is None or port.state is PortState.FORWARDING or link.operstate not in {OperState.UP, OperState.UNKNOWN}:
            continue
        bridge = snapshot.link(LinkKey(key.namespace, port.bridge))
        stp = bridge is not None and bridge.bridge is not None and bridge.bridge.stp
        passing = port.state in _PASSING
        yield check.finding(
            key,
            snapshot,
            severity="notice" if passing or stp else "error",
            confidence="certain",
            message=f"{name_of(snapshot, key)} is a port in state {port.state.word}: nothing passes it"
            + (" until the forward delay is over" if passing else ""),
            evidence=evidence(state=port.state.word, stp=stp, bridge=None if bridge is None else bridge.name),
            command=["bridge", "-d", "link", "show", "dev", device(snapshot, key)],
            remedy="wait for the spanning tree, or look for the loop that it breaks"
            if stp or passing
            else "bridge link set dev … state 3",
        )


CHECK = Check(17, "bridge port not forwarding", look)
