from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class BillingPortalConfig(AppConfig):
    name = "billing_portal"

    def ready(self) -> None:
        from billing_portal import checks  # noqa: F401 (registers the system checks)


class PortalAdminConfig(AdminConfig):
    default_site = "billing_portal.admin_site.PortalAdminSite"
