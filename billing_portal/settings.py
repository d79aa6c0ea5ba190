"""The one settings file. Development, tests and production differ by variables only.

Every variable is read once, here, by a typed reader; .env.example lists them all.
"""

import logging
import os
import ssl
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

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
# `manage.py scheduler` sets it for its own processes: without Redis they pass messages as files.
QUEUE_FOLDER = environment.text("QUEUE_FOLDER")
SCHEDULER_ENABLED = environment.flag("SCHEDULER_ENABLED", default=False)
HOURLY_JOB_ENABLED = environment.flag("HOURLY_JOB_ENABLED", default=False)
DAILY_JOB_ENABLED = environment.flag("DAILY_JOB_ENABLED", default=False)

CELERY_BROKER_URL = REDIS_URL or ("filesystem://localhost" if QUEUE_FOLDER else None)
# Whoever asks without a broker does it at once, in its own process.
CELERY_TASK_ALWAYS_EAGER = CELERY_TASK_EAGER_PROPAGATES = not CELERY_BROKER_URL
# A message is gone when its task has ended, not when it began: a worker that dies loses none. One
# that is taken for longer than the visibility timeout is given to another worker: longer than a
# retry may wait, stand behind another task, and take.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT, _VISIBILITY_TIMEOUT = 3_000, 3_300, 7_800
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": _VISIBILITY_TIMEOUT, "socket_timeout": 30, "socket_connect_timeout": 5}
    if REDIS_URL
    else dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), QUEUE_FOLDER)
)
if REDIS_URL.startswith("rediss:"):
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Who asks for a collection must not wait for a broker that is down; the sweep sends it later.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2}
# A task that goes on while the broker is away is not ended: what it does is done once all the same.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# What a task came to is in the database, not in the broker.
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_EXPIRES = None
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Quick jobs have workers of their own, which no long one keeps busy.
CELERY_TASK_DEFAULT_QUEUE = "hourly"
CELERY_TASK_ROUTES = {
    "collector.collect_daily": {"queue": "long"},
    "collector.see_through": {"queue": "long"},
    "costs.reallocate_pending": {"queue": "long"},
}
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "billing_portal.beat:PortalScheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

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
    "billing_portal.apps.BillingPortalConfig",
    "collector",
    "costs",
    "dimensions",
    "billing_portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_celery_beat",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "knox",
    "rest_framework",
    "simple_history",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "billing_portal.middleware.answer_headers",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
if PRODUCTION:
    # Views of the API are left out of it; their permissions answer 401 instead of a redirect.
    # Development answers anonymous readers on the local host, as documented.
    MIDDLEWARE.append("django.contrib.auth.middleware.LoginRequiredMiddleware")

ROOT_URLCONF = "billing_portal.urls"
WSGI_APPLICATION = "billing_portal.wsgi.application"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "front-door"

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
# Production names files by their content, so that browsers may keep them for ever.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
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
CSRF_FAILURE_VIEW = "billing_portal.views.csrf_failed"

# --- API -------------------------------------------------------------------------------------

# Requests a minute, of a user and of an address without a login. Each web process counts its own.
API_RATE_USER = environment.number("API_RATE_USER", 600, low=1, high=1_000_000)
API_RATE_ANONYMOUS = environment.number("API_RATE_ANONYMOUS", 120, low=1, high=1_000_000)
# Pages of these origins may call the API from a browser; none by default.
CORS_ALLOWED_ORIGINS = environment.words("CORS_ALLOWED_ORIGINS", "")
CORS_URLS_REGEX = r"^/api/"
# Development answers who asks from these networks without a login; a container sees its host
# under an address of the network between them.
LOCAL_NETWORKS = environment.networks("LOCAL_NETWORKS", "127.0.0.0/8,::1")
# From these networks production answers /metrics without a token.
METRICS_NETWORKS = environment.networks("METRICS_NETWORKS")
# How old what /metrics says of the database may be, in seconds.
METRICS_CACHE_SECONDS = environment.number("METRICS_CACHE_SECONDS", 30, low=0, high=3_600)
# Series of each cost metric; the smallest beyond are summed up as "(other)".
METRICS_MAX_SERIES = environment.number("METRICS_MAX_SERIES", 10_000, low=1, high=1_000_000)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one says how to log in when it answers 401.
        "costs.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["costs.api.permissions.MayUse"],
    "DEFAULT_RENDERER_CLASSES": [
        "costs.api.renderers.Json",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "costs.api.renderers.Negotiation",
    "DEFAULT_PARSER_CLASSES": ["costs.api.parsers.Json"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.AnonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "user": f"{API_RATE_USER}/min",
        "anon": f"{API_RATE_ANONYMOUS}/min",
    },
    "DEFAULT_SCHEMA_CLASS": "costs.api.schema.Description",
    "EXCEPTION_HANDLER": "costs.api.errors.answer",
    "NUM_PROXIES": 1 if PRODUCTION else 0,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
KNOX_TOKEN_MODEL = "dimensions.ApiToken"  # noqa: S105 (a model's name)
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": timedelta(days=90)}
# Its own table of tokens would stay empty beside ours.
MIGRATION_MODULES = {"knox": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Confluent Billing Portal",
    "DESCRIPTION": "Who owes what of a Confluent Cloud bill. Amounts are USD as exact decimal "
    "strings, days and times are UTC, and a range's end is the day after its last one.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "TAGS": [
        {"name": "costs", "description": "What is owed, of what and by whom; the bill behind it."},
        {"name": "collections", "description": "How the bill got here."},
        {"name": "dimensions", "description": "Who and what."},
        {"name": "allocation", "description": "Who pays."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["costs.api.permissions.MayRead"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["costs.api.schema.once_without_slash"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "costs.api.schema.nothing_unknown_in_bodies",
    ],
}

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
# Of the role that dashboards read with; setup_grafana_reader gives it to the role.
GRAFANA_READER_PASSWORD = environment.text("GRAFANA_READER_PASSWORD")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Time, language, logs --------------------------------------------------------------------

# The bill is in UTC days; nothing in the portal knows another time zone.
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "billing_portal.formats"

# Logs name a request by an id of ours; a client's own words stay out of them.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_CORRELATION_ID = False
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
LOGGING_CONFIG = None
LOGGING = logging_config(
    level=LOG_LEVEL,
    as_json=PRODUCTION,
    secrets=[
        CONFLUENT_API_SECRET,
        SECRET_KEY,
        str(DATABASES["default"].get("PASSWORD", "")),
        unquote(urlsplit(REDIS_URL).password or ""),
        GRAFANA_READER_PASSWORD,
    ],
)
