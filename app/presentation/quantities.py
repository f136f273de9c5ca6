"""Counts, sizes and shares as people read them."""

from collections.abc import Sequence

from app.sanitize import SafeText
from app.sizes import size_words


def count(number: int) -> SafeText:
    """Return "10,412"."""
    return SafeText(f"{number:,}")


def counted(number: int, noun: str) -> SafeText:
    """Return "1 job", "23 jobs"; `noun` is one of ours, in the singular."""
    if number == 1:
        return SafeText(f"1 {noun}")
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return SafeText(f"{number:,} {noun[:-1]}ies")
    return SafeText(f"{number:,} {noun}{'es' if noun.endswith(('s', 'x', 'ch', 'sh')) else 's'}")


def name_rows(names: Sequence[str], most: int = 3) -> str:
    """Return the first names and how many more there are: "a, b, c and 4 more"."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def size(octets: int | None) -> SafeText:
    """Return "512 B", "1.2 kB", "96 kB", "3.4 GB" (a kilobyte is 1,000 bytes); "-" for None."""
    return SafeText("-" if octets is None else size_words(octets))


def percent(part: int, whole: int) -> SafeText:
    """Return "99.2%", never rounded to 100 or 0 unless it is exactly that; "-" of nothing."""
    if not whole:
        return SafeText("-")
    share = 100 * part / whole
    if part not in {0, whole}:
        share = min(max(share, 0.1), 99.9)
    return SafeText(f"{share:.0f}%" if part in {0, whole} else f"{share:.1f}%")
