-- Each cluster against its own past and against the others: no limit in dollars is written here.
-- Whether it is used is asked of all its charges, whatever product is chosen.
WITH used AS (
    SELECT organization_id, cluster_id, max(charge_date) AS last_day
    FROM reporting.daily_costs
    WHERE $__timeFilter(charge_date)
      AND organization_id IN (${org:sqlstring})
      AND cost_usd > 0
      AND line_type IN ('KAFKA_NETWORK_READ', 'KAFKA_NETWORK_WRITE', 'KAFKA_REST_PRODUCE',
                        'CLUSTER_LINKING_READ', 'CLUSTER_LINKING_WRITE', 'KAFKA_STREAMS',
                        'TABLEFLOW_DATA_PROCESSED', 'CONNECT_THROUGHPUT', 'CONNECT_NUM_RECORDS',
                        'CUSTOM_CONNECT_THROUGHPUT')
    GROUP BY organization_id, cluster_id
),
daily AS (
    SELECT organization_id, cluster_id, charge_date, sum(cost_usd) AS cost_usd
    FROM reporting.resource_costs
    WHERE {{filter}}
      AND cluster_id <> 'none'
    GROUP BY organization_id, cluster_id, charge_date
),
billed AS (
    SELECT organization_id, max(charge_date) AS last_day FROM daily GROUP BY organization_id
),
judged AS (
    SELECT organization_id,
           cluster_id,
           sum(cost_usd) AS total,
           avg(cost_usd) AS average,
           max(cost_usd) AS peak,
           stddev_samp(cost_usd) / nullif(avg(cost_usd), 0) AS variation,
           count(*) AS days,
           sum(cost_usd) / nullif(sum(sum(cost_usd)) OVER (), 0) AS share,
           max(billed.last_day) - 7 AS week_before,
           sum(cost_usd) FILTER (WHERE charge_date > billed.last_day - 7) AS cost_of_week
    FROM daily
    JOIN billed USING (organization_id)
    GROUP BY organization_id, cluster_id
),
insight AS (
    SELECT organization_id, cluster_id, total, 'Inactive, still billed' AS insight,
           'No traffic was billed in the last 7 billed days' AS reason,
           cost_of_week AS dollars
    FROM judged
    JOIN reporting.clusters USING (organization_id, cluster_id)
    LEFT JOIN used USING (organization_id, cluster_id)
    WHERE cost_of_week > 0
      AND resource_type IN ('Kafka', 'Connector')
      AND (used.last_day IS NULL OR used.last_day <= week_before)
    UNION ALL
    SELECT organization_id, cluster_id, min(total), 'Inactive, still billed',
           'Confluent lists it no more since ' || min(gone_since), sum(cost_usd)
    FROM judged
    JOIN reporting.clusters USING (organization_id, cluster_id)
    JOIN daily USING (organization_id, cluster_id)
    WHERE charge_date > gone_since
    GROUP BY organization_id, cluster_id
    UNION ALL
    SELECT organization_id, cluster_id, total, 'High variance',
           'Its days differ by ' || round(100 * variation) || ' % of their average; the dearest is '
               || round(peak / average, 1) || ' times that',
           peak - average
    FROM judged
    WHERE days >= 7 AND average > 0 AND variation > 0.5
    UNION ALL
    SELECT organization_id, cluster_id, total, 'High cost',
           round(100 * share) || ' % of the chosen costs of all clusters', total
    FROM judged
    WHERE share >= 0.1
)
SELECT insight AS "Insight",
       coalesce(cluster.name, cluster_id) AS "Cluster",
       coalesce(environment.name, cluster.env_id) AS "Environment",
       reason AS "Reason",
       dollars AS "Dollars",
       total AS "Total",
       cluster_id AS "Resource id"
FROM insight
LEFT JOIN reporting.clusters AS cluster USING (organization_id, cluster_id)
LEFT JOIN reporting.environments AS environment
  ON environment.organization_id = insight.organization_id AND environment.env_id = cluster.env_id
ORDER BY dollars DESC, insight, cluster_id
