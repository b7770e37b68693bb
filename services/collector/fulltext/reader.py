"""Starts the process that reads one document (see `child`), and ends it when its time is up.

Pages and PDFs are other people's: one that would keep a library busy for minutes, or eat the memory, costs its own
process. It gets none of our settings, and so no password.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from shared.config import environment_with
from shared.errors import NotAFeed
from shared.web.client import Fetched

AT_ONCE: Final = 2  # processes, and so a bound for the memory of all
LONGEST: Final = 2_000_000  # characters of an answer
PDF: Final = b"%PDF-"
_ROOT: Final = str(Path(__file__).resolve().parents[3])
_BOOT: Final = (
    "import sys; root = sys.argv.pop(1); root in sys.path or sys.path.append(root); "
    "from services.collector.fulltext.child import main; sys.exit(main())"
)


@dataclass(frozen=True, slots=True)
class Words:
    """What a document says, and the PDFs that it links to."""

    text: str
    pdfs: tuple[str, ...] = ()


class Reader:
    """Reads documents, each in a process of its own. Thread-safe."""

    def __init__(self) -> None:
        self._places = BoundedSemaphore(AT_ONCE)

    def read(self, fetched: Fetched, seconds: float) -> Words:
        """The words of a page or a PDF, within `seconds`. Raises NotAFeed, in words, where there are none."""
        asked = {
            "pdf": is_pdf(fetched),
            "url": fetched.url,
            "content_type": fetched.content_type,
            "robots_tag": fetched.robots_tag,
            "tdm_header": fetched.tdm_reservation,
        }
        if not self._places.acquire(timeout=max(0.0, seconds)):
            raise NotAFeed("other documents were being read, and the time is up")
        try:
            done = subprocess.run(
                (sys.executable, "-P", "-c", _BOOT, _ROOT),
                input=json.dumps(asked).encode() + b"\n" + fetched.body,
                capture_output=True,
                timeout=max(0.1, seconds),
                env=environment_with({}),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NotAFeed(f"the document was not read in {seconds:.0f} s") from error
        finally:
            self._places.release()
        return _words(done)


def is_pdf(fetched: Fetched) -> bool:
    """By its first bytes: servers call PDFs many things."""
    return PDF in fetched.body[:1024]


def _words(done: "subprocess.CompletedProcess[bytes]") -> Words:
    try:
        answer = json.loads(done.stdout[:LONGEST])
    except ValueError as error:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2].partition(":")[0]
        raise NotAFeed(
            f"the document broke what reads it ({last[:60] or f'signal {-done.returncode}'})"
        ) from error
    if why := answer.get("why"):
        raise NotAFeed(str(why))
    return Words(answer["text"], tuple(answer["pdfs"]))
