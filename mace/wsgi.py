"""The web process: `gunicorn --preload mace.wsgi`.

Preloading matters: settings that do not fit then stop the master with one sentence instead of every worker in turn.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mace.settings.production")

from django.core.wsgi import get_wsgi_application

from mace.settings.startup import verify_start

application = get_wsgi_application()
verify_start()
