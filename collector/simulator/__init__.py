"""A simulator of the parts of Confluent Cloud's API that the portal calls.

`World` is the bill of an invented company, a pure function of a seed, a day and the moment of
asking. `SimulatedConfluent` serves it over HTTP with the paging, the limits, the errors and the
faults of the real thing, so that tests and demonstrations need neither a network nor a key.
"""

from collector.simulator.faults import Faults
from collector.simulator.server import SimulatedConfluent
from collector.simulator.world import World, net_amount

__all__ = ["Faults", "SimulatedConfluent", "World", "net_amount"]
