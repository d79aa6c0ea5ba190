WITH ranked AS (
    SELECT product,
           sum(cost_usd) AS cost_usd,
           row_number() OVER (ORDER BY sum(cost_usd) DESC, product) AS place
    FROM reporting.resource_costs
    WHERE {{filter}}
    GROUP BY product
)
SELECT CASE WHEN place < 10 OR cost_usd < 0 THEN product ELSE 'Others' END AS "Product",
       sum(cost_usd) AS "Net cost"
FROM ranked
GROUP BY 1
ORDER BY min(least(place, 10)), 2 DESC
