"""Pure. Numbers and days that commands are given, read so that a wrong one is said in words."""

import argparse
from datetime import date


def natural(text: str) -> int:
    """A whole number, 0 and up."""
    return _whole(text, 0)


def count(text: str) -> int:
    """A whole number, 1 and up."""
    return _whole(text, 1)


def port(text: str) -> int:
    """A TCP port."""
    return _whole(text, 1, 65_535)


def seconds(text: str) -> float:
    """A span of time, more than nothing and at most a day."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from above 0 to 86400")
    return value


def day(text: str) -> date:
    """A day of the calendar, as in 2024-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day, as in 2024-01-31") from None


def _whole(text: str, least: int, most: int = 2**31 - 1) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return number
