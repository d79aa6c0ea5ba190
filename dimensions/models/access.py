"""Who may see and do what beyond groups: limits to business units, and tokens for programs."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from knox.models import AbstractAuthToken

from dimensions.models.owners import BusinessUnit


class BusinessUnitScope(models.Model):
    """Limits a user to the shares of some business units; without one, the user sees everything.

    A superuser is never limited.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="business_unit_scope"
    )
    business_units = models.ManyToManyField(
        BusinessUnit,
        blank=True,
        help_text="The user sees what these owe and nothing else; none chosen: no cost at all.",
    )

    class Meta:
        db_table = "dimensions_business_unit_scopes"
        verbose_name = "limit to business units"
        verbose_name_plural = "limit to business units"

    def __str__(self) -> str:
        return f"limits of {self.user}"


class TokenScope(models.TextChoices):
    READ = "read", "Read: reports, lists, descriptions"
    CURATE = "curate", "Curate: names, stages, allocation rules"
    COLLECT = "collect", "Collect: start and cancel collections"


class ApiToken(AbstractAuthToken):  # type: ignore[misc]
    """A program's key to the API: stored as a hash, expiring, revoked by deleting the row.

    It may do what its user may, as far as its scopes go.
    """

    name = models.CharField(max_length=100, help_text="What it is for, such as “nightly export”.")
    scopes = ArrayField(
        models.CharField(max_length=10, choices=TokenScope), help_text="What it may do."
    )
    expiry = models.DateTimeField("expires at", help_text="UTC.")

    class Meta:
        db_table = "dimensions_api_tokens"
        ordering = ["user", "name"]
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=TokenScope.values)
                & models.Q(scopes__len__gt=0),
                name="dimensions_api_tokens_scopes_known",
                violation_error_message="Choose what the token may do.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
