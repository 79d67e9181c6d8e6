"""Numbers as people read them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (0.032, "0.03 s"),
        (4.26, "4.3 s"),
        (9.97, "10 s"),
        (59.6, "1 min 0 s"),
        (192.03, "3 min 12 s"),
        (3599.9, "1 h 0 min"),
        (7325, "2 h 2 min"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, "–"), (0, "0"), (0.02951, "0.0295"), (12.345, "12.3"), (1148.7, "1,150"), (99.96, "100")],
)
def test_three_significant_digits(number: float | None, text: str) -> None:
    assert words.significant(number) == text


@given(st.floats(1e-3, 1e9))
def test_significant_is_within_half_a_percent(number: float) -> None:
    assert float(words.significant(number).replace(",", "")) == pytest.approx(number, rel=0.0051)


def test_shares_counts_and_sizes() -> None:
    assert words.percent(0.7354) == "73.5 %"
    assert [words.part(share) for share in (0.943, 0.0003, 0.0)] == ["94.3 %", "< 0.1 %", "0.0 %"]
    assert words.percent_range(0.7126, 0.7534) == "71.3 … 75.3 %"
    assert words.count(1250858) == "1,250,858"
    assert words.short(41234567) == "41.2 M"
    assert words.size(154140672) == "147 MiB"
    assert words.plural(1, "epoch") == "1 epoch"
    assert words.plural(3, "class", "classes") == "3 classes"


def test_what_is_below_zero_has_a_minus_not_a_hyphen() -> None:
    assert [words.percent(-0.05), words.given_percent(-0.1), words.count(-1200)] == [
        "−5.0 %",
        "−10 %",
        "−1,200",
    ]
    assert words.significant(-0.02951) == "−0.0295"
    assert words.significant_spread(-1500, 12) == "−1,500 ± 12"


def test_differences_carry_their_sign() -> None:
    assert [words.points(share) for share in (-0.041, 0.009, None)] == ["−4.1", "+0.9", "–"]
    assert words.points(0.00123, 2) == "+0.12"
    assert [words.signed(n) for n in (-244224, 7, 0.0312, -1.5, 0, None)] == [
        "−244,224",
        "+7",
        "+0.0312",
        "−1.5",
        "+0",
        "–",
    ]


def test_means_stand_with_their_deviation() -> None:
    assert words.percent_spread(0.662, 0.0041) == "66.2 % ± 0.4"
    assert words.percent_spread(0.662, None) == "66.2 %"
    assert words.percent_spread(None, None) == "–"
    assert words.duration_spread(25.14, 3.35) == "25.1 s ± 3.4 s"
    assert words.duration_spread(192.4, 16.2) == "3 min 12 s ± 16 s"
    assert words.duration_spread(0.052, None) == "0.05 s"
    assert words.significant_spread(1.2402, 0.0213) == "1.24 ± 0.021"


def test_chance_lists_and_given_digits() -> None:
    assert [words.p_value(p) for p in (0.0213, 0.0004, 0.5)] == ["p = 0.021", "p < 0.001", "p = 0.500"]
    assert [words.listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [words.given_percent(share) for share in (0.5105, 0.1, None)] == ["51.05 %", "10 %", "–"]


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-01-10T11:59:30+00:00", "just now"),
        ("2026-01-10T11:48:00+00:00", "12 min ago"),
        ("2026-01-10T02:00:00+00:00", "10 h ago"),
        ("2026-01-08T11:00:00+00:00", "2 days ago"),
        ("2025-12-03T11:00:00+00:00", "3 December 2025"),
    ],
)
def test_time_since(moment: str, text: str) -> None:
    assert words.ago(moment, datetime(2026, 1, 10, 12, tzinfo=UTC)) == text
