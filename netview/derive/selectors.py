"""What a policy rule looks for, in the words of `ip rule`."""

from netview.model import Rule


def selectors(rule: Rule) -> tuple[str, ...]:
    """All but source and destination, the inversion first: "not", "iif eth0", "ipproto 6", "dport 80-90"."""
    named = (
        ("iif", rule.iif),
        ("oif", rule.oif),
        ("fwmark", rule.fwmark),
        ("tos", f"{rule.tos:#x}" if rule.tos else None),
        ("ipproto", rule.protocol),
        ("sport", _range(rule.source_ports)),
        ("dport", _range(rule.ports)),
        ("uidrange", None if rule.uids is None else f"{rule.uids[0]}-{rule.uids[1]}"),
    )
    words = [f"{name} {value}" for name, value in named if value is not None]
    unknown = [f"selector {number}" for number in rule.others]
    return (*(("not",) if rule.inverted else ()), *words, *(("l3mdev",) if rule.l3mdev else ()), *unknown)


def outcome(rule: Rule) -> str:
    """What it does with what it takes: "lookup main suppress_prefixlength 0", "goto 110", "prohibit"."""
    words = [rule.action]
    if rule.action == "goto" and rule.target is not None:
        words.append(str(rule.target))
    elif rule.table is not None:
        words.append(rule.table)
    if rule.suppress_prefixlength is not None:
        words.append(f"suppress_prefixlength {rule.suppress_prefixlength}")
    if rule.suppress_ifgroup is not None:
        words.append(f"suppress_ifgroup {rule.suppress_ifgroup}")
    return " ".join(words)


def _range(ports: tuple[int, int] | None) -> str | None:
    if ports is None:
        return None
    return str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"
