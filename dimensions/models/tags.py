"""Tags that people put on billed resources, each with the days it holds for."""

from django.db import models
from simple_history.models import HistoricalRecords

from dimensions.effective_dates import EffectiveDated, in_order, never_two
from dimensions.models.inventory import Cluster


class ClusterTag(EffectiveDated):
    """A dated word about a resource, such as team = checkout; rules can select by it."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="tags")
    key = models.CharField(max_length=100)
    value = models.CharField(max_length=200)
    history = HistoricalRecords()

    class Meta:
        db_table = "dimensions_cluster_tags"
        ordering = ["cluster", "key", "-valid_from"]
        verbose_name = "tag"
        constraints = [
            in_order("dimensions_cluster_tags_in_order"),
            never_two(
                "cluster",
                "key",
                name="dimensions_cluster_tags_never_two",
                message="The resource already has a value for this key on some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"
