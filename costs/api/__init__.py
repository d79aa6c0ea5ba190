"""The REST API of costs, of who is who, and of who pays. Views ask reports and services only."""
