from collector.payloads import BillLine
from costs.bill import LINE_COLUMNS


def test_a_bill_line_has_the_columns_of_the_staging_table_in_their_order():
    assert BillLine.__struct_fields__ == LINE_COLUMNS
