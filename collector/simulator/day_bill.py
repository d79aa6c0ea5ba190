"""The rows of one day's bill, in the two shapes the API has used."""

from copy import deepcopy
from datetime import date, timedelta
from random import Random
from typing import Any

from collector.simulator.company import CREDITS, DISCOUNTS, LATE, Credit, Line, Tier

Row = dict[str, Any]

SETTLED_HOUR = 96
"""Hours from the start of a day until its bill is final: the day itself and 72 hours more."""

RESTATED_HOUR = 145
"""Hours from the start of a day until a restatement shows: the bill is more than 5 days old."""

WEEK = (1.0, 1.02, 1.03, 1.01, 0.97, 0.64, 0.55)
"""What Monday to Sunday use, relative to a Monday."""

GROWTH = 0.0012
"""How much more is used and stored each day."""


def ripeness(hour: int) -> float:
    """The share of the final quantity that is known `hour` hours after the day began (0 to 1)."""
    if hour >= SETTLED_HOUR:
        return 1.0
    if hour >= 24:
        return 0.92 + 0.08 * (hour - 24) / (SETTLED_HOUR - 24)
    return 0.92 * (hour + 1) / 25


def rows_of(lines: tuple[Line, ...], day: date, age: int, hour: int, rng: Random) -> list[Row]:
    """The bill of `day`, `age` days after the world's birth, as known after `hour` hours.

    Every line draws from `rng` whether or not it is in the bill yet, so that a row keeps its
    id and its final quantity while the bill grows.
    """
    spiked, twin = _oddities(lines, rng)
    growth = 1 + GROWTH * age
    factors = {"flat": 1.0, "stored": growth, "usage": growth * WEEK[day.weekday()]}
    share = ripeness(hour)
    rows: list[Row] = []
    row_id = ""
    for position, line in enumerate(lines):
        noise, bits = 0.92 + 0.16 * rng.random(), rng.getrandbits(64)
        row_id = _row_id(bits, row_id)
        if age < line.from_day or (line.until_day is not None and age >= line.until_day):
            continue
        spec = line.spec
        if hour < LATE.get(spec.line_type, 0):
            continue
        quantity = spec.quantity * share * factors[spec.rhythm]
        if line.resource is not None:
            quantity *= line.resource.size
        if spec.rhythm == "usage":
            quantity *= noise * (4.5 if line.resource is spiked else 1.0)
        new = _tiered(line, day, quantity, row_id, position)
        rows += new
        if position == twin:
            rows += deepcopy(new)
    if hour >= LATE["PROMO_CREDIT"]:
        rows += [credit_row(each, day) for each in CREDITS if _is_due(each, age)]
    return rows


def _oddities(lines: tuple[Line, ...], rng: Random) -> tuple[object, int]:
    """Now and then a resource is used far more than usual, or a line is listed twice."""
    spiked = rng.choice(lines).resource if rng.random() < 0.06 else None
    twin = rng.randrange(len(lines)) if rng.random() < 0.25 else -1
    # No resource at all must not count as the spiked one.
    return spiked or object(), twin


def _row_id(bits: int, before: str) -> str:
    """Mostly a fresh id; rarely none at all, or the one of the line before."""
    oddity = bits % 61
    if oddity == 0:
        return ""
    return before if oddity == 1 else f"{bits:016x}"


def _tiered(line: Line, day: date, quantity: float, row_id: str, position: int) -> list[Row]:
    rows = []
    for number, tier in enumerate(line.spec.tiers):
        id = f"{row_id}-{number}" if number and row_id else row_id
        price = line.spec.price * tier.price_factor
        if line.legacy:
            rows.append(_legacy_row(line, day, quantity * tier.share, price, id, position))
        else:
            rows.append(_row(line, tier, day, quantity * tier.share, price, id))
    return rows


def _row(line: Line, tier: Tier, day: date, quantity: float, price: float, id: str) -> Row:
    spec, resource = line.spec, line.resource
    original = price * quantity
    discount = original * DISCOUNTS.get(spec.product, 0.0)
    row: Row = {
        "id": id,
        "start_date": day.isoformat(),
        "end_date": (day + timedelta(days=1)).isoformat(),
        "granularity": "DAILY",
        "product": spec.product,
        "line_type": spec.line_type,
        "price": price,
        "unit": spec.unit,
        "quantity": quantity,
        "original_amount": original,
        "discount_amount": discount,
        "amount": original - discount,
    }
    if not id:
        del row["id"]
    if resource is not None:
        home = None if resource.environment is None else {"id": resource.environment}
        row["resource"] = {"id": resource.id, "display_name": resource.name, "environment": home}
        if network := tier.network or resource.network:
            row["network_access_type"] = network
    if tier.dimensions:
        row["tier_dimensions"] = dict(tier.dimensions)
    for field in spec.nulls:
        row[field] = None
    for field in spec.omits:
        row.pop(field, None)
    return row


def _legacy_row(
    line: Line, day: date, quantity: float, price: float, id: str, position: int
) -> Row:
    """A row as organizations from before 2024-05-15 get it.

    The environment stands on top, and is a plain string inside the resource; dates have a time.
    Every fourth line lacks `amount`, and every fourth has no amounts but the price times the
    quantity.
    """
    original = price * quantity
    discount = original * DISCOUNTS.get(line.spec.product, 0.0)
    resource = line.resource
    assert resource is not None
    row: Row = {
        "id": id,
        "start_date": f"{day} 00:00:00",
        "end_date": f"{day + timedelta(days=1)} 00:00:00",
        "product": line.spec.product,
        "line_type": line.spec.line_type,
        "price": price,
        "unit": line.spec.unit,
        "quantity": quantity,
        "environment": {"id": resource.environment},
        "resource": {
            "id": resource.id,
            "display_name": resource.name,
            "environment": resource.environment,
        },
    }
    if not id:
        del row["id"]
    if position % 4 != 3:
        row |= {"original_amount": original, "discount_amount": discount}
    if position % 4 < 2:
        row["amount"] = original - discount
    return row


def credit_row(credit: Credit, day: date) -> Row:
    """A PROMO_CREDIT: no price, unit or quantity, only a negative amount and what it is for."""
    return {
        "id": f"credit-{credit.first_day}-{day:%Y%m%d}",
        "start_date": day.isoformat(),
        "end_date": (day + timedelta(days=1)).isoformat(),
        "granularity": "DAILY",
        "product": credit.product,
        "line_type": "PROMO_CREDIT",
        "price": None,
        "unit": None,
        "quantity": None,
        "original_amount": credit.amount,
        "discount_amount": 0.0,
        "amount": credit.amount,
        "resource": None,
        "description": credit.description,
    }


def _is_due(credit: Credit, age: int) -> bool:
    return age >= credit.first_day and (age - credit.first_day) % credit.every == 0


def restate(rows: list[Row], day: date, rng: Random) -> list[Row]:
    """The bill after a restatement: one amount lower, one line gone, one credit more."""
    changeable = [number for number, row in enumerate(rows) if row.get("amount", 0) > 1]
    if len(changeable) < 2:
        return rows
    changed, gone = rng.sample(changeable, 2)
    amount = rows[changed]["amount"]
    after = dict(rows[changed], amount=amount * 0.9)
    if "discount_amount" in after:
        after["discount_amount"] = after["original_amount"] - after["amount"]
    credit = Credit(0, 1, -round(amount * 0.05 + 0.01, 4), "Correction of metering", "KAFKA")
    kept = [after if number == changed else row for number, row in enumerate(rows)]
    del kept[gone]
    return [*kept, dict(credit_row(credit, day), id=f"correction-{day:%Y%m%d}")]
