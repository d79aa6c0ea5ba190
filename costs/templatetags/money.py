"""Amounts and names in templates: what people read, with the exact amount for programs."""

from decimal import Decimal

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from costs.money import dollars, exact, in_cents

register = template.Library()
register.filter("dollars", dollars)
register.filter("exact", exact)


@register.filter
def usd(amount: Decimal | None) -> SafeString:
    """{{ amount|usd }}: dollars and cents; the element's value has all ten places."""
    if amount is None:
        return format_html('<span class="nothing">{}</span>', "–")  # noqa: RUF001 (an en dash)
    return format_html('<data value="{}">{}</data>', exact(amount), dollars(amount))


@register.filter
def usd_change(amount: Decimal | None) -> SafeString:
    """{{ change|usd_change }}: with its sign, also when it is a plus."""
    if amount is None:
        return usd(None)
    sign = "+" if in_cents(amount) > 0 else ""
    return format_html('<data value="{}">{}{}</data>', exact(amount), sign, dollars(amount))


@register.filter
def percent_change(percent: Decimal | None) -> str:
    """{{ percent|percent_change }}: +12.3 %; nothing to compare with is a dash."""
    if percent is None:
        return "–"  # noqa: RUF001 (an en dash)
    shown = f"{abs(percent):,.1f} %"
    if round(percent, 1) == 0:
        return shown
    return f"{'+' if percent > 0 else '−'}{shown}"  # noqa: RUF001 (the minus sign is meant)


@register.filter
def as_percent(percent: Decimal | None) -> str:
    """{{ share|as_percent }}: 12.3 %."""
    return "–" if percent is None else f"{percent:,.1f} %".replace("-", "−")  # noqa: RUF001


@register.filter
def plain_number(number: Decimal | None) -> str:
    """{{ quantity|plain_number }}: every digit as received, with separators."""
    if number is None:
        return "–"  # noqa: RUF001 (an en dash)
    whole, point, places = f"{number:,f}".partition(".")
    return whole + (point + places.rstrip("0") if places.rstrip("0") else "")


@register.filter
def unit_price(price: Decimal) -> str:
    """{{ price|unit_price }}: USD per unit, to six digits that count, as prices may be tiny."""
    return f"${plain_number(Decimal(f'{price:.6g}'))}"


@register.filter
def breakable(name: str) -> SafeString:
    """{{ line_type|breakable }}: a line may end after an underscore; copied, it is the same."""
    return mark_safe(conditional_escape(name).replace("_", "_<wbr>"))  # noqa: S308 (escaped)
