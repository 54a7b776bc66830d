"""Processes under supervision end together: in order when asked, at once when we are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mace.embedded.children import until
from mace.embedded.supervisor import StepFailed, Supervisor, run_step
from tests.embedded.test_servers import ROOT, processes_that_mention

PARENT = """
import signal, sys
from pathlib import Path
from mace.embedded.supervisor import Stopped, Supervisor, say, stopping_by_signals
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the suite may have it ignored, as nohup does
supervisor = Supervisor()
with stopping_by_signals():
    try:
        for name in ("first", "second"):
            program = [sys.executable, "-c", {child!r}, {mark!r} + "/" + name]
            supervisor.start(name, program, {{}}, when_orphaned=signal.SIGKILL)
        say("up")
        ended = supervisor.watch()
        say(ended.end_of())
    except Stopped as stopped:
        say(str(stopped))
    finally:
        supervisor.stop(within=2)
"""
PATIENT = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
)


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    yield str(tmp_path)
    assert until(lambda: processes_that_mention(str(tmp_path)) == [], seconds=10)


def supervised(child: str, mark: str) -> subprocess.Popen[str]:
    program = PARENT.format(child=child, mark=mark)
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    seen = ""
    while seen.count("here") < 2 or "up" not in seen:
        seen += parent.stdout.readline()
    return parent


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all(mark: str, asked: signal.Signals) -> None:
    parent = supervised(PATIENT, mark)
    parent.send_signal(asked)
    output, _ = parent.communicate(timeout=10)
    assert output.splitlines() == [asked.name]
    assert parent.returncode == 0


def test_what_does_not_listen_is_killed_in_time(mark: str) -> None:
    parent = supervised(STUBBORN, mark)
    begun = time.monotonic()
    parent.send_signal(signal.SIGINT)
    output, _ = parent.communicate(timeout=10)
    assert output.splitlines() == [
        "SIGINT",
        "first did not end in time and was killed.",
        "second did not end in time and was killed.",
    ]
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("child", [PATIENT, STUBBORN])
def test_a_killed_supervisor_leaves_no_process(mark: str, child: str) -> None:
    parent = supervised(child, mark)
    parent.kill()
    parent.communicate(timeout=10)


def test_a_child_that_ends_is_named(mark: str) -> None:
    parent = supervised(PATIENT, mark)
    (second,) = processes_that_mention(f"{mark}/second")
    os.kill(second, signal.SIGKILL)
    output, _ = parent.communicate(timeout=10)
    assert output.splitlines() == ["second was ended by SIGKILL"]
    assert processes_that_mention(f"{mark}/first") == []


def test_output_is_shown_line_by_line_after_the_name(capsys: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor()
    program = "import sys; sys.stdout.write('one\\n\\ntwo'); sys.exit(3)"
    supervisor.start("child", [sys.executable, "-c", program], os.environ, when_orphaned=signal.SIGKILL)
    ended = supervisor.watch()
    supervisor.stop(within=1)
    assert capsys.readouterr().out == "child  | one\nchild  | two\n"
    assert ended.end_of() == "child ended with status 3"


def test_a_step_returns_its_output_and_a_failed_one_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_step([sys.executable, "-c", "print('well')"], os.environ, name="step") == "well"
    with pytest.raises(StepFailed, match=r"^step failed with status 1\.$"):
        run_step([sys.executable, "-c", "raise SystemExit('badly')"], os.environ, name="step")
    assert capsys.readouterr().out == "badly\n"


def test_the_demo_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import subprocess, sys, time
        code = "import sys, signal, time; from mace.embedded.children import die_with_parent;" \\
               "die_with_parent(signal.SIGTERM); print('here', flush=True); time.sleep(600)"
        subprocess.Popen([sys.executable, "-c", code, {str(tmp_path)!r}])
        time.sleep(600)
    """)
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"here\n"
        parent.kill()
    assert until(lambda: processes_that_mention(str(tmp_path)) == [], seconds=5)
