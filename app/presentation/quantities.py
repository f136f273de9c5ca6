"""Counts, sizes and shares as people read them."""

from app.sanitize import SafeText

_KILO = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


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


def size(octets: int | None) -> SafeText:
    """Return "512 B", "1.2 kB", "96 kB", "3.4 GB" (a kilobyte is 1,000 bytes); "-" for None."""
    if octets is None:
        return SafeText("-")
    amount = float(octets)
    for unit in _UNITS:
        if amount < _KILO - 0.5 or unit == _UNITS[-1]:
            few = unit != "B" and amount < 9.95  # noqa: PLR2004 - two digits are enough
            return SafeText(f"{amount:.1f} {unit}" if few else f"{amount:.0f} {unit}")
        amount /= _KILO
    raise AssertionError


def percent(part: int, whole: int) -> SafeText:
    """Return "99.2%", never rounded to 100 or 0 unless it is exactly that; "-" of nothing."""
    if not whole:
        return SafeText("-")
    share = 100 * part / whole
    if part not in {0, whole}:
        share = min(max(share, 0.1), 99.9)
    return SafeText(f"{share:.0f}%" if part in {0, whole} else f"{share:.1f}%")
