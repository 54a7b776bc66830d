"""A pytest plugin: a run in which a test was skipped has failed. Use it with `-p mace.embedded.no_skips`."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn success into failure when anything was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a worker of a parallel run: the one that started it counts
        return
    skipped = len(reporter.stats.get("skipped", ()))
    if skipped and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        reporter.ensure_newline()
        reporter.write_line(f"{skipped} skipped: every test must run, so this run has failed.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
