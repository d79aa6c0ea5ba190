"""What happened when the bill was fetched: runs, and rows that could not be read."""

from datetime import timedelta

from django.conf import settings
from django.db import models

from dimensions.models import Organization


class CollectionRun(models.Model):
    """One fetch of one window (at most a month) of one organization's bill."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        ABANDONED = "abandoned", "Abandoned"

    class Failure(models.TextChoices):
        CREDENTIALS = "credentials", "Confluent refused the key"
        SETTINGS = "settings", "A setting is missing or contradicts the key"
        UNREACHABLE = "unreachable", "Confluent could not be reached"
        REFUSED = "refused", "Confluent refused the question"
        DATABASE = "database", "The database failed"
        TIME_LIMIT = "time_limit", "The time limit was over"
        OTHER = "other", "Something else"

    UNFINISHED = (State.QUEUED, State.RUNNING)
    # What a run came to, as commands and the API tell it.
    COUNTS = (
        "pages",
        "requests",
        "retries",
        "rate_limited",
        "lines_received",
        "rows_quarantined",
        "days_changed",
        "days_unchanged",
        "days_superseded",
        "days_held",
        "lines_added",
        "lines_closed",
        "facts_written",
        "hours_written",
    )

    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        help_text="Empty when the key did not get as far as telling it.",
    )
    trigger = models.CharField(max_length=30, help_text="The command or task that asked for it.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    window_start = models.DateField()
    window_end = models.DateField(help_text="Exclusive.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(help_text="While it is queued: when it was asked for.")
    is_for_workers = models.BooleanField(
        "for workers",
        default=False,
        help_text="Waits for a worker, which may be busy for long; else a process of its own.",
    )
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty when nobody asked for it beforehand."
    )
    sent_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the workers were told of it, or will be; empty: not yet.",
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often a worker or process began it."
    )
    losses = models.PositiveSmallIntegerField(
        default=0, help_text="How many of these ended with their worker or its time."
    )
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    pages = models.PositiveIntegerField(default=0)
    requests = models.PositiveIntegerField(default=0)
    retries = models.PositiveIntegerField(default=0)
    rate_limited = models.PositiveIntegerField(
        default=0, help_text="Requests that Confluent answered with 429, too many."
    )
    lines_received = models.PositiveIntegerField(default=0)
    rows_quarantined = models.PositiveIntegerField(default=0)
    days_done = models.PositiveIntegerField(
        default=0, help_text="Of its window, whatever came of them."
    )
    days_changed = models.PositiveIntegerField(default=0)
    days_unchanged = models.PositiveIntegerField(default=0)
    days_superseded = models.PositiveIntegerField(
        default=0, help_text="A newer fetch was already stored."
    )
    days_held = models.PositiveIntegerField(
        default=0, help_text="Answered empty although lines are stored; kept and asked again."
    )
    lines_added = models.PositiveIntegerField(default=0)
    lines_closed = models.PositiveIntegerField(default=0)
    facts_written = models.PositiveIntegerField(default=0)
    hours_written = models.PositiveIntegerField(default=0)
    notices = models.JSONField(default=list, blank=True, help_text="Sentences for the operator.")
    error = models.TextField(blank=True, default="")
    failure = models.CharField(
        max_length=12, choices=Failure, blank=True, default="", help_text="The kind of the error."
    )

    class Meta:
        db_table = "collection_runs"
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["queued", "running"]),
                name="collection_runs_unfinished",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window_end__gt=models.F("window_start")),
                name="collection_runs_window_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "queued",
                        "running",
                        "succeeded",
                        "failed",
                        "cancelled",
                        "abandoned",
                    ]
                ),
                name="collection_runs_state_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running"])
                | models.Q(finished_at__isnull=False),
                name="collection_runs_end_known",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    failure__in=[
                        "",
                        "credentials",
                        "settings",
                        "unreachable",
                        "refused",
                        "database",
                        "time_limit",
                        "other",
                    ]
                ),
                name="collection_runs_failure_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.window_start} to {self.window_end - timedelta(days=1)}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    @property
    def days_total(self) -> int:
        return (self.window_end - self.window_start).days

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class ProcessHeartbeat(models.Model):
    """When a process of the schedule was last seen alive: beat, or a worker by its name."""

    class Kind(models.TextChoices):
        BEAT = "beat", "Beat (sends what is due)"
        WORKER = "worker", "Worker (does it)"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=255)
    seen_at = models.DateTimeField(help_text="By the database's clock.")

    class Meta:
        db_table = "process_heartbeats"
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="process_heartbeats_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["beat", "worker"]),
                name="process_heartbeats_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QuarantinedRow(models.Model):
    """A row of the bill whose date or amount could not be read: kept as received, never dropped.

    It is resolved when a later fetch of its day no longer holds it.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    day = models.DateField(null=True, blank=True, help_text="Empty when its date is unreadable.")
    window_start = models.DateField()
    window_end = models.DateField(help_text="Exclusive.")
    reason = models.TextField()
    amount_text = models.TextField(blank=True, help_text="The amount as received, if there is one.")
    raw = models.TextField(help_text="The row as received, JSON.")
    raw_hash = models.UUIDField()
    occurrences = models.PositiveIntegerField(default=1)
    first_fetched_at = models.DateTimeField()
    fetched_at = models.DateTimeField(help_text="Begin of the newest fetch that held it.")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "quarantined_rows"
        ordering = ["-fetched_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day", "raw_hash"],
                nulls_distinct=False,
                name="quarantined_rows_once",
            )
        ]

    def __str__(self) -> str:
        return self.reason
