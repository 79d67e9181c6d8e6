"""Numbers of studies as people read them; a dash where there is none."""

from __future__ import annotations

from collections.abc import Callable

from cnnviz.studies.intervals import Measure

NONE = "–"


def share(value: float | None) -> str:
    """`0.7354` → `73.5 %`."""
    return NONE if value is None else f"{100 * value:.1f} %"


def published_share(value: float | None) -> str:
    """`0.5105` → `51.05 %`, `0.1` → `10 %`: as many digits as the report gives."""
    return NONE if value is None else f"{100 * value:.6g} %"


def seconds(value: float | None) -> str:
    """`3.21` → `3.2 s`, `28.4` → `28 s`, `192.3` → `3 min 12 s`, `4020` → `1 h 7 min`."""
    if value is None:
        return NONE
    whole = round(value)
    if value < 9.95:
        return f"{value:.1f} s"
    if whole < 60:
        return f"{whole} s"
    return (
        f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
    )


def number(value: float | None) -> str:
    """`0.02951` → `0.0295`."""
    return NONE if value is None else f"{value:.3g}"


def count(value: float | None) -> str:
    """`1250858` → `1,250,858`."""
    return NONE if value is None else f"{round(value):,}"


def measured_share(measure: Measure | None) -> str:
    """`66.2 % ± 0.4 (3 seeds)`; one seed has no spread, and says so."""
    return NONE if measure is None else f"{spread_share(measure)} ({seeds(measure.n)})"


def spread_share(measure: Measure | None) -> str:
    """`66.2 % ± 0.4`, where it is said elsewhere how many seeds that are."""
    if measure is None:
        return NONE
    spread = "" if measure.deviation is None else f" ± {100 * measure.deviation:.1f}"
    return f"{100 * measure.mean:.1f} %{spread}"


def measured_seconds(measure: Measure | None) -> str:
    """`14.2 s ± 0.4 s`, `3 min 12 s ± 16 s`."""
    if measure is None:
        return NONE
    long = measure.mean >= 60
    spread = "" if measure.deviation is None else f" ± {measure.deviation:.{0 if long else 1}f} s"
    return (seconds(measure.mean) if long else f"{measure.mean:.1f} s") + spread


def measured_number(measure: Measure | None) -> str:
    """`1.24 ± 0.02`."""
    return _spread(measure, number)


def listed(words: tuple[str, ...] | list[str]) -> str:
    """`a, b and c`."""
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


def _spread(measure: Measure | None, write: Callable[[float | None], str]) -> str:
    if measure is None:
        return NONE
    spread = "" if measure.deviation is None else f" ± {measure.deviation:.2g}"
    return f"{write(measure.mean)}{spread}"


def seeds(n: int) -> str:
    """`1 seed`, `3 seeds`."""
    return "1 seed" if n == 1 else f"{n} seeds"
