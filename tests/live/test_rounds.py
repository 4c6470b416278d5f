"""The doctor's rounds: what is asked each time, and what once a beat."""

from dataclasses import replace
from itertools import count

from netview.derive.build import build
from netview.derive.path.questions import Answer, AskRevision, AskRuleset, AskSettings, Question
from netview.live.rounds import BEAT_S, Rounds
from netview.model import Family, Neighbour, NeighbourState, Process, Sample, Snapshot
from tests.derive.doctor.ailing import HEALTHY, World, chain, chains
from tests.factories import HOME, NGINX_1


class Asked:
    """Answers for a world, and keeps what it was asked."""

    def __init__(self) -> None:
        self.world = World()
        self.questions: list[Question] = []
        self.last: Sample | None = None
        self.known: Snapshot | None = None

    def __call__(self, question: Question) -> Answer:
        self.questions.append(question)
        return self.world.answer(question)

    def snapshot(self, at: float) -> Snapshot:
        """One in which something has changed."""
        self.world.link(NGINX_1, 6, txqlen=int(at))
        return self.renewed(at)

    def renewed(self, at: float) -> Snapshot:
        """One in which only that has changed which the world changed; the rest is the very same, as it is when followed."""
        before, self.last = self.last, replace(self.world.sample, taken_at=at)
        self.known = build(self.last, before, self.known)
        return self.known


def test_nothing_but_what_tells_of_no_change_is_asked_again_while_nothing_changes() -> None:
    asked = Asked()
    rounds = Rounds(asked)
    before = asked.snapshot(0)
    assert rounds.look(before) is None
    rounds.look(replace(before, taken_at=1.0))
    # What was counted is compared once it was counted twice.
    second = rounds.look(replace(before, taken_at=2.0))
    asked.questions.clear()
    assert rounds.look(replace(before, taken_at=4.0)) is second
    assert {type(question) for question in asked.questions} == {AskRevision, AskSettings}


def test_neighbours_that_age_and_processes_that_come_are_no_reason_to_look_again() -> None:
    asked = Asked()
    rounds = Rounds(asked)
    for at in range(3):
        known = rounds.look(asked.snapshot(at))
    asked.world.table(NGINX_1, neighbours=(Neighbour(6, Family.INET, "172.17.0.1", "02:42:d8:e4:df:c1", NeighbourState.DELAY),))
    asked.world.found(NGINX_1, processes=(Process(201, "nginx"), Process(777, "sh")))
    assert rounds.look(asked.renewed(4)) is known
    asked.world.table(NGINX_1, neighbours=(Neighbour(6, Family.INET, "172.17.0.1", None, NeighbourState.FAILED),))
    found = rounds.look(asked.renewed(5))
    assert found is not None
    assert [finding.check for finding in found.findings] == [26]


def test_rules_and_settings_that_change_are_seen_with_the_next_sample_though_nothing_tells_of_them() -> None:
    asked = Asked()
    rounds = Rounds(asked)
    before = asked.snapshot(0)
    for at in (0.0, 1.0, 2.0):
        rounds.look(replace(before, taken_at=at))
    asked.world.ruleset = chains(chain("forward", policy="drop"))
    asked.world.settings["ipv4/ip_forward"] = 0
    found = rounds.look(replace(before, taken_at=3.0))
    assert found is not None
    assert {1, 2} <= {finding.check for finding in found.findings}
    asked.world.ruleset = chains(*HEALTHY)
    asked.world.settings["ipv4/ip_forward"] = 1
    cured = rounds.look(replace(before, taken_at=4.0))
    assert cured is not None
    assert cured.findings == ()


def test_rules_are_asked_for_where_they_changed_and_what_no_event_tells_of_once_a_beat() -> None:
    asked = Asked()
    rounds = Rounds(asked)
    for at in range(3):
        rounds.look(asked.snapshot(at))
    asked.questions.clear()
    asked.world.ruleset = chains(chain("forward", policy="drop"))
    found = rounds.look(asked.snapshot(3))
    assert found is not None
    assert {2, 4} <= {finding.check for finding in found.findings}
    assert AskRuleset(HOME) in asked.questions
    beaten = AskSettings(HOME, ("ipv4/neigh/default/gc_thresh3", "ipv6/neigh/default/gc_thresh3"))
    assert beaten not in asked.questions
    asked.questions.clear()
    rounds.look(asked.snapshot(4))
    assert AskRuleset(HOME) not in asked.questions
    rounds.look(asked.snapshot(3 + BEAT_S))
    assert beaten in asked.questions
    assert AskRuleset(HOME) in asked.questions


def test_rounds_that_take_long_come_seldom_once_what_was_saved_is_spent() -> None:
    spent = count()
    asked = Asked()
    # Each look at the clock finds that a tenth of a second was spent.
    rounds = Rounds(asked, lambda: next(spent) / 10)
    known = [rounds.look(asked.snapshot(at)) for at in range(60)]
    assert 2 <= len({id(one) for one in known[1:]}) <= 25
