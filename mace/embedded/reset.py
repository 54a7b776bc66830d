"""`make demo-reset`: removes the demo's data, mail and secrets; keeps what the build made."""

from __future__ import annotations

import os
import shutil
import sys

from mace.embedded import workplace
from mace.embedded.servers import ServerFailed, socket_folder
from mace.embedded.supervisor import say


def main() -> int:
    """Remove the data, unless somebody works on it. The status is 1 when somebody does."""
    var = workplace.var_folder()
    try:
        with workplace.hold(var, workplace.Holder(pid=os.getpid(), purpose="reset")):
            for name in workplace.DATA:
                path = var / name
                try:
                    sockets = socket_folder(path) if path.is_dir() else path
                except ServerFailed:
                    sockets = path
                for each in {path, sockets}:
                    if each.is_dir():
                        shutil.rmtree(each)
                    else:
                        each.unlink(missing_ok=True)
    except workplace.Busy as busy:
        say(f"MACE is running (pid {busy.holder.pid}): stop it first.")
        return 1
    say(f"The demo's data in {var} is gone; make demo begins afresh.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
