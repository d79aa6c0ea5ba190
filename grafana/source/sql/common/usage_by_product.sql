WITH ranked AS (
    SELECT product,
           sum(usage_usd) AS usage_usd,
           row_number() OVER (ORDER BY sum(usage_usd) DESC, product) AS place
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY product
)
SELECT CASE WHEN place < 10 THEN product ELSE 'Others' END AS "Product",
       sum(usage_usd) AS "Usage"
FROM ranked
WHERE usage_usd > 0
GROUP BY least(place, 10), 1
ORDER BY least(place, 10)
