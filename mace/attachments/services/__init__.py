"""What can be done with files: kept, removed, scanned, swept."""

from mace.attachments.services.keeping import Examined, examine, keep_file, remove_file
from mace.attachments.services.tidying import scan_files, sweep_files

__all__ = ["Examined", "examine", "keep_file", "remove_file", "scan_files", "sweep_files"]
