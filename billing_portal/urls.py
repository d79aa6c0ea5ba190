"""The site map."""

from django.contrib import admin
from django.urls import path

from billing_portal.health import healthz
from billing_portal.views import front_door

admin.site.site_title = admin.site.site_header = "Confluent Billing Portal"
admin.site.index_title = "Bill, collection and who is who"

urlpatterns = [
    path("", front_door, name="front-door"),
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
]
