"""Rules of both iptables at once."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.path.questions import AskRules, Ruled, Unanswered
from netview.model import Snapshot


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Each drops without knowing of the other's rules."""
    answer = answers.get(AskRules(snapshot.home))
    if isinstance(answer, Unanswered):
        yield check.unknown(answer.reason)
        return
    families = answer.families if isinstance(answer, Ruled) else frozenset[str]()
    for family in ("ip", "ip6"):
        if {family, f"legacy {family}"} <= families:
            yield check.finding(
                snapshot.home,
                snapshot,
                severity="warning",
                confidence="certain",
                message=f"{name_of(snapshot, snapshot.home)} has {family} rules in legacy iptables and in"
                f" nftables: a packet must pass both",
                evidence=evidence(families=" ".join(sorted(families))),
                command=["sh", "-c", "iptables-legacy-save; iptables-nft-save"],
                remedy="move all to one of the two (update-alternatives --config iptables), and clear the other",
            )


def asks(snapshot: Snapshot) -> tuple[AskRules, ...]:
    """Of the home namespace."""
    return (AskRules(snapshot.home),)


CHECK = Check(6, "legacy iptables beside nftables", look, asks, "beat")
