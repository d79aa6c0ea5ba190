"""Files for tests of import and export: written by hand, sent out, read in."""

from costs.exchange import (
    FORMATS,
    AllocationRuleResource,
    BusinessUnitResource,
    CostCenterResource,
)
from costs.models import AllocationChange, AllocationRule, AllocationTarget
from dimensions.models import BusinessUnit, CostCenter, CostCenterPlacement

RESOURCES = (BusinessUnitResource, CostCenterResource, AllocationRuleResource)
CSV, XLSX = (each() for each in FORMATS)


def read(resource, text, *, dry_run=False):
    """Import what a person typed as CSV; blanks around a cell's bar are for the eye."""
    rows = [line.strip() for line in text.strip().splitlines()]
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    quoted = "\n".join(",".join(f'"{cell}"' for cell in row) for row in cells)
    return resource().import_data(CSV.create_dataset(quoted), dry_run=dry_run)


def problems(result):
    return [str(problem) for problem in result.problems]


def sent(resource, file_format=CSV):
    return file_format.export_data(resource().export())


def stored():
    """Everything that an import may write, with its history and what it says of the days."""
    curated = (
        BusinessUnit, CostCenter, CostCenterPlacement, AllocationRule, AllocationTarget,
    )  # fmt: skip
    return {
        "rows": [list(model.objects.order_by("pk").values()) for model in curated],
        "history": [model.history.count() for model in curated],
        "changes": AllocationChange.objects.count(),
    }


def totals(result):
    return {name: count for name, count in result.totals.items() if count}
