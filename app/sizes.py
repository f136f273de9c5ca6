"""How sizes are told, the same everywhere: a kilobyte is 1,000 bytes; 1,024 would be a KiB."""

KILO = 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size_words(octets: int) -> str:
    """Return "512 B", "1.2 kB", "96 kB", "3.4 GB"."""
    amount = float(octets)
    for unit in _UNITS:
        if amount < KILO - 0.5 or unit == _UNITS[-1]:
            few = unit != "B" and amount < 9.95  # noqa: PLR2004 - two digits are enough
            return f"{amount:.1f} {unit}" if few else f"{amount:.0f} {unit}"
        amount /= KILO
    raise AssertionError
