"""Django's PostgreSQL backend, which tells the server at the start of each outermost transaction whom it works for.

The setting is local to the transaction, so a pooled or reused connection never carries one person's seat to the next.
Without a seat the setting is empty and the row-level security policies match nothing.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from mace.core.seat import current_reason, current_seat

ANNOUNCE = "select set_config('mace.seat', $1, true), set_config('mace.reason', $2, true)"


class DatabaseWrapper(base.DatabaseWrapper):
    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit:
            self.announce_seat()

    def announce_seat(self) -> None:
        """Send the seat's token as a bound parameter, so that it does not stand in ``pg_stat_activity``."""
        seat = current_seat()
        with self.wrap_database_errors, psycopg.RawCursor(self.connection) as cursor:
            cursor.execute(ANNOUNCE, [seat.token() if seat else "", current_reason()])
