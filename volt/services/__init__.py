"""What can be done with VOLT: one verb each. The seat and the moment are passed in, never read."""

from mace.access.policy import may_handle_tightly
from volt.services.accepting import accept_as_record
from volt.services.links import follow_case, from_mentions, link_records
from volt.services.records import (
    NOTHING_SAID,
    RECORD,
    Said,
    record_group,
    record_location,
    record_person,
    record_theme,
)

__all__ = [
    "NOTHING_SAID",
    "RECORD",
    "Said",
    "accept_as_record",
    "follow_case",
    "from_mentions",
    "link_records",
    "may_handle_tightly",
    "record_group",
    "record_location",
    "record_person",
    "record_theme",
]
