"""Every page of the portal, once, of the company in company.py."""

DAYS = "start_date=2026-10-01&end_date=2026-11-18"
# For whoever sees costs, limited or not.
OF_COSTS = (
    "/",
    "/?by=business_unit",
    "/explore",
    f"/explore?{DAYS}&granularity=weekly&group_by=cluster&compare=previous&top=5",
    f"/explore?{DAYS}&granularity=monthly&group_by=env&group_by=product&chart=share&top=3",
    "/explore?start_date=2026-11-10&end_date=2026-11-12&granularity=hourly&chart=lines",
    "/explore?period=mtd&granularity=daily&cluster=lkc-orders&exclude%5Bproduct%5D=CONNECT",
    "/explore?period=mtd&granularity=daily&cluster=of-nobody",
    f"/explore/values?dimension=cluster&{DAYS}",
    f"/changes?{DAYS}&by=cluster",
    "/changes?period=mtd&by=product",
    "/days/2026-11-10",
    "/days/2026-11-16?against=day",
    "/days/2026-11-10?env=env-live",
    "/explain?day=2026-11-10&cluster=lkc-shared&org=o-1",
    "/explain?day=2026-11-10&cluster=lkc-orders",
    f"/clusters/lkc-orders?{DAYS}",
    f"/clusters/lkc-shared?{DAYS}&by=cost_center",
    f"/clusters/lcc-sink?{DAYS}",
    f"/environments/env-live?{DAYS}",
    "/environments/env-try?period=mtd&by=cluster",
    "/chargeback/2026-10",
    "/chargeback/2026-11",
    "/chargeback/2026-10/statement?business_unit=Retail",
    "/chargeback/2026-10/statement?business_unit=Retail&cost_center=CC-100",
    "/quality",
    "/quality?months=13",
)
# Not for who is limited: of others' charges, or of the whole bill.
OF_THE_WHOLE_BILL = (
    "/explain?day=2026-11-09&cluster=none",
    f"/clusters/lkc-long?{DAYS}",
    f"/clusters/lkc-lab?{DAYS}",
    "/clusters/lkc-twin",
    "/clusters/lkc-twin?org=o-2&period=last_month",
    f"/environments/env-lab?{DAYS}",
    "/chargeback/2026-10/statement?business_unit=Unallocated",
    "/chargeback/2026-10/statement?business_unit=Logistics&cost_center=CC-200",
    "/quality?since=2026-11-11",
    "/quality/proof?start_date=2026-11-10&end_date=2026-11-12",
)
OF_RUNS = ("/runs", "/runs?page=2", "/runs?state=failed", "/runs?state=cancelled")
OF_THE_ACCOUNT = ("/account", "/account/password", "/login/?next=/quality")
# Answered with a status that is not 200.
REFUSALS = {
    "/no/such/page": 404,
    "/clusters/of-nobody": 404,
    "/changes?by=weather": 400,
    "/explore?granularity=yearly": 400,
}
# One of each kind.
OF_EACH_KIND = (
    "/",
    f"/explore?{DAYS}&granularity=weekly&group_by=cluster&compare=previous&top=5",
    f"/changes?{DAYS}&by=cluster",
    "/days/2026-11-10",
    "/explain?day=2026-11-10&cluster=lkc-shared&org=o-1",
    f"/clusters/lkc-orders?{DAYS}",
    f"/environments/env-live?{DAYS}",
    "/chargeback/2026-10",
    "/chargeback/2026-10/statement?business_unit=Retail",
    "/quality",
    "/runs",
    "/account",
    "/login/?next=/quality",
    "/no/such/page",
)
