"""The running product for browser tests: real web and worker processes, as their own database roles, on seeded data."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import cluster


@dataclass
class Product:
    """Where it answers, and how to reach its data as a command would."""

    url: str
    database: str
    index: int
    folder: Path
    environ: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        """Run a management command on its data and answer what it printed."""
        done = subprocess.run(
            [sys.executable, str(cluster.ROOT / "manage.py"), *arguments],
            cwd=cluster.ROOT,
            env={key: value for key, value in self.environ.items() if key != "MACE_DB_ROLE"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(
                f"manage.py {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def start(self, name: str, role: str, *command: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=cluster.ROOT,
            env=self.environ | {"MACE_DB_ROLE": role},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def mails(self) -> list[str]:
        """Every mail sent so far, as text."""
        return [path.read_text() for path in sorted((self.folder / "mail").glob("*")) if path.is_file()]

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_it_answers(url: str, product: Product, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if product.processes["web"].poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(url, timeout=5)
            return
    raise RuntimeError(f"the product did not answer at {url}:\n{product.log('web')[-4000:]}")


@contextlib.contextmanager
def running(name: str, index: int, folder: Path, *, template: str) -> Iterator[Product]:
    """Clone the template, start web and worker, and stop them at the end."""
    cluster.clone(name, template)
    port = free_port()
    (folder / "mail").mkdir(parents=True, exist_ok=True)
    environ = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("DATABASE_", "PYTEST_", "MACE_TEST_ASSUME"))
    } | {
        **cluster.servers().environment(name, index),
        "DJANGO_SETTINGS_MODULE": "mace.settings.test",
        "MACE_BASE_URL": f"http://127.0.0.1:{port}",
        "MACE_ALLOWED_HOSTS": "127.0.0.1,testserver",
        "MACE_MAIL_DIR": str(folder / "mail"),
        "MACE_CLOCK_FILE": str(folder / "clock"),
        "PYTHONUNBUFFERED": "1",
    }
    product = Product(url=f"http://127.0.0.1:{port}", database=name, index=index, folder=folder, environ=environ)
    try:
        product.start(
            "web", "web", "gunicorn", "mace.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4",
            "--worker-class", "gthread", "--no-control-socket",
        )  # fmt: skip
        product.start(
            "worker", "worker", "celery", "-A", "mace", "worker", "--concurrency", "1", "--loglevel", "WARNING",
            "--without-gossip", "--without-mingle",
        )  # fmt: skip
        wait_until_it_answers(product.url + "/demo/", product)
        yield product
    finally:
        product.stop()
