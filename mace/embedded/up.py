"""`make demo`: everything that the product needs, started in order, supervised, and ended in order.

`python -m mace.embedded.up [--with-parent] [--since SECONDS]`. With `--with-parent` it ends when the process that
started it does; `--since` is the time, in seconds since 1970, from which the printed duration counts.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from mace.embedded import workplace
from mace.embedded.children import die_with_parent, until
from mace.embedded.commands import END_OF_OUTPUT, THEN
from mace.embedded.servers import Postgres, ServerFailed, Valkey
from mace.embedded.supervisor import StepFailed, Stopped, Supervisor, run_step, say, stopping_by_signals

HOST: Final = "127.0.0.1"
MOST_WORKERS: Final = 8
SECONDS_FOR_PROCESSES: Final = 5.0
SECONDS_FOR_A_SERVER: Final = 2.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo until it is stopped.

    The status is 0 when a person stopped it, 1 when it could not start or a part of it ended.
    """
    parser = argparse.ArgumentParser(prog="python -m mace.embedded.up")
    parser.add_argument("--with-parent", action="store_true")
    parser.add_argument("--since", type=float, default=time.time())
    options = parser.parse_args(arguments)
    if options.with_parent:
        die_with_parent(signal.SIGTERM)
    port = os.environ.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        say("PORT must be a whole number from 1 to 65535.")
        return 1
    address = f"http://{HOST}:{port}"
    var = workplace.var_folder()
    stack = ExitStack()
    started = False
    with stopping_by_signals():
        try:
            stack.enter_context(workplace.hold(var, workplace.Holder(pid=os.getpid(), purpose="demo", address=address)))
            if not until(lambda: port_is_free(int(port)), seconds=2, every=0.2):
                raise ServerFailed(
                    f"Port {port} is in use by another program: stop that, or choose another port with "
                    f"PORT={int(port) + 1} make demo."
                )
            started = True
            return run(var, address, options.since, stack)
        except Stopped:
            say("\nStopping ...")
            return 0
        except workplace.Busy as busy:
            where = f" at {busy.holder.address}/" if busy.holder.address else ""
            say(f"MACE is already running (pid {busy.holder.pid}){where} on the data in {var}.")
            return 1
        except (ServerFailed, StepFailed) as failure:
            say(str(failure))
            return 1
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            begun = time.monotonic()
            stack.close()
            if started:
                say(f"Stopped after {time.monotonic() - begun:.1f} s.")


def run(var: Path, address: str, since: float, stack: ExitStack) -> int:
    """Set up, start, say where, and watch. Whatever is started is put on `stack`, which ends it."""
    environment = workplace.product_environment(var, address)
    owner, web, worker = ({**environment, "MACE_DB_ROLE": role} for role in ("owner", "web", "worker"))

    postgres, valkey = workplace.servers_needed(var)
    start_servers(postgres, valkey, stack)
    if postgres is not None:
        workplace.prepare_database(postgres)

    _step("Tables and keys", [["migrate", "--no-input", "--verbosity", "0"], ["bootstrap"]], owner)
    collect_static(var, web)

    supervisor = Supervisor()
    stack.callback(supervisor.stop, within=SECONDS_FOR_PROCESSES)
    python = [sys.executable, "-m"]
    # The web loads while the seed is sown; the worker and beat must not find half of it.
    supervisor.start("web", [*python, *_gunicorn(address)], web, when_orphaned=signal.SIGKILL)
    sown, people = _step("Invented people and cases", [["seed_demo"], ["demo_people"]], worker)
    say(sown)
    # As root, Celery advises against it at length, which only matters for other serialisers than ours.
    calm = {**worker, "PYTHONWARNINGS": "ignore:::celery.platforms"}
    supervisor.start("worker", [*python, *_worker()], calm, when_orphaned=signal.SIGKILL)
    supervisor.start("beat", [*python, *_beat(var)], worker, when_orphaned=signal.SIGKILL)
    _wait_until_it_answers(supervisor, address)

    say(f"\n{people}\n")
    say(f"MACE is ready after {time.time() - since:.0f} s: {address}/")
    say("Stop it with Ctrl-C. Everything is kept in var/ for the next time; make demo-reset starts afresh.")
    ended = supervisor.watch()
    say(f"{ended.end_of()}: stopping all the rest.")
    return 1


def start_servers(postgres: Postgres | None, valkey: Valkey | None, stack: ExitStack) -> None:
    """Start those that are given; `stack` ends Valkey first, then PostgreSQL."""
    for server in (postgres, valkey):
        if server is not None:
            begun = time.monotonic()
            stack.callback(server.stop, within=SECONDS_FOR_A_SERVER)
            server.start()
            say(f"{server.name}: started in {time.monotonic() - begun:.1f} s.")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on that port of this computer."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def collect_static(var: Path, environment: Mapping[str, str]) -> None:
    """Gather the static files, unless none has changed since the last time."""
    stamp = var / "static.stamp"
    current = _fingerprint([workplace.ROOT / "static", var / "assets"], [workplace.ROOT / "requirements" / "base.txt"])
    if (var / "static").is_dir() and stamp.is_file() and stamp.read_text() == current:
        return
    stamp.unlink(missing_ok=True)
    _step("Static files", [["collectstatic", "--no-input", "--clear", "--verbosity", "0"]], environment)
    stamp.write_text(current)


def _fingerprint(folders: Sequence[Path], files: Sequence[Path]) -> str:
    """A text that changes when a file is added, removed or written."""
    found = sorted({*files, *(path for folder in folders for path in folder.rglob("*") if path.is_file())})
    digest = hashlib.sha256()
    for path in found:
        state = path.stat()
        digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _step(title: str, commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> list[str]:
    """Run management commands in one process, say how long it took, and return what each wrote."""
    begun = time.monotonic()
    say(f"{title} ...")
    words = [word for command in commands for word in (THEN, *command)]
    output = run_step([sys.executable, "-m", "mace.embedded.commands", *words], environment, name=f"The step {title!r}")
    say(f"{title}: done in {time.monotonic() - begun:.1f} s.")
    return [part.strip() for part in output.split(END_OF_OUTPUT)][: len(commands)]


def _gunicorn(address: str) -> list[str]:
    memory = ["--worker-tmp-dir", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []  # noqa: S108 (heartbeats: empty files)
    workers = min(os.cpu_count() or 2, MOST_WORKERS)
    return [
        *("gunicorn", "--preload", "--worker-class", "gthread", "--workers", str(workers), "--threads", "2"),
        *("--bind", address.removeprefix("http://"), "--graceful-timeout", "4", "--timeout", "60"),
        *("--config", "python:mace.embedded.web", "--no-control-socket", "--log-level", "warning"),
        *memory,
        "mace.wsgi",
    ]


def _worker() -> list[str]:
    return [
        *("celery", "--quiet", "--app", "mace.celery", "worker", "--concurrency", "2", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--hostname", "mace@localhost"),
    ]


def _beat(var: Path) -> list[str]:
    (var / "beat").mkdir(exist_ok=True)
    return [
        "celery",
        "--quiet",
        "--app",
        "mace.celery",
        "beat",
        "--schedule",
        str(var / "beat" / "schedule"),
        "--pidfile=",
        "--loglevel",
        "WARNING",
    ]


def _wait_until_it_answers(supervisor: Supervisor, address: str, *, seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while (status := _status_of(address)) is None:
        if (ended := supervisor.first_ended()) is not None:
            supervisor.pump(0.3)
            raise ServerFailed(f"{ended.end_of()} before the site answered.")
        if time.monotonic() > limit:
            raise ServerFailed(f"The site did not answer within {seconds:.0f} s.")
        supervisor.pump(0.1)
    if status >= 500:
        supervisor.pump(0.5)
        raise ServerFailed(f"The site answers with the error {status}.")


def _status_of(address: str) -> int | None:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
