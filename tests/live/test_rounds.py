"""The doctor's rounds: what is asked each time, and what once a beat."""

from dataclasses import replace

from netview.derive.build import build
from netview.derive.path.questions import Answer, AskRuleset, AskSettings, Question
from netview.live.rounds import BEAT_S, SOON_S, Rounds
from netview.model import Snapshot
from tests.derive.doctor.ailing import World, chain, chains
from tests.factories import HOME, NGINX_1


class Asked:
    """Answers for a world, and keeps what it was asked."""

    def __init__(self) -> None:
        self.world = World()
        self.questions: list[Question] = []

    def __call__(self, question: Question) -> Answer:
        self.questions.append(question)
        return self.world.answer(question)

    def snapshot(self, at: float) -> Snapshot:
        """One in which something has changed."""
        self.world.sample = replace(self.world.sample, taken_at=at)
        self.world.link(NGINX_1, 6, txqlen=int(at))
        return build(self.world.sample)


def test_nothing_is_asked_again_while_nothing_changes() -> None:
    asked = Asked()
    rounds = Rounds(asked)
    before = asked.snapshot(0)
    assert rounds.look(before) is None
    first = rounds.look(replace(before, taken_at=1.0))
    asked.questions.clear()
    assert rounds.look(replace(before, taken_at=1.0 + SOON_S)) is first
    assert asked.questions == []


def test_rules_are_asked_for_with_every_change_and_what_no_event_tells_of_once_a_beat() -> None:
    asked = Asked()
    rounds = Rounds(asked)
    rounds.look(asked.snapshot(0))
    rounds.look(asked.snapshot(1))
    asked.questions.clear()
    asked.world.ruleset = chains(chain("forward", policy="drop"))
    found = rounds.look(asked.snapshot(1 + SOON_S))
    assert found is not None
    assert {2, 4} <= {finding.check for finding in found.findings}
    assert AskRuleset(HOME) in asked.questions
    beaten = AskSettings(HOME, ("ipv4/neigh/default/gc_thresh3", "ipv6/neigh/default/gc_thresh3"))
    assert beaten not in asked.questions
    rounds.look(asked.snapshot(1 + BEAT_S))
    assert beaten in asked.questions
