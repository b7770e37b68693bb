"""Updates feeds with `reader`, in a Python of its own. Prints a line of JSON for each phase, as `polling.py` does.

example: /path/to/venv/bin/python benchmarks/common/with_reader.py FOLDER URLS WORKERS cold warm
"""

# ruff: noqa: T201 - the parent reads it

import json
import resource
import sys
import time
from pathlib import Path

from reader import make_reader


def main() -> None:
    folder, urls, workers, *phases = sys.argv[1:]
    reader = make_reader(str(Path(folder) / "reader.db"))
    for url in Path(urls).read_text("utf-8").split():
        reader.add_feed(url)
    for phase in phases:
        sys.stdin.readline()  # the parent says when
        began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        reader.update_feeds(workers=int(workers), scheduled=False)
        wall, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
        cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        counts = reader.get_entry_counts().total
        print(
            json.dumps({"phase": phase, "wall": wall, "cpu": cpu, "entries": counts, "peak": now.ru_maxrss / 1024})
        )
        sys.stdout.flush()
    reader.close()


main()
