"""Pure. Cuts from a newsletter what is about its reader and not about the news: greeting, footer, forwarding."""

from collections.abc import Collection, Sequence

from services.collector.newsletter.lines import Line
from services.collector.newsletter.links import Leads, Links
from services.collector.newsletter.words import FIELD, FOOTER, FORWARDED, GREETING, is_business


class Cut:
    """`recipients` are addresses and names of whom the mail came to."""

    def __init__(self, recipients: Collection[str]) -> None:
        self._recipients = [each for each in recipients if len(each) > 4]

    def lines(self, lines: Sequence[Line], links: Links) -> list[Line]:
        """The lines that say something of the news: the footer ends them."""
        kept: list[Line] = []
        for line in lines:
            if FOOTER.match(line.text):
                break
            away = [link for each in line.anchors if (link := links.read(each.href, each.words))]
            if line.whole and away and all(link.leads is Leads.AWAY for link in away):
                continue
            if not self._is_personal(line.text) and not is_business(line.text):
                kept.append(line)
        return kept

    def text(self, lines: Sequence[str]) -> list[str]:
        """The same for lines without links; the fields of a forwarded mail go too."""
        kept: list[str] = []
        forwarded = 0
        for line in lines:
            if FORWARDED.fullmatch(line):
                kept, forwarded = [], 8  # what stands above it are the words of who forwards
                continue
            if forwarded and (FIELD.fullmatch(line) or not line.strip()):
                forwarded -= 1
                continue
            forwarded = 0
            if FOOTER.match(line):
                break
            if not self._is_personal(line) and not is_business(line):
                kept.append(line)
        return kept

    def is_greeting(self, text: str) -> bool:
        return bool(GREETING.match(text.partition("\n")[0]))

    def _is_personal(self, line: str) -> bool:
        """Whether a line greets the reader, or names them."""
        said = line.lower()
        greets = len(line) <= 110 and GREETING.fullmatch(line) and line.rstrip().endswith((",", "!", ":", "."))
        return bool(greets) or any(each in said for each in self._recipients)
