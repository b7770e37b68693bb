"""Log records with fields: past-tense message, `extra` fields, no prose, no secrets, no mail addresses."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


def configure_logging(level: str, form: str) -> None:
    """One handler on standard error for the whole process; `form` is text or json."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # imapclient and dkimpy would write whole mails
    noisy_ones = "httpx httpcore httpx2 httpcore2 apscheduler uvicorn.access alembic imapclient dkimpy"
    for noisy in noisy_ones.split():
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # ten lines a second while a topic is missing; what goes wrong comes back as an error, which we say once
    logging.getLogger("kafka").setLevel(logging.WARNING if level.upper() == "DEBUG" else logging.CRITICAL)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class TextFormatter(logging.Formatter):
    """`2026-11-21T10:00:00Z INFO collector.poll polled source=dfki new=3`"""

    def format(self, record: logging.LogRecord) -> str:
        moment = (
            datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        line = f"{moment} {record.levelname} {record.name.removeprefix('services.')} {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        shown: dict[str, object] = {
            "at": moment,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        } | _fields(record)
        if record.exc_info:
            shown["error"] = self.formatException(record.exc_info)
        return json.dumps(shown, ensure_ascii=False, default=str)
