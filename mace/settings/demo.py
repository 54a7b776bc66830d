"""The demonstration: invented people, a page that signs in as one of them, mail into a folder."""

from __future__ import annotations

from mace.settings.base import *

DEMO_SIGN_IN = True
INSTALLED_APPS = [*INSTALLED_APPS, "mace.demo"]
