"""Who owes what: facts of whole days from their current bill lines and the rules in force.

Set-based SQL, in the order of the modules: rules, decisions, shares, facts. The steps hand over
in temporary tables of the session, so that a preview can look at what would be written.
"""

from costs.allocation.scope import EVERYTHING, Scope, current_revision, lock_edits
from costs.allocation.steps import Written, allocate_days, work_out

__all__ = [
    "EVERYTHING",
    "Scope",
    "Written",
    "allocate_days",
    "current_revision",
    "lock_edits",
    "work_out",
]
