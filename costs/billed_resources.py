"""Environments and resources that the staged bill names, noted in the dimensions.

A bill may name what no list of Confluent's knows any more; its row stays. Only what is new or
changed is written, and what a person edited is not touched.
"""

import json
from typing import Any

from django.db import connection

from dimensions.kinds import KIND_BY_PREFIX, ClusterKind
from dimensions.models import Organization

# In the order of the keys: two collectors that lock rows in one order cannot deadlock.
_ENVIRONMENTS = """
    INSERT INTO dimensions_envs AS known (organization_id, env_id, first_seen, last_seen)
    SELECT %(organization)s, env_id, min(day), max(day)
    FROM staged_lines
    WHERE env_id <> ''
    GROUP BY env_id
    ORDER BY env_id
    ON CONFLICT (organization_id, env_id) DO UPDATE
    SET first_seen = least(known.first_seen, excluded.first_seen),
        last_seen = greatest(known.last_seen, excluded.last_seen)
    WHERE known.first_seen IS NULL
       OR known.first_seen > excluded.first_seen
       OR known.last_seen < excluded.last_seen
"""

_CLUSTERS = """
    WITH described AS (
        SELECT resource_id, env_id, resource_name, tier_dimensions,
               min(day) AS first_seen, max(day) AS last_seen
        FROM staged_lines
        WHERE resource_id <> ''
        GROUP BY resource_id, env_id, resource_name, tier_dimensions
    ),
    named AS (
        SELECT resource_id,
               (array_agg(nullif(env_id, '') ORDER BY last_seen DESC))[1] AS env_id,
               (array_agg(resource_name ORDER BY resource_name = '', last_seen DESC))[1] AS name,
               coalesce(max(tier_dimensions ->> 'provider'), '') AS cloud_provider,
               coalesce(max(tier_dimensions ->> 'region'), '') AS region,
               min(first_seen) AS first_seen,
               max(last_seen) AS last_seen
        FROM described
        GROUP BY resource_id
    )
    INSERT INTO dimensions_clusters AS known
        (organization_id, cluster_id, env_id, kind, name, cloud_provider, region,
         first_seen, last_seen)
    SELECT %(organization)s, resource_id, env_id,
           coalesce(%(kinds)s::jsonb ->> split_part(resource_id, '-', 1), %(unknown)s),
           name, cloud_provider, region, first_seen, last_seen
    FROM named
    ORDER BY resource_id
    ON CONFLICT (organization_id, cluster_id) DO UPDATE
    SET (env_id, name, cloud_provider, region, first_seen, last_seen) = (
        -- an older bill never renames what a newer one named, no bill what a list named
        CASE WHEN excluded.last_seen >= known.last_seen
             THEN coalesce(excluded.env_id, known.env_id) ELSE known.env_id END,
        CASE WHEN known.metadata = '{}' AND excluded.last_seen >= known.last_seen
                  AND excluded.name <> ''
             THEN excluded.name ELSE coalesce(nullif(known.name, ''), excluded.name) END,
        coalesce(nullif(known.cloud_provider, ''), excluded.cloud_provider),
        coalesce(nullif(known.region, ''), excluded.region),
        least(known.first_seen, excluded.first_seen),
        greatest(known.last_seen, excluded.last_seen)
    )
    WHERE known.first_seen IS NULL
       OR known.first_seen > excluded.first_seen
       OR known.last_seen < excluded.last_seen
       OR (known.last_seen = excluded.last_seen AND known.metadata = '{}'
           AND excluded.name NOT IN ('', known.name))
       OR (known.cloud_provider = '' AND excluded.cloud_provider <> '')
"""


def note_billed_resources(organization: Organization) -> None:
    """Note every environment and resource of `staged_lines`, with first and last day billed."""
    parameters: dict[str, Any] = {
        "organization": organization.pk,
        "kinds": json.dumps(KIND_BY_PREFIX),
        "unknown": ClusterKind.UNKNOWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENVIRONMENTS, parameters)
        cursor.execute(_CLUSTERS, parameters)
