"""See a collection through that somebody asked for: in a worker, or a process of its own."""

from contextlib import closing

from django.conf import settings

from collector.account import client_from_settings
from collector.models import CollectionRun
from collector.pipeline import collect_requested, follow_changed_rules
from collector.runs import start_run
from collector.watch import Watch


def run_requested(run_id: int) -> CollectionRun:
    """Start the queued run and see it through; what went wrong is on the run, too.

    Raises NotQueued, and what a collection raises.
    """
    with start_run(run_id) as run:
        watch = Watch()
        with closing(client_from_settings(sleep=watch.sleep)) as client:
            collect_requested(
                client, run, watch, organization_id=settings.CONFLUENT_ORGANIZATION_ID
            )
    follow_changed_rules()
    return run
