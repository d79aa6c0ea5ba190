"""Bring the dimensions up to date with what Confluent lists."""

import json
from contextlib import closing
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import Error as DatabaseError

from collector.account import client_from_settings
from collector.client import ConfluentError
from collector.failures import CredentialsMissing
from collector.inventory import InventoryReport, sync_inventory
from collector.lists import NAMES
from collector.management.reporting import ConfluentCommand, add_json_argument, as_command_error
from collector.pipeline import follow_changed_rules


class Command(ConfluentCommand):
    help = (
        "Read Confluent's lists of environments, clusters, connectors, ksqlDB, Flink, Schema "
        "Registry and service accounts (users with COLLECT_USERS) into the dimensions. What "
        "vanished is marked, nothing is deleted, and what people edited stays. Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_json_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with closing(client_from_settings()) as client:
                report = sync_inventory(
                    client,
                    organization_id=settings.CONFLUENT_ORGANIZATION_ID,
                    collect_users=settings.COLLECT_USERS,
                )
        except (CredentialsMissing, ConfluentError, DatabaseError) as error:
            raise as_command_error(error) from error
        followed = follow_changed_rules()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), indent=2))
        else:
            self._say(report)
            if followed.days or followed.pending:
                self.stdout.write(
                    f"Days allocated again for what was learnt: {followed.days:,}, "
                    f"still pending: {followed.pending:,}."
                )

    def _say(self, report: InventoryReport) -> None:
        for kind, counts in report.counts.items():
            self.stdout.write(
                f"{NAMES[kind]}: {counts.listed:,} listed, {counts.new:,} new, "
                f"{counts.changed:,} changed, {counts.gone:,} gone"
            )
        for notice in report.notices:
            self.stdout.write(self.style.WARNING(f"Notice: {notice}"))
        every = report.counts.values()
        self.stdout.write(
            self.style.SUCCESS(
                f"Synced. New: {sum(each.new for each in every):,}, "
                f"changed: {sum(each.changed for each in every):,}, "
                f"gone: {sum(each.gone for each in every):,}."
            )
        )
