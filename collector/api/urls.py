"""Routes of collections below /api/v1/."""

from collector.api.collections import (
    COLLECTIONS,
    CancelView,
    CollectionsView,
    CollectionView,
    CollectView,
)
from costs.api.urls import with_and_without_slash

urlpatterns = list(
    with_and_without_slash(
        [
            ("costs/collect", CollectView.as_view(), "collect"),
            ("collections", CollectionsView.as_view(kind=COLLECTIONS), "collections"),
            ("collections/<int:id>", CollectionView.as_view(kind=COLLECTIONS), "collection"),
            ("collections/<int:id>/cancel", CancelView.as_view(), "collection-cancel"),
        ]
    )
)
