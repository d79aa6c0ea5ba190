"""The names by which work is passed to the workers."""

HOURLY = "hourly"
"""Quick jobs; workers of this queue do nothing that could keep the hourly collection waiting."""
LONG = "long"
"""Backfills, the daily proof, re-allocations."""
SEE_THROUGH = "collector.see_through"
"""The task that begins a queued run."""
