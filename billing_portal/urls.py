"""The site map."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from billing_portal.account import Account, ChangePassword, Login, RevokeToken
from billing_portal.health import healthz, readyz
from billing_portal.metrics import metrics
from billing_portal.views import Documentation, Icon, front_door

urlpatterns = [
    path("", front_door, name="front-door"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("docs", Documentation.as_view(), name="docs"),
    path("docs/", Documentation.as_view()),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("costs.api.urls")),
    path("api/v1/", include("collector.api.urls")),
    path("", include("costs.web.urls")),
    path("", include("collector.web.urls")),
    path("account", Account.as_view(), name="account"),
    path("account/password", ChangePassword.as_view(), name="password"),
    path("account/tokens/<slug:digest>/revoke", RevokeToken.as_view(), name="token-revoke"),
    path("login/", Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    # Browsers ask for it when they show JSON, which cannot name an icon.
    path("favicon.ico", login_not_required(Icon.as_view())),
]
handler400 = "billing_portal.views.unreadable"
handler403 = "billing_portal.views.forbidden"
handler404 = "billing_portal.views.not_found"
handler500 = "billing_portal.views.failed"
