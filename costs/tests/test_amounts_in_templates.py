"""How templates write amounts: cents for people, the exact amount for programs."""

from decimal import Decimal

import pytest
from django.template import Context, Template

MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


def shown(expression, value):
    template = Template("{% load money %}{{ value|" + expression + " }}")
    return template.render(Context({"value": value}))


@pytest.mark.parametrize(
    ("expression", "value", "text"),
    [
        ("usd", Decimal("1234.505"), '<data value="1234.5050000000">$1,234.50</data>'),
        ("usd", Decimal("-0.7"), f'<data value="-0.7000000000">{MINUS}$0.70</data>'),
        ("usd", None, f'<span class="nothing">{DASH}</span>'),
        ("usd_change", Decimal(5), '<data value="5.0000000000">+$5.00</data>'),
        ("usd_change", Decimal("1e-10"), '<data value="0.0000000001">$0.00</data>'),
        ("usd_change", Decimal(-5), f'<data value="-5.0000000000">{MINUS}$5.00</data>'),
        ("percent_change", Decimal("12.34"), "+12.3 %"),
        ("percent_change", Decimal("-0.04"), "0.0 %"),
        ("percent_change", Decimal(-1200), f"{MINUS}1,200.0 %"),
        ("percent_change", None, DASH),
        ("as_percent", Decimal("-3.21"), f"{MINUS}3.2 %"),
        ("plain_number", Decimal("1234.5600"), "1,234.56"),
        ("plain_number", Decimal("1E+3"), "1,000"),
        ("plain_number", None, DASH),
        ("unit_price", Decimal("0.0000315068"), "$0.0000315068"),
        ("unit_price", Decimal("1.9583850000"), "$1.95838"),
        ("breakable", "A_B<i>", "A_<wbr>B&lt;i&gt;"),
    ],
)
def test_it_writes(expression, value, text):
    assert shown(expression, value) == text
