"""What conntrack of one namespace keeps of a flow, and what it makes of the replies."""

from dataclasses import dataclass, field, replace

from netview.model import Flow
from netview.model.ruleset import Hook


@dataclass(slots=True, eq=False)
class Connection:
    """A flow as it came and as it went on."""

    original: Flow
    now: Flow
    bound: set[bool] = field(default_factory=set)
    """True: its destination was settled, at the first hook that could translate it; False: its source was."""

    def answers(self, flow: Flow) -> bool:
        """Whether a flow is that of its replies, at any stage of being turned back."""
        here = {self.original.destination, self.now.destination}
        there = {self.original.source, self.now.source}
        return flow.protocol == self.now.protocol and flow.source in here and flow.destination in there


def turned_back(connection: Connection, hook: Hook, flow: Flow) -> Flow:
    """A reply after a hook: where it goes to is turned back on the way in, where it comes from on the way out."""
    original, now = connection.original, connection.now
    if hook in {"prerouting", "output"} and now.source != original.source and flow.destination == now.source:
        return replace(flow, destination=original.source, port=original.source_port)
    translated = (now.destination, now.port) != (original.destination, original.port)
    if hook in {"postrouting", "input"} and translated and flow.source == now.destination:
        return replace(flow, source=original.destination, source_port=original.port)
    return flow
