"""What the drawings say in a box or beside a link. All of it is safe to show."""

from netview.derive.graph import Box, Outside, Place
from netview.model import LinkFlag, Namespace, OperState, Runtime
from netview.text import safe


def title(box: Box) -> tuple[str, ...]:
    """A namespace's lines: its name, and whose it is or why it was not read."""
    namespace = box.namespace
    reason = namespace.tables.error
    rest = _whose(namespace) if reason is None else f"not read: {safe(reason)}"
    return (safe(namespace.label), rest) if rest else (safe(namespace.label),)


def link_lines(box: Box, place: Place) -> tuple[str, ...]:
    """A link's lines: name and kind, addresses, what is wrong with it."""
    link = place.link
    kind = f"{link.kind} vni {link.vxlan.vni}" if link.vxlan is not None else link.kind
    addresses = (f"{safe(a.address)}/{a.prefixlen}" for a in box.namespace.addresses_of(link.ifindex) if a.scope != "link")
    state = () if LinkFlag.UP in link.flags else ("down",)
    if not state and link.operstate in {OperState.DOWN, OperState.LOWERLAYERDOWN}:
        state = ("no carrier",)
    return (f"{safe(link.name)} · {safe(kind)}", *addresses, *state)


def nothing(box: Box) -> str:
    """What stands in a box without links."""
    return "no link but lo" if box.namespace.tables.error is None else "not read"


def outside_line(outside: Outside) -> str:
    """A far VTEP, or an end that cannot be seen."""
    name = safe(outside.name)
    return f"remote {name}" if outside.word == "remote" else f"unknown: {name}"


def _whose(namespace: Namespace) -> str:
    return " · ".join(
        dict.fromkeys(
            owner.runtime.value if owner.name == namespace.label else f"{owner.runtime.value} {safe(owner.name)}"
            for owner in namespace.owners
            if owner.runtime is not Runtime.PROCESS
        )
    )
