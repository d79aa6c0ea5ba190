"""split_evenly(amount, parts): the division that every hour comes from."""

from decimal import Decimal, localcontext

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

UNIT = Decimal("1e-10")
amounts = st.decimals(
    min_value=Decimal("-9999999999.9999999999"),
    max_value=Decimal("9999999999.9999999999"),
    places=10,
)


def split(amount, parts):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT share FROM split_evenly(%s::numeric(20,10), %s) ORDER BY part", [amount, parts]
        )
        return [share for (share,) in cursor.fetchall()]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=amounts, parts=st.integers(1, 400))
def test_the_parts_are_even_and_their_sum_is_the_amount(db, amount, parts):
    with localcontext(prec=60):
        shares = split(amount, parts)
        assert len(shares) == parts
        assert sum(shares) == amount
        assert max(shares) - min(shares) <= UNIT
        assert shares == sorted(shares, reverse=True)
        assert all(share == share.quantize(UNIT) for share in shares)


def test_the_first_parts_get_the_remainder():
    assert split(Decimal("0.0000000005"), 3) == [2 * UNIT, 2 * UNIT, UNIT]


def test_a_credit_splits_by_the_same_rule():
    assert split(Decimal("-0.0000000005"), 3) == [-UNIT, -2 * UNIT, -2 * UNIT]


def test_nothing_splits_into_nothing():
    assert split(Decimal(0), 24) == [0] * 24
