"""The table of figures."""

import pytest

from tests.bench.rows import Held, Row, table


@pytest.mark.parametrize(
    ("held", "results"),
    [("ratio", [2.0, 3.0]), ("difference", [1.0, 4.0]), ("value", [2.0, 6.0])],
    ids=["ratio", "difference", "value"],
)
def test_figures_are_held_against_those_taken_in_turn_with_them(held: Held, results: list[float]) -> None:
    assert Row("it", "ms", [2.0, 6.0], "other", [1.0, 2.0], held).results == results


def test_the_median_decides_whether_a_row_holds() -> None:
    assert Row("it", "ms", [1.0, 2.0, 9.0], held="value", at_most=2).holds
    assert Row("it", "ms", [1.0, 2.1, 9.0], held="value", at_most=2).holds is False
    assert Row("it", "ms", [1.0]).holds is None


def test_a_missed_bar_is_said_and_the_spread_shown() -> None:
    printed = table([Row("tick", "ms", [4.0, 6.0], "C", [1.0, 2.0], at_most=2.5)])
    assert "MISSED" in printed
    assert "3.5 x (3 … 4)" in printed
