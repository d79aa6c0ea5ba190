"""The admin: it shows everybody's costs, so that nobody gets in who is limited to some."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from dimensions.access import is_limited


class PortalAdminSite(AdminSite):
    site_title = site_header = "Confluent Billing Portal"
    index_title = "Bill, collection and who is who"
    # The lists need the width; the way back is the breadcrumbs.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not is_limited(request.user)
