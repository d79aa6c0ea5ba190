import threading
from datetime import date

import pytest
from django.db import connection

from costs.partitions import ensure_partitions, next_month


def partitions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text, pg_get_expr(relpartbound, inhrelid) "
            "FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
            "WHERE inhparent = 'hourly_costs'::regclass ORDER BY 1"
        )
        return dict(cursor.fetchall())


def test_it_makes_the_months_from_first_to_last(db):
    ensure_partitions(date(2031, 12, 31), date(2032, 2, 1))

    made = {name: bounds for name, bounds in partitions().items() if "_203" in name}
    assert made == {
        "hourly_costs_2031_12": "FOR VALUES FROM ('2031-12-01 00:00:00+00') "
        "TO ('2032-01-01 00:00:00+00')",
        "hourly_costs_2032_01": "FOR VALUES FROM ('2032-01-01 00:00:00+00') "
        "TO ('2032-02-01 00:00:00+00')",
        "hourly_costs_2032_02": "FOR VALUES FROM ('2032-02-01 00:00:00+00') "
        "TO ('2032-03-01 00:00:00+00')",
    }


def test_it_does_nothing_when_they_are_there(db, django_assert_num_queries):
    ensure_partitions(date(2031, 1, 1), date(2031, 1, 2))

    with django_assert_num_queries(1):
        ensure_partitions(date(2031, 1, 1), date(2031, 1, 31))


def test_each_partition_has_the_indexes_of_the_table(db):
    ensure_partitions(date(2031, 1, 1), date(2031, 1, 2))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT amname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
            "JOIN pg_am ON pg_am.oid = relam "
            "WHERE indrelid = 'hourly_costs_2031_01'::regclass ORDER BY 1"
        )
        assert cursor.fetchall() == [("brin",), ("btree",)]


@pytest.mark.django_db(transaction=True)
def test_two_writers_may_need_the_same_month():
    errors = []

    def work():
        try:
            ensure_partitions(date(2033, 1, 1), date(2033, 1, 1))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert "hourly_costs_2033_01" in partitions()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE hourly_costs_2033_01")


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 12, 15), date(2027, 1, 1)),
    ],
)
def test_the_next_month_begins_on_its_first(day, following):
    assert next_month(day) == following
