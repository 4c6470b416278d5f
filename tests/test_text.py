import pytest
from hypothesis import given
from hypothesis import strategies as st

from netview.text import Units, age, iec, plain, safe, si, throughput


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("eth0", "eth0"),
        ("a\x1b[2J]b", "a\\x1b[2J]b"),
        ("\u202eevil", "\\u202eevil"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("a\udcff", "a\\xff"),
        ("\x9b31m", "\\x9b31m"),
        ("tab\there\n", "tab\\x09here\\x0a"),
        ("no\u00a0break", "no\\xa0break"),
        ("größe-網路", "größe-網路"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_safe_makes_what_could_act_on_a_terminal_visible(raw: str, shown: str) -> None:
    assert safe(raw) == shown


@given(st.text(st.characters()))
def test_safe_text_is_printable_and_stays_as_it_is(raw: str) -> None:
    shown = safe(raw)
    assert shown.isprintable()
    assert safe(shown) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "?"),
        (0, "0 bit/s"),
        (312, "312 bit/s"),
        (999.6, "1.0 kbit/s"),
        (8_137_719, "8.1 Mbit/s"),
        (21_161, "21 kbit/s"),
        (0.25, "0.2 bit/s"),
    ],
)
def test_si_keeps_two_digits(value: float | None, shown: str) -> None:
    assert si(value, "bit/s") == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(None, "?"), (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (8_137_175, "7.8 MiB")]
)
def test_iec_counts_in_powers_of_1024(count: int | None, shown: str) -> None:
    assert iec(count) == shown


@pytest.mark.parametrize(
    ("bytes_per_s", "units", "shown"),
    [(1_000_000, "bit", "8.0 Mbit/s"), (1_000_000, "byte", "1.0 MB/s"), (0, "bit", "0 bit/s"), (None, "bit", "?")],
)
def test_throughput_is_in_the_chosen_units(bytes_per_s: float | None, units: Units, shown: str) -> None:
    assert throughput(bytes_per_s, units) == shown


def test_plain_text_draws_netviews_glyphs_in_ascii() -> None:
    assert plain("nginx-1 eth0 ⇄ veth0 · ↓ 8 ↑ 2 …") == "nginx-1 eth0 <> veth0 - v 8 ^ 2 ~"


@pytest.mark.parametrize(("seconds", "shown"), [(-1, "0 s"), (3.9, "3 s"), (60, "1 min"), (7200, "2 h"), (900_000, "10 d")])
def test_age_has_one_unit(seconds: float, shown: str) -> None:
    assert age(seconds) == shown
