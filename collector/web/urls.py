"""Addresses of the pages about collecting."""

from django.urls import path

from collector.web.quality import Proof, Quality
from collector.web.runs import Again, Cancel, Collect, Run, Runs

urlpatterns = [
    path("quality", Quality.as_view(), name="quality"),
    path("quality/proof", Proof.as_view(), name="proof"),
    path("runs", Runs.as_view(), name="runs"),
    path("runs/collect", Collect.as_view(), name="run-collect"),
    path("runs/<int:id>", Run.as_view(), name="run"),
    path("runs/<int:id>/again", Again.as_view(), name="run-again"),
    path("runs/<int:id>/cancel", Cancel.as_view(), name="run-cancel"),
]
