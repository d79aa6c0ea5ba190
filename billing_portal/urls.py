"""The site map."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from billing_portal.health import healthz
from billing_portal.views import front_door

admin.site.site_title = admin.site.site_header = "Confluent Billing Portal"
admin.site.index_title = "Bill, collection and who is who"
# The lists need the width; the way back is the breadcrumbs.
admin.site.enable_nav_sidebar = False

urlpatterns = [
    path("", front_door, name="front-door"),
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    # Browsers ask for it when they show JSON, which cannot name an icon.
    path("favicon.ico", login_not_required(RedirectView.as_view(url=static("favicon.svg")))),
]
