from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class BillingPortalConfig(AppConfig):
    name = "billing_portal"

    def ready(self) -> None:
        # The first registers the system checks, the second is what sends tasks from every process.
        from billing_portal import celery, checks  # noqa: F401


class PortalAdminConfig(AdminConfig):
    default_site = "billing_portal.admin_site.PortalAdminSite"
