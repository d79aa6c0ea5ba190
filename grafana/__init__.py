"""Grafana's side of the portal: dashboards as code, and what provisions them.

source/ holds what people edit; dashboards/*.json are made of it and are what Grafana reads.
"""
