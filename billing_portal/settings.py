"""The one settings file. Development, tests and production differ by variables only.

Every variable is read once, here, by a typed reader; .env.example lists them all.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from billing_portal import __version__, environment
from billing_portal.logging import logging_config
from billing_portal.with_postgres import running_url

BASE_DIR = Path(__file__).resolve().parent.parent

# Tests name no file, so that a developer's credentials never reach them.
if env_file := os.environ.get("ENV_FILE", str(BASE_DIR / ".env")):
    environment.load_env_file(env_file)

ENVIRONMENT = environment.choice("ENVIRONMENT", ("development", "production"), "development")
PRODUCTION = ENVIRONMENT == "production"
LOG_LEVEL = environment.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")

# --- Confluent Cloud -------------------------------------------------------------------------

CONFLUENT_API_KEY = environment.text("CONFLUENT_API_KEY")
CONFLUENT_API_SECRET = environment.text("CONFLUENT_API_SECRET")
CONFLUENT_CLOUD_URL = environment.url(
    "CONFLUENT_CLOUD_URL", ("https", "http"), "https://api.confluent.cloud"
)
USER_AGENT = f"confluent-billing-portal/{__version__}"
CONFLUENT_ORGANIZATION_ID = environment.text("CONFLUENT_ORGANIZATION_ID")
# Seconds one request may spend waiting for its retries before the run gives up.
CONFLUENT_MAX_WAIT = environment.number("CONFLUENT_MAX_WAIT", 600, low=0, high=86_400)
# Names of people are personal data: off, sync_inventory asks for none and forgets stored ones.
COLLECT_USERS = environment.flag("COLLECT_USERS", default=False)

# --- The schedule ----------------------------------------------------------------------------

REDIS_URL = environment.url("REDIS_URL", ("redis", "rediss"))
SCHEDULER_ENABLED = environment.flag("SCHEDULER_ENABLED", default=False)
HOURLY_JOB_ENABLED = environment.flag("HOURLY_JOB_ENABLED", default=False)
DAILY_JOB_ENABLED = environment.flag("DAILY_JOB_ENABLED", default=False)

# --- Web -------------------------------------------------------------------------------------

DEVELOPMENT_SECRET_KEY = "development-only-not-a-secret"  # noqa: S105 (refused in production)
SECRET_KEY = environment.text("SECRET_KEY", "" if PRODUCTION else DEVELOPMENT_SECRET_KEY)
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set; ENVIRONMENT=production needs one of at least 50 random characters "
        "(python -c 'import secrets; print(secrets.token_urlsafe(50))')."
    )
DEBUG = False
API_HOST = environment.text("API_HOST", "127.0.0.1")
API_PORT = environment.number("API_PORT", 8000, low=1, high=65_535)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],app,billing-app")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", "")

INSTALLED_APPS = [
    "billing_portal",
    "collector",
    "costs",
    "dimensions",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "import_export",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
if PRODUCTION:
    # Development answers anonymous readers on the local host, as documented.
    MIDDLEWARE.append("django.contrib.auth.middleware.LoginRequiredMiddleware")

ROOT_URLCONF = "billing_portal.urls"
WSGI_APPLICATION = "billing_portal.wsgi.application"
LOGIN_URL = "admin:login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Development needs no collectstatic: whitenoise asks the finders.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
# The proxy in front ends TLS; it must set this header itself and drop a client's own.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
X_FRAME_OPTIONS = "DENY"

# --- Import and export of what people curate -------------------------------------------------

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
# Between preview and confirmation the browser keeps the signed file: the default, a file in /tmp,
# is unknown to another machine, stays when nobody confirms, and could be asked for by any name.
IMPORT_EXPORT_TMP_STORAGE_CLASS = "costs.exchange.files.CarriedByBrowser"

# --- Database --------------------------------------------------------------------------------

# Without DATABASE_URL the project's own server is used, if `make db` or another target runs it.
EMBEDDED_DATABASE = environment.choice("EMBEDDED_DATABASE", ("portal", "demo", "test"), "portal")
DATABASE_URL = environment.url("DATABASE_URL", ("postgresql", "postgres")) or running_url(
    EMBEDDED_DATABASE
)
DATABASES = {"default": environment.database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Time, language, logs --------------------------------------------------------------------

# The bill is in UTC days; nothing in the portal knows another time zone.
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "billing_portal.formats"

LOGGING_CONFIG = None
LOGGING = logging_config(
    level=LOG_LEVEL,
    as_json=PRODUCTION,
    secrets=[CONFLUENT_API_SECRET, SECRET_KEY, str(DATABASES["default"].get("PASSWORD", ""))],
)
