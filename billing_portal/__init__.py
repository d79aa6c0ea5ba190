"""Confluent Billing Portal: one bill in, who owes what out."""

__version__ = "0.1.0"
