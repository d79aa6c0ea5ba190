"""The six dashboards: SQL in sql/, panels in one module a dashboard, `write` puts them together."""
