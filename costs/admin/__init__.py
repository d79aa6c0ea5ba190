"""The admin: where people say who pays, and look at the bill as received."""

from costs.admin import bill, changes, inventory, owners, policies, rules

__all__ = ["bill", "changes", "inventory", "owners", "policies", "rules"]
