"""Settings that demo, tests and production share.

What differs between installations comes from the environment, read by `env`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mace.settings import env
from mace.settings.logs import logging_to_standard_error
from mace.settings.roles import ROLES
from mace.settings.schedule import SCHEDULE

ROOT = Path(__file__).resolve().parents[2]
VAR = env.folder("MACE_VAR", ROOT / "var")

# What this installation is

SECRET_KEY = env.secret_key()
SEAT_KEY = env.seat_key()
BASE_URL = env.base_url()
ALLOWED_HOSTS = env.hosts()
CSRF_TRUSTED_ORIGINS = [BASE_URL]
DEBUG = False
DEMO_SIGN_IN = False

# What it is made of

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "mace.core",
    "mace.audit",
    "mace.agencies",
    "mace.accounts",
    "mace.notifications",
    "mace.access",
    "mace.attachments",
    "referrals",
    "volt",
    "panels",
    "dashboards",
    "mace.casework",
    "mace.exporting",
    "mace.importing",
]
MIDDLEWARE = [
    "mace.core.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mace.core.middleware.SecurityHeaders",
    "mace.core.middleware.PlainAddresses",
    "mace.core.middleware.WholeForms",
    # Innermost: it opens the transaction in which the view runs and the page is rendered.
    "mace.access.middleware.SeatMiddleware",
]
ROOT_URLCONF = "mace.urls"
WSGI_APPLICATION = "mace.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "mace.core.forms.GovukRenderer"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mace.casework.context.page",
            ],
            # Forms say in which seat their page was opened, whoever wrote the template.
            "builtins": ["mace.core.templatetags.opened_in", "mace.core.templatetags.inherited"],
        },
    }
]

# Database: one address for each role. Requests open their own transactions (see mace.access.middleware), hence no
# ATOMIC_REQUESTS.

DB_ROLE = env.choice("MACE_DB_ROLE", ROLES, "web")
AUDIT_KEY = env.audit_key(DB_ROLE)
FILES_KEYS = env.files_keys(DB_ROLE)
_database = env.database(DB_ROLE)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "mace.core.postgresql",
        "NAME": _database.name,
        "USER": _database.user,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": _database.port,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": f"mace {DB_ROLE}", "connect_timeout": 10, **_database.options},
    }
}

# Redis or Valkey: Celery's broker, and in the database after it the cache

_redis = env.redis()
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "mace.core.cache.RedisCache",
        "LOCATION": _redis.cache,
        "KEY_PREFIX": "mace",
    }
}

CELERY_BROKER_URL = _redis.broker
# A task that outlives its worker comes back when it has been unacknowledged for `visibility_timeout`, looked for
# every `unacked_restore_interval` seconds. A task must therefore end sooner than that, which CELERY_TASK_TIME_LIMIT
# sees to; none has an ETA.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ACKS_ON_FAILURE_OR_TIMEOUT = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_SOFT_TIME_LIMIT = 210
CELERY_TASK_TIME_LIMIT = 240
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "Europe/London"
CELERY_BEAT_SCHEDULE = SCHEDULE

# People and sign-in: by e-mail address and password, then a one-time code; nobody signs up

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ANONYMOUS_USER_NAME = None
# guardian records which named person has a grant; questions of permission go to our policy alone, so its backend is
# not asked.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "mace.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is given by whoever makes the account, and only they can change it
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True  # the cookie lasts as long as SESSION_COOKIE_AGE says, no longer
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
MFA_ADAPTER = "mace.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "MACE"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # see ACCOUNT_EMAIL_VERIFICATION

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = (
    12 * 60 * 60
)  # mace.access.sessions ends it after 15 minutes without use, and never later than this
SESSION_COOKIE_NAME = "mace_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "mace_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "mace.access.gate.open_too_long"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 21 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Files are kept in memory, so that nothing of a spreadsheet is ever left in a temporary folder.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE

# Files that people attach lie encrypted in this folder, and are scanned by ClamAV if there is one

FILES_DIR = env.folder("MACE_FILES_DIR", VAR / "files")
CLAMD = env.clamd()

# Language and time: stored in UTC, worked with in Europe/London by mace.core.clock

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Static files: our own, and what the front-end build made

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [path for path in (ROOT / "static", VAR / "assets") if path.is_dir()]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "files"}},
    "staticfiles": {"BACKEND": "mace.settings.static.ManifestStorage"},
}

# Mail

_mail = env.mail()
EMAIL_BACKEND = (
    "mace.notifications.mail.FolderBackend" if _mail.folder else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_FILE_PATH = _mail.folder or None
EMAIL_HOST = _mail.host
EMAIL_PORT = _mail.port
EMAIL_HOST_USER = _mail.user
EMAIL_HOST_PASSWORD = _mail.password
EMAIL_USE_TLS = _mail.starttls
EMAIL_USE_SSL = _mail.tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MACE_MAIL_FROM", "the address that mail comes from", "MACE <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Exports: how long after one is ready it can be downloaded; then its content is erased

EXPORT_LIFE_HOURS = 24

# API

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "MACE API",
    "DESCRIPTION": "Read what your own seat may see, with the same sign-in and permissions as the pages.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

LOGGING = logging_to_standard_error()
