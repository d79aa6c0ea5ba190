"""Say why the charges of a day are owed by whom."""

from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser

from costs.explanation import ExplainedLine, explain
from costs.management.arguments import chosen_organization, utc_day
from costs.models import BillingDay, DailyCostFact


class Command(BaseCommand):
    help = (
        "Show the bill lines of a resource on a day: who pays them, which rule decided, and why "
        "it and not another one. Without --cluster: the lines that name no resource, such as "
        "support, with the policy that shares them."
    )

    requires_system_checks = [Tags.models]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=utc_day, required=True, metavar="YYYY-MM-DD")
        parser.add_argument("--cluster", default="", metavar="lkc-...", help="any resource id")
        parser.add_argument("--org", metavar="ID", help="where several organizations are stored")

    def handle(self, *args: Any, **options: Any) -> None:
        day, cluster_id = options["day"], options["cluster"]
        organization = chosen_organization(options["org"])
        if not BillingDay.objects.filter(organization=organization, day=day).exists():
            raise CommandError(f"No bill of {day} is stored; see collect_costs.", returncode=1)
        explanation = explain(organization, day, cluster_id)
        if not explanation.lines:
            what = f"of {cluster_id}" if cluster_id else "that names no resource"
            raise CommandError(f"The bill of {day} has no line {what}.", returncode=1)
        if explanation.is_pending:
            self.stdout.write(
                self.style.WARNING(
                    "Rules have changed since the day was allocated; the shares follow with "
                    "`manage.py reallocate`."
                )
            )
        for line in explanation.lines:
            self._show(line)

    def _show(self, line: ExplainedLine) -> None:
        said = self.stdout.write
        said(
            self.style.MIGRATE_HEADING(f"{line.product} {line.line_type}  {line.amount:,.10f} USD")
        )
        for fact in line.facts:
            said(f"  {_share(fact, line)}")
        if line.policy:
            said(f"  {line.policy}")
        if not line.candidates and not line.policy:
            said("  No rule selects it.")
        for candidate in line.candidates:
            mark = "*" if candidate.decides else " "
            said(
                f"  {mark} rule {candidate.rule.pk} ({candidate.rule}), "
                f"{candidate.method.label.lower()}: {candidate.verdict}"
            )


def _share(fact: DailyCostFact, line: ExplainedLine) -> str:
    percent = f"{fact.cost_usd / line.amount:9.4%}" if line.amount else "        –"  # noqa: RUF001
    decided = (
        f"rule {fact.rule_id}"
        if fact.rule_id
        else f"policy {fact.policy_id}"
        if fact.policy_id
        else "default"
    )
    return (
        f"{percent}  {fact.cost_usd:,.10f} USD  {fact.cost_center} ({fact.business_unit})  "
        f"{fact.allocation_method} by {decided}, confidence {fact.allocation_confidence}"
    )
