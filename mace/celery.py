"""The Celery application.

It is imported with the package, so that a `shared_task` queued from a web process or a command goes to our broker.
Its settings are read from Django's, lazily, under the prefix `CELERY_`.
"""

from __future__ import annotations

from celery import Celery
from celery.signals import beat_init, task_prerun, worker_init

app = Celery("mace")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**_: object) -> None:
    """End the worker or beat with one sentence when its settings or its database role are not safe to work with."""
    from mace.settings.startup import verify_start  # noqa: PLC0415 (needs Django, which is set up by now)

    verify_start()


@task_prerun.connect
def number_log_lines(task_id: str, **_: object) -> None:
    """Every log line of the worker says in which task it was written."""
    from mace.core.logs import work_on  # noqa: PLC0415 (needs Django, which is set up by now)

    work_on(task_id)
