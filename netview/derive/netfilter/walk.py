"""One packet in the chains of one hook."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from netview.derive.netfilter.headers import Seen
from netview.derive.netfilter.registers import Registers
from netview.derive.netfilter.surroundings import NEW, Noted, Surroundings
from netview.model import Flow, Packet
from netview.model.ruleset import Chain, Hook, NftRule, Ruleset

MOST_RULES = 200_000


class Decided(NamedTuple):
    """A rule, or a chain's policy, that did something."""

    chain: Chain
    rule: NftRule | None
    """None: the policy."""
    word: str
    """ "drop", "reject", "dnat", "masquerade", …"""


class Stop(NamedTuple):
    """The end of a chain's walk, and what ended it."""

    word: str
    by: Decided


@dataclass(slots=True)
class Walk:
    """Where it is and what was done to it so far."""

    ruleset: Ruleset
    around: Surroundings
    seen: Seen
    hook: Hook
    supposed: tuple[bool, ...] = ()
    """Of the rules that nobody can judge the first ones, in order: whether they match."""
    notes: list[Decided] = field(default_factory=list)
    left: int = MOST_RULES
    registers: Registers = field(default_factory=Registers)
    noted: dict[tuple[str, str], Noted] = field(default_factory=dict)
    met: int = 0
    """How many rules that nobody can judge were met."""

    @property
    def packet(self) -> Packet:
        """As it is now."""
        return self.seen.packet

    def change(self, flow: Flow) -> None:
        """Let it go on as another flow."""
        self.seen = Seen(replace(self.packet, flow=flow), opening=self.around.state == NEW)
