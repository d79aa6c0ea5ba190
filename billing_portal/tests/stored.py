"""Rows as a collection leaves them and as people curate them, for tests that only read."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection

from billing_portal.groups import make_groups
from billing_portal.tokens import make_token
from collector.models import CollectionRun, ProcessHeartbeat, QuarantinedRow
from costs.allocation import current_revision
from costs.models import AmountSource, BillingDay, CostLineItem, ReconciliationCheck
from costs.tests.ownership import center, policy, rule, tag
from dimensions.models import Cluster, Environment, Organization, Principal

FETCHED = datetime(2026, 11, 20, tzinfo=UTC)
HASH = UUID(int=1)


def superuser():
    """Without a password: hashing one takes longer than most tests."""
    return get_user_model().objects.create_superuser("admin")


def staff(name="staff", *, group=""):
    """Who may log in to the admin, and there what the group may."""
    user = get_user_model().objects.create_user(name, is_staff=True)
    if group:
        make_groups()
        user.groups.add(Group.objects.get(name=group))
    return user


def organization(name="Meridian Foods", org_id="org-1"):
    return Organization.objects.get_or_create(org_id=org_id, defaults={"name": name})[0]


def bill_day(day, *, of, line_count=1, fetched_at=FETCHED, is_incomplete=False):
    return BillingDay.objects.create(
        organization=of,
        day=date.fromisoformat(day),
        version=1,
        content_hash=HASH,
        labels_hash=HASH,
        line_count=line_count,
        amount=Decimal("12.5"),
        fetched_at=fetched_at,
        first_collected_at=fetched_at,
        last_collected_at=fetched_at,
        last_changed_at=fetched_at,
        is_incomplete=is_incomplete,
    )


def charge(day, cost_usd, *, of, cluster_id=None, env_id=None):
    """A daily fact; the database numbers it, so Django cannot insert it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO daily_cost_facts (
                organization_id, org_id, charge_date, line_item_id, product, line_type,
                business_unit, cost_center, allocation_confidence, allocation_method,
                cost_usd, list_cost_usd, cluster_id, env_id
            ) VALUES (%s, %s, %s, 1, 'KAFKA', 'KAFKA_STORAGE', 'Unallocated', 'Unallocated',
                      'low', 'unallocated', %s, %s, %s, %s)
            """,
            [of.pk, of.org_id, day, cost_usd, cost_usd, cluster_id, env_id],
        )
        cursor.execute(
            """
            INSERT INTO daily_resource_costs AS known (
                organization_id, org_id, charge_date, product, business_unit, cost_center,
                allocation_confidence, allocation_method, cluster_id, env_id, facts,
                cost_usd, usage_usd, credits_usd, list_cost_usd
            ) VALUES (%(of)s, %(org_id)s, %(day)s, 'KAFKA', 'Unallocated', 'Unallocated', 'low',
                      'unallocated', %(cluster)s, %(env)s, 1, %(cost)s, greatest(%(cost)s, 0),
                      least(%(cost)s, 0), %(cost)s)
            ON CONFLICT (organization_id, charge_date, labels_hash) DO UPDATE
            SET facts = known.facts + 1, cost_usd = known.cost_usd + excluded.cost_usd,
                usage_usd = known.usage_usd + excluded.usage_usd,
                credits_usd = known.credits_usd + excluded.credits_usd,
                list_cost_usd = known.list_cost_usd + excluded.list_cost_usd
            """,
            {
                "of": of.pk, "org_id": of.org_id, "day": day, "cost": Decimal(cost_usd),
                "cluster": cluster_id, "env": env_id,
            },
        )  # fmt: skip


def line_item(day, *, of, amount="12.5"):
    return CostLineItem.objects.create(
        organization=of,
        day=date.fromisoformat(day),
        product="KAFKA",
        line_type="KAFKA_STORAGE",
        resource_id="lkc-1",
        resource_name="orders",
        env_id="env-1",
        amount_received=Decimal(amount),
        amount=Decimal(amount),
        amount_source=AmountSource.BILLED,
        list_amount=Decimal(amount),
        content_hash=HASH,
        first_version=1,
    )


def run(*, of):
    return CollectionRun.objects.create(
        organization=of,
        trigger="collect_costs",
        window_start=date(2026, 11, 1),
        window_end=date(2026, 12, 1),
        state=CollectionRun.State.SUCCEEDED,
        started_at=FETCHED,
        finished_at=FETCHED,
        notices=["Unknown product MAGIC.", "Unknown line type WAND."],
    )


def quarantined_row(*, of):
    return QuarantinedRow.objects.create(
        organization=of,
        day=date(2026, 11, 1),
        window_start=date(2026, 11, 1),
        window_end=date(2026, 12, 1),
        reason="The amount is not a number.",
        amount_text="twelve",
        raw='{"amount": "twelve"}',
        raw_hash=uuid4(),
        first_fetched_at=FETCHED,
        fetched_at=FETCHED,
    )


def heartbeat(number=1):
    return ProcessHeartbeat.objects.create(
        kind="worker", name=f"long@host-{number}", seen_at=FETCHED
    )


def reconciliation_check(differences=0):
    return ReconciliationCheck.objects.create(
        checked_at=FETCHED,
        first_day=date(2026, 10, 1),
        end_day=date(2026, 11, 21),
        days=51,
        missing_days=0,
        doubtful_days=0,
        pending_days=0,
        differences=differences,
        difference_usd=Decimal("0.5") * differences,
    )


def environment(number=1, *, of):
    return Environment.objects.create(organization=of, env_id=f"env-{number}", name="prod")


def cluster(number=1, *, of):
    return Cluster.objects.create(
        organization=of, cluster_id=f"lkc-{number}", env_id="env-1", name="orders", kind="kafka"
    )


def principal(number=1, *, of):
    return Principal.objects.create(
        organization=of, principal_id=f"sa-{number}", name="orders-app", kind="service_account"
    )


def curation(number=1, *, of, resource, place):
    """A row of everything that people curate; the changes of it are noted by triggers."""
    code = f"CC-{number}"
    center(code, f"BU-{number}")
    rule(code, of=of, cluster=resource)
    rule({code: 60, center("CC-0").code: 40}, of=of, environment=place)
    policy("SUPPORT", "fixed", {code: 100}, of=of)
    tag(resource, "team", f"team-{number}")


def token(number=1):
    """An API token of a user of its own."""
    user = get_user_model().objects.create_user(f"program-{number}")
    return make_token(user, name=f"export {number}", scopes=["read"], days=90)[0]


def store(count):
    """So many rows of every model of ours, of as many organizations and days."""
    for number in range(1, count + 1):
        company = organization(f"Company {number}", f"org-{number}")
        day = str(date(2026, 10, 1) + timedelta(days=number))
        bill_day(day, of=company)
        line_item(day, of=company)
        charge(day, "12.5", of=company, cluster_id=f"lkc-{number}", env_id=f"env-{number}")
        run(of=company)
        quarantined_row(of=company)
        heartbeat(number)
        reconciliation_check()
        place = environment(number, of=company)
        resource = cluster(number, of=company)
        principal(number, of=company)
        token(number)
        curation(number, of=company, resource=resource, place=place)
    BillingDay.objects.update(rules_revision=current_revision())
