"""Series drawn and summed up."""

from statistics import mean

from hypothesis import given
from hypothesis import strategies as st

from netview.derive.plot import plotted, summary

VALUES = st.lists(st.none() | st.floats(0, 1e9), max_size=80)


def test_a_ramp_rises_by_eighths_from_the_bottom() -> None:
    assert plotted([0, 8, 16], 3, 2, 16) == ["  █", " ██"]
    assert plotted([1, 2, 16], 3, 1, 16) == ["▁▁█"]


def test_the_newest_stand_on_the_right_and_what_is_not_known_is_a_gap() -> None:
    assert plotted([5, None, 5], 5, 1, 5) == ["  █ █"]


def test_a_series_that_is_longer_than_the_line_is_there_in_full_by_its_highest_values() -> None:
    assert plotted([1, 4, 3, 2], 2, 1, 4) == ["█▆"]
    assert plotted([4, 1, 2, None, None], 2, 1, 4) == ["█▄"]
    assert plotted([None, None, 4], 2, 1, 4) == [" █"]


def test_a_trickle_beside_a_flood_is_seen_and_nothing_is_not() -> None:
    assert plotted([0, 1], 2, 3, 1e9) == ["  ", "  ", " ▁"]
    assert plotted([0, 1], 2, 1, 1e9, ascii=True) == [" ."]


@given(VALUES, st.integers(0, 40), st.integers(1, 6))
def test_a_plot_is_always_as_wide_and_as_high_as_it_may_be(series: list[float | None], width: int, height: int) -> None:
    lines = plotted(series, width, height, max((value for value in series if value is not None), default=0.0))
    assert len(lines) == height
    assert {len(line) for line in lines} == {width}


@given(VALUES)
def test_a_summary_is_of_what_is_known(series: list[float | None]) -> None:
    known = [value for value in series if value is not None]
    found = summary(series)
    if not known:
        assert found is None
        return
    assert found is not None
    assert (found.least, found.peak) == (min(known), max(known))
    assert abs(found.mean - mean(known)) <= 1e-6 * max(1.0, *known)
    assert sum(value <= found.p95 for value in known) >= 0.95 * len(known)
