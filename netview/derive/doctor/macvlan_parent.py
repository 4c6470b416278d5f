"""macvlan and ipvlan: what is below them, and whom they reach."""

from netview.derive.doctor.check import Answers, Check, Told, evidence, name_of
from netview.derive.doctor.gist import links_of
from netview.derive.proof import device
from netview.model import LinkFlag, LinkKey, Snapshot


def look(check: Check, snapshot: Snapshot, _answers: Answers) -> Told:
    """A parent that is down, and links in private mode, which do not reach each other on one parent."""
    private: dict[LinkKey, list[LinkKey]] = {}
    for key, link in links_of(snapshot, "macvlan", "macvtap", "ipvlan", "ipvtap"):
        lower = snapshot.lowers.get(key)
        parent = None if lower is None or lower.key is None else snapshot.link(lower.key)
        if lower is None or lower.key is None or parent is None:
            continue
        if not parent.flags & LinkFlag.UP:
            yield check.finding(
                key,
                snapshot,
                severity="error",
                confidence="certain",
                message=f"{name_of(snapshot, key)} stands on {name_of(snapshot, lower.key)}, which is down: nothing passes it",
                evidence=evidence(parent=parent.name, parent_up=False),
                command=["ip", "-d", "link", "show", "dev", device(snapshot, key)],
                remedy="ip link set … up, on the parent",
            )
        if link.macvlan is not None and link.macvlan.mode == "private":
            private.setdefault(lower.key, []).append(key)
    for parent_key, those in private.items():
        if len(those) > 1:
            yield check.finding(
                parent_key,
                snapshot,
                severity="notice",
                confidence="certain",
                message=f"{len(those)} macvlans on {name_of(snapshot, parent_key)} are in private mode: they do"
                f" not reach each other",
                evidence=evidence(mode="private", macvlans=", ".join(name_of(snapshot, one) for one in those)),
                command=["ip", "-d", "link", "show", "type", "macvlan"],
                remedy="if that is not meant: macvlan mode bridge",
            )


CHECK = Check(33, "macvlan or ipvlan parent", look)
