"""Amounts as people read them. The only place where the portal rounds to cents."""

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


def in_cents(amount: Decimal) -> Decimal:
    """USD, half-even to cents."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def in_cents_together(*parts: Decimal) -> list[Decimal]:
    """The parts in cents so that they add up to their sum in cents (largest remainder first)."""
    cents = [part.quantize(CENT, ROUND_FLOOR) for part in parts]
    missing = int((in_cents(sum(parts, Decimal(0))) - sum(cents)) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda n: cents[n] - parts[n])
    for n in by_remainder[:missing]:
        cents[n] += CENT
    return cents


def dollars(amount: Decimal) -> str:
    """USD with separators and a real minus sign: $1,234.50, and −$0.70 below zero."""  # noqa: RUF002 (the minus sign is meant)
    cents = in_cents(amount)
    return f"{'−' if cents < 0 else ''}${abs(cents):,}"  # noqa: RUF001 (the minus sign is meant)


def exact(amount: Decimal) -> str:
    """USD as it is stored, all ten decimal places: 12.5000000000."""
    return f"{amount:.10f}"


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """The part of the whole in percent, to four places; None of nothing."""
    return round(part * 100 / whole, 4) if whole else None
