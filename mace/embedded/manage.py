"""`make manage CMD="…"`: any management command on the demo's data.

The running demo's servers serve it; when none runs, they are started for as long as the command lasts.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from mace.embedded import workplace
from mace.embedded.children import die_with_parent, until
from mace.embedded.servers import ServerFailed
from mace.embedded.supervisor import StepFailed, run_step, say

ADDRESS = "http://127.0.0.1:8000"


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its status."""
    if not arguments:
        say('Name a command: make manage CMD="showmigrations".')
        return 2
    var = workplace.var_folder()
    me = workplace.Holder(pid=os.getpid(), purpose="command")
    with ExitStack() as stack:
        try:
            try:
                stack.enter_context(workplace.hold(var, me))
            except workplace.Busy as busy:
                if busy.holder.purpose == "demo":
                    environment = workplace.product_environment(var, busy.holder.address or ADDRESS)
                    _wait_for_servers(busy.holder)
                    return run_here(workplace.manage_command(*arguments), environment)
                say(f"Another command (pid {busy.holder.pid}) works on the data: waiting for it to end.")
                stack.enter_context(workplace.hold(var, me, wait=True))
            environment = workplace.product_environment(var, ADDRESS)
            postgres, valkey = workplace.servers_needed(var)
            for server in (postgres, valkey):
                if server is not None:
                    stack.enter_context(server)
            if postgres is not None and workplace.prepare_database(postgres) and arguments[0] != "migrate":
                for step in (["migrate", "--no-input", "--verbosity", "0"], ["bootstrap"]):
                    run_step(workplace.manage_command(*step), environment, name=f"manage.py {step[0]}")
            return run_here(workplace.manage_command(*arguments), environment)
        except (ServerFailed, StepFailed) as failure:
            say(str(failure))
            return 1


def run_here(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command in this terminal and return its status. It ends with us; Ctrl-C is its own affair while it runs."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # not SIG_IGN, which the command would inherit
    try:
        with subprocess.Popen(
            command,
            env=dict(environment),
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (calls only the C library)
        ) as process:
            return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _wait_for_servers(holder: workplace.Holder) -> None:
    """Wait for a demo that has only begun to start."""
    for server in workplace.servers_needed(workplace.var_folder()):
        if server is not None and not until(server.answers, seconds=30, every=0.2):
            raise ServerFailed(f"The demo (pid {holder.pid}) has not started its {server.name}: look at what it says.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
