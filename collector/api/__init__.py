"""The REST API of collections: start, watch, cancel."""
