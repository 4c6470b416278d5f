"""Rules of both iptables at once."""

from collections.abc import Iterator

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.doctor.probes import rules_of
from netview.derive.path.questions import AskRuleset
from netview.model import NamespaceId, Snapshot
from netview.model.ruleset import Ruleset


def look(check: Check, snapshot: Snapshot, answers: Answers) -> Told:
    """Each drops without knowing of the other's rules."""
    for namespace in _filtering(snapshot):
        ruleset = rules_of(answers, namespace)
        if isinstance(ruleset, str):
            yield check.unknown(ruleset)
            continue
        found = families(ruleset)
        for family in ("ip", "ip6"):
            if {family, f"legacy {family}"} <= found:
                yield check.finding(
                    namespace,
                    snapshot,
                    severity="warning",
                    confidence="certain",
                    message=f"{name_of(snapshot, namespace)} has {family} rules in legacy iptables and in"
                    f" nftables: a packet must pass both",
                    evidence=evidence(families=" ".join(sorted(found))),
                    command=["sh", "-c", "iptables-legacy-save; iptables-nft-save"],
                    remedy="move all to one of the two (update-alternatives --config iptables), and clear the other",
                )


def families(ruleset: Ruleset) -> frozenset[str]:
    """Families with rules, or with chains that drop, in nft's words, and "legacy ip" where iptables-legacy has a table."""
    written = {one.family for one in ruleset.chains.values() if not one.legacy and (one.rules or one.policy == "drop")}
    legacy = {one.family for one in ruleset.chains.values() if one.legacy} | ruleset.legacy
    return frozenset(written | {f"legacy {family}" for family in legacy})


def _filtering(snapshot: Snapshot) -> list[NamespaceId]:
    """Home, and whoever else has bridges."""
    return list(dict.fromkeys((snapshot.home, *(key.namespace for key, _ in links_of(snapshot, "bridge")))))


def asks(snapshot: Snapshot) -> Iterator[AskRuleset]:
    """Of home and of each namespace with a bridge."""
    return (AskRuleset(namespace) for namespace in _filtering(snapshot))


CHECK = Check(6, "legacy iptables beside nftables", look, asks, "beat")
