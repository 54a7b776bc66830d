"""The demonstration: invented people, a page that signs in as one of them, mail into a folder."""

from __future__ import annotations

from mace.settings.base import *

DEMO_SIGN_IN = True
INSTALLED_APPS = [*INSTALLED_APPS, "mace.demo"]
# `manage.py demo_clock` moves the clock of this installation by the number of days that stands in this file.
CLOCK_FILE = VAR / "demo-clock"
# Who is not signed in chooses one of the invented people; that page leads to the ordinary sign-in too.
LOGIN_URL = "/demo/"
