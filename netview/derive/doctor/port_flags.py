"""Ports that are kept from each other, or that learn nothing."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, inner_ends, links_of, name_of
from netview.derive.proof import device
from netview.model import Snapshot


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """Two isolated ports of one bridge never reach each other; a port that does not learn has its frames flooded."""
    for bridge, _ in links_of(snapshot, "bridge"):
        ports = [(port, snapshot.link(port)) for port, _ in inner_ends(snapshot, bridge)]
        isolated = [port for port, link in ports if link is not None and link.port is not None and link.port.isolated]
        if len(isolated) > 1:
            yield check.finding(
                bridge,
                snapshot,
                severity="notice",
                confidence="certain",
                message=f"{len(isolated)} ports of {name_of(snapshot, bridge)} are isolated: what is behind"
                f" them does not reach each other",
                evidence=evidence(isolated=" ".join(name_of(snapshot, port).split(" in ")[0] for port in isolated)),
                command=["bridge", "-d", "link", "show"],
                remedy="if that is not meant: bridge link set dev … isolated off",
            )
        for port, link in ports:
            if link is not None and link.port is not None and not link.port.learning:
                yield check.finding(
                    port,
                    snapshot,
                    severity="notice",
                    confidence="likely",
                    message=f"{name_of(snapshot, port)} learns no addresses: frames for what is behind it go to every port",
                    evidence=evidence(learning=False),
                    command=["bridge", "-d", "link", "show", "dev", device(snapshot, port)],
                    remedy="if that is not meant: bridge link set dev … learning on",
                )


CHECK = Check(20, "ports isolated or not learning", look)
