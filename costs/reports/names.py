"""Display names of what costs are grouped by, looked up for the rows that are shown.

An id alone may stand for things of two organizations: the name is that of the charges' own.
"""

_LOOKUPS = {
    "org": "SELECT display_name AS name FROM dimensions_orgs WHERE org_id = {value}",
    "env": (
        "SELECT display_name AS name FROM dimensions_envs "
        "WHERE organization_id = {organization} AND env_id = {value}"
    ),
    "cluster": (
        "SELECT display_name AS name FROM dimensions_clusters "
        "WHERE organization_id = {organization} AND cluster_id = {value}"
    ),
    "business_unit": (
        "SELECT coalesce(nullif(name, ''), code) AS name FROM dimensions_business_units "
        "WHERE code = {value}"
    ),
    "cost_center": (
        "SELECT coalesce(nullif(name, ''), code) AS name FROM dimensions_cost_centers "
        "WHERE code = {value}"
    ),
}


def name_of(dimension: str, relation: str) -> str:
    """SELECT name, of the one that a row of the relation stands for.

    relation: has the dimension's id or code, and the organization that it was charged in.
    """
    return _LOOKUPS[dimension].format(
        value=f"{relation}.{dimension}", organization=f"{relation}.organization"
    )
