"""Names this run of the machine: what was written, but perhaps not to the disk, holds as long as it lasts."""

from functools import cache
from pathlib import Path
from secrets import token_hex


@cache
def boot() -> str:
    """The kernel's word; where it has none, this process alone."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return token_hex(8)
