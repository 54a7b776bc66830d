"""What Celery beat starts, and when.

Each entry names a task by its full path, takes no arguments, and must be safe to run twice, late, or not at all for a
day: the task itself scans for what is due. Crontabs are in Europe/London.
"""

from __future__ import annotations

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {}
