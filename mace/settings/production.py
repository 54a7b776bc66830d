"""Production: everything over TLS, and nothing that only a demonstration may do.

The checks at the end run when the settings are read; `mace.settings.startup.verify_start` repeats them on the
settings in force, and looks at the database too, when a process starts.
"""

from __future__ import annotations

from mace.settings import env
from mace.settings.base import *
from mace.settings.startup import verify_production

PRODUCTION = True
DEBUG = env.flag("MACE_DEBUG")
DEMO_SIGN_IN = env.flag("MACE_DEMO_SIGN_IN")

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-mace_session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-mace_csrf"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

# Behind a proxy that ends TLS: it must set these headers itself and drop what a client sent.
if env.flag("MACE_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

if not EMAIL_HOST:
    env.refuse(
        "MACE_MAIL_URL must be set in production, and MACE_MAIL_DIR not, because mail into a folder reaches nobody."
    )

verify_production(globals())
