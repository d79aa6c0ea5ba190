"""split_by_weights(amount, weights): the division that every share comes from."""

from decimal import Decimal, localcontext

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from costs.tests.ownership import UNIT

pytestmark = pytest.mark.django_db

LARGEST = Decimal("9999999999.9999999999")
amounts = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=10)
percents = st.lists(st.decimals("0.0001", 100, places=4), min_size=1, max_size=12)
direct_costs = st.lists(st.decimals("1e-10", LARGEST, places=10), min_size=1, max_size=12)
any_split = settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # fmt: skip


def split(amount, weights):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT share FROM split_by_weights(%s::numeric(20,10), %s::numeric[]) ORDER BY part",
            [amount, weights],
        )
        return [share for (share,) in cursor.fetchall()]


@any_split
@given(amount=amounts, weights=percents | direct_costs)
@example(amount=Decimal("1e-10"), weights=[Decimal(50), Decimal(50)])
@example(amount=-LARGEST, weights=[LARGEST, Decimal("1e-10"), LARGEST])
def test_the_shares_are_the_amount_and_none_is_a_unit_off(db, amount, weights):
    with localcontext(prec=80):
        shares = split(amount, weights)
        total = sum(weights)

        assert sum(shares) == amount
        assert all(share == share.quantize(UNIT) for share in shares)
        assert all(
            abs(share - amount * weight / total) < UNIT
            for share, weight in zip(shares, weights, strict=True)
        )


@any_split
@given(amount=amounts, weights=percents | direct_costs)
def test_a_credit_splits_as_the_charge_does(db, amount, weights):
    assert split(-amount, weights) == [-share for share in split(amount, weights)]


@any_split
@given(amount=amounts.map(abs), weight=percents, parts=st.integers(1, 30))
def test_equal_weights_share_evenly_and_the_first_get_the_rest(db, amount, weight, parts):
    shares = split(amount, [weight[0]] * parts)

    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= UNIT


@any_split
@given(amount=amounts, weights=percents, factor=st.integers(2, 1000))
def test_only_the_proportion_of_the_weights_counts(db, amount, weights, factor):
    with localcontext(prec=80):
        assert split(amount, [weight * factor for weight in weights]) == split(amount, weights)


@pytest.mark.parametrize(
    ("units", "weights", "shares"),
    [
        (1, [50, 50], [1, 0]),
        (2, [50, 25, 25], [1, 1, 0]),
        (1, [1, 1, 98], [0, 0, 1]),
        (10, ["33.3333", "33.3333", "33.3334"], [3, 3, 4]),
        (-1, [50, 50], [-1, 0]),
        (0, [10, 90], [0, 0]),
        (7, [100], [7]),
    ],
)
def test_the_most_cut_gets_what_is_left_then_the_earlier(units, weights, shares):
    expected = [share * UNIT for share in shares]
    assert split(units * UNIT, [Decimal(weight) for weight in weights]) == expected
