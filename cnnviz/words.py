"""Numbers as people read them: three significant digits, units, thousands separated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

#: Stands where there is no number.
NONE = "–"


def minus(text: str) -> str:
    """A number as Python writes it, with the sign that is as wide as a plus: `-4.1` → `−4.1`."""
    return "−" + text[1:] if text.startswith("-") else text


def percent(share: float | None, digits: int = 1) -> str:
    """`0.7354` → `73.5 %`; a dash where there is none."""
    return NONE if share is None else minus(f"{100 * share:.{digits}f} %")


def part(share: float) -> str:
    """A part of a whole: `0.943` → `94.3 %`; `0.0003` → `< 0.1 %`, as it isn't nothing."""
    return "< 0.1 %" if 0 < share < 0.0005 else percent(share)


def percent_range(low: float, high: float) -> str:
    """Two shares: `0.7126, 0.7534` → `71.3 … 75.3 %`."""
    return f"{100 * low:.1f} … {100 * high:.1f} %"


def given_percent(share: float | None) -> str:
    """`0.5105` → `51.05 %`, `0.1` → `10 %`: as many digits as are given; a dash where there is none."""
    return NONE if share is None else minus(f"{100 * share:.6g} %")


def points(share: float | None, digits: int = 1) -> str:
    """A difference of shares in points: `-0.041` → `−4.1`, `0.009` → `+0.9`; a dash where there is none."""
    return NONE if share is None else minus(f"{100 * share:+.{digits}f}")


def signed(number: float | None, digits: int = 3) -> str:
    """A difference: `-244224` → `−244,224`, `0.0312` → `+0.0312`; a dash where there is none."""
    if number is None:
        return NONE
    size = abs(number)
    return ("−" if number < 0 else "+") + (count(size) if size == round(size) else significant(size, digits))


def p_value(p: float) -> str:
    """`0.0213` → `p = 0.021`; `0.0004` → `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def listed(items: Sequence[str]) -> str:
    """`["a", "b", "c"]` → `a, b and c`."""
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else "".join(items)


def shortened(text: str, most: int) -> str:
    """At most `most` characters, the last one `…` where something was cut off."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def percent_spread(mean: float | None, deviation: float | None) -> str:
    """A mean share with its standard deviation: `66.2 % ± 0.4`; `66.2 %` where there is none."""
    return percent(mean) + ("" if deviation is None else f" ± {100 * deviation:.1f}")


def duration_spread(mean: float, deviation: float | None) -> str:
    """A mean time in seconds with its standard deviation: `14.2 s ± 0.4 s`, `3 min 12 s ± 16 s`."""
    digits = 2 if mean < 1 else 1 if mean < 60 else 0
    spread = "" if deviation is None else f" ± {deviation:.{digits}f} s"
    return (f"{mean:.{digits}f} s" if digits else duration(mean)) + spread


def significant_spread(mean: float, deviation: float | None) -> str:
    """A mean with its standard deviation: `1.24 ± 0.021`."""
    return significant(mean) + ("" if deviation is None else f" ± {significant(deviation, 2)}")


def count(number: float | None) -> str:
    """`1250858` → `1,250,858`; `-7` → `−7`; a dash where there is none."""
    return NONE if number is None else minus(f"{round(number):,}")


def plural(number: int, singular: str, many: str | None = None) -> str:
    """`1, "epoch"` → `1 epoch`; `3, "epoch"` → `3 epochs`."""
    return f"{number:,} {singular if number == 1 else many or singular + 's'}"


def significant(number: float | None, digits: int = 3) -> str:
    """`1148.7` → `1,150`; `0.02951` → `0.0295`; `-0.5` → `−0.5`; a dash where there is none."""
    if number is None:
        return NONE
    if number == 0:
        return "0"
    rounded = float(f"{number:.{digits}g}")
    return minus(f"{rounded:,.0f}" if abs(rounded) >= 10 ** (digits - 1) else f"{rounded:g}")


def short(number: float | None) -> str:
    """`41234567` → `41.2 M`; a dash where there is none."""
    if number is None:
        return NONE
    for factor, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= factor:
            return f"{significant(number / factor)}{unit}"
    return significant(number)


def size(number: float | None) -> str:
    """Bytes with a binary unit: `154140672` → `147 MiB`."""
    if number is None:
        return NONE
    for factor, unit in ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if number >= factor:
            return f"{significant(number / factor)} {unit}"
    return f"{number:.0f} bytes"


def duration(seconds: float | None) -> str:
    """`192.03` → `3 min 12 s`; below ten seconds one decimal; a dash where there is none."""
    if seconds is None:
        return NONE
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def ago(moment: str, now: datetime | None = None) -> str:
    """Time since an ISO moment: `just now`, `12 min ago`, `3 h ago`, else the date."""
    then = datetime.fromisoformat(moment)
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    return (
        f"{then.day} {then:%B %Y}" if seconds >= 7 * 86400 else plural(int(seconds // 86400), "day") + " ago"
    )
