"""VXLAN packets with wrong checksums, by a fault of old kernels."""

import re
from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.path.questions import AskChecksums, Checksums, Unanswered
from netview.derive.proof import device
from netview.model import LinkKey, Snapshot

_MENDED = (5, 7)
_MENDED_ALSO = {(4, 14): 181, (4, 19): 123, (5, 4): 41, (5, 6): 13}
"""Since which release of older lines, too: "netfilter: nat: never update the UDP checksum when it's 0"."""
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_MOST = 64


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Where a translated packet goes into a tunnel and hardware makes its checksum; distributions may have mended theirs."""
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


def _is_mended(kernel: str) -> bool:
    found = _VERSION.match(kernel)
    if found is None:
        return False
    line, release = (int(found[1]), int(found[2])), int(found[3] or 0)
    return line >= _MENDED or release >= _MENDED_ALSO.get(line, 1 << 30)


def _tunnels(snapshot: Snapshot) -> list[LinkKey]:
    return [] if _is_mended(snapshot.kernel) else [key for key, _ in links_of(snapshot, "vxlan")][:_MOST]


def asks(snapshot: Snapshot) -> Iterator[AskChecksums]:
    """Of each tunnel, on a kernel that may have the fault."""
    return (AskChecksums(key.namespace, key.ifindex) for key in _tunnels(snapshot))


CHECK = Check(10, "checksums in VXLAN", look, asks, "beat")
