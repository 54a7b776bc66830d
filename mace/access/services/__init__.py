"""Changing who may see what: records and grants, sharing decisions, named people, restrictions and bars."""

from mace.access.services.disclosing import decisions_in_force, disclose, end_of_day, widest_in_force, withdraw
from mace.access.services.naming import name_person, unname_person
from mace.access.services.records import (
    Opened,
    clear_ended_grants,
    grants_on,
    open_record,
    open_records,
    set_about,
    share,
    unshare,
)
from mace.access.services.restricting import bar_person, lift_bar, lift_restriction, restrict

__all__ = [
    "Opened",
    "bar_person",
    "clear_ended_grants",
    "decisions_in_force",
    "disclose",
    "end_of_day",
    "grants_on",
    "lift_bar",
    "lift_restriction",
    "name_person",
    "open_record",
    "open_records",
    "restrict",
    "set_about",
    "share",
    "unname_person",
    "unshare",
    "widest_in_force",
    "withdraw",
]
