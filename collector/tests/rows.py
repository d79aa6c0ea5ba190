"""Rows of Confluent's Costs API, written by hand where a test must show every number."""

from decimal import Decimal
from typing import Any


def row(**changes: Any) -> dict[str, Any]:
    """One billed row of 2026-10-05: 10 GB at 0.11, 0.10 discount, 1.00 USD on orders."""
    return {
        "id": "c-1",
        "start_date": "2026-10-05",
        "end_date": "2026-10-06",
        "granularity": "DAILY",
        "network_access_type": "INTERNET",
        "product": "KAFKA",
        "line_type": "KAFKA_NETWORK_WRITE",
        "price": Decimal("0.11"),
        "unit": "GB",
        "quantity": Decimal("10"),
        "original_amount": Decimal("1.10"),
        "discount_amount": Decimal("0.10"),
        "amount": Decimal("1.00"),
        "resource": {
            "id": "lkc-orders",
            "display_name": "orders",
            "environment": {"id": "env-prod"},
        },
        **changes,
    }
