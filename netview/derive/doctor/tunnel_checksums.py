"""VXLAN packets with wrong checksums, by a fault of old kernels."""

import re
from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.path.questions import AskChecksums, AskCounters, Checksums, Unanswered
from netview.derive.path.tunnelling import underlay
from netview.derive.proof import device
from netview.model import LinkKey, NamespaceId, Snapshot

_MENDED = (5, 7)
_MENDED_ALSO = {(4, 14): 181, (4, 19): 123, (5, 4): 41, (5, 6): 13}
"""Since which release of older lines, too: "netfilter: nat: never update the UDP checksum when it's 0"."""
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_MOST = 64
_WRONG = "Udp/InCsumErrors", "Udp6/InCsumErrors"
_LEAST = 1.0
"""So many a second."""


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Where a translated packet goes into a tunnel and hardware makes its checksum; distributions may have mended theirs."""
    yield from _received(check, snapshot, answers)
    for key in _tunnels(snapshot):
        answer = answers.get(AskChecksums(key.namespace, key.ifindex))
        if not isinstance(answer, Checksums):
            yield check.unknown(answer.reason if isinstance(answer, Unanswered) else "no answer")
        elif answer.by_hardware:
            name = device(snapshot, key)
            yield check.finding(
                key,
                snapshot,
                severity="notice",
                confidence="possible",
                message=f"{name_of(snapshot, key)} leaves checksums to hardware, and Linux {snapshot.kernel} may get those of"
                " translated packets wrong: other hosts then drop them",
                evidence=evidence(tx_checksum=True, kernel=snapshot.kernel),
                command=["ethtool", "-k", name],
                remedy=f"if packets through the tunnel are lost: ethtool -K {name} tx-checksum-ip-generic off, or a newer kernel",
            )


def _received(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """What came in with a wrong checksum, at those who unwrap packets."""
    for namespace in _receivers(snapshot):
        grown = answers.grown(AskCounters(namespace), *_WRONG)
        if isinstance(grown, str):
            yield check.unknown(grown)
        elif (rate := sum(grown.values())) >= _LEAST:
            yield check.finding(
                namespace,
                snapshot,
                severity="warning",
                confidence="likely",
                message=f"{name_of(snapshot, namespace)} unwraps VXLAN, and drops {rate:.1f} UDP packets a second for their"
                " checksums: another host may leave them to hardware that gets them wrong",
                evidence=evidence(InCsumErrors=round(rate, 1)),
                command=["nstat", "-az", "UdpInCsumErrors", "Udp6InCsumErrors"],
                remedy="on the sending host: ethtool -K … tx-checksum-ip-generic off for its VXLAN, or a newer kernel there",
            )


def _receivers(snapshot: Snapshot) -> tuple[NamespaceId, ...]:
    below = (underlay(snapshot, key) for key, _ in links_of(snapshot, "vxlan"))
    return tuple(dict.fromkeys(namespace for namespace in below if namespace in snapshot.namespaces and namespace is not None))


def _is_mended(kernel: str) -> bool:
    found = _VERSION.match(kernel)
    if found is None:
        return False
    line, release = (int(found[1]), int(found[2])), int(found[3] or 0)
    return line >= _MENDED or release >= _MENDED_ALSO.get(line, 1 << 30)


def _tunnels(snapshot: Snapshot) -> list[LinkKey]:
    return [] if _is_mended(snapshot.kernel) else [key for key, _ in links_of(snapshot, "vxlan")][:_MOST]


def asks(snapshot: Snapshot) -> Iterator[AskChecksums | AskCounters]:
    """Of each tunnel, on a kernel that may have the fault; of each namespace where packets are unwrapped."""
    yield from (AskChecksums(key.namespace, key.ifindex) for key in _tunnels(snapshot))
    yield from (AskCounters(namespace) for namespace in _receivers(snapshot))


CHECK = Check(10, "checksums in VXLAN", look, asks, "beat")
