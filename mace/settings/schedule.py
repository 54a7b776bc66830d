"""What Celery beat starts, and when.

Each entry names a task by its full path, takes no arguments, and must be safe to run twice, late, or not at all for a
day: the task itself scans for what is due. Crontabs are in Europe/London.
"""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

WORKING_HOURS = "8-18"

SCHEDULE: dict[str, dict[str, Any]] = {
    "outbox": {"task": "mace.notifications.tasks.send_outbox", "schedule": 60.0},
    "seal the logs": {"task": "mace.audit.tasks.seal_logs", "schedule": 180.0},
    "end sharing whose date has passed": {"task": "panels.chasing_tasks.end_sharing", "schedule": crontab("10", "0")},
    "make and chase reviews": {"task": "panels.chasing_tasks.make_reviews", "schedule": crontab("30", "6")},
    "make and chase reviews, catch up": {
        "task": "panels.chasing_tasks.make_reviews",
        "schedule": crontab("35", WORKING_HOURS),
    },
    "chase actions": {"task": "panels.chasing_tasks.chase_actions", "schedule": crontab("0", "7")},
    "chase actions, catch up": {
        "task": "panels.chasing_tasks.chase_actions",
        "schedule": crontab("5", WORKING_HOURS),
    },
    "escalate emergency access": {
        "task": "mace.casework.tasks.escalate_emergencies",
        "schedule": crontab("20", WORKING_HOURS),
    },
    "forget imports that nobody goes on with": {
        "task": "mace.importing.tasks.forget_imports",
        "schedule": crontab("40", "2"),
    },
    "erase exports whose time is up": {
        "task": "mace.exporting.tasks.erase_exports",
        "schedule": crontab("*/15"),
    },
    "scan files that wait": {"task": "mace.attachments.tasks.scan_files", "schedule": 300.0},
    "sweep files that belong to nothing": {
        "task": "mace.attachments.tasks.sweep_files",
        "schedule": crontab("50", "2"),
    },
    "find records that may be one child": {"task": "referrals.tasks.find_pairs", "schedule": crontab("10", "3")},
    "publish figures": {"task": "dashboards.tasks.publish_figures", "schedule": crontab("15", "5")},
}
