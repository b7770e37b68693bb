"""What commands say of numbers and days that are none: words, for every option that takes one."""

import argparse
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli import COMMANDS
from services.cli.arguments import count, day, natural, port, seconds
from tests.unit.cli.said import Vigie


def _options(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, argparse.Action]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from _options(inner, f"{path} {name}")
        elif action.type not in (None, Path) and action.help != argparse.SUPPRESS:
            yield f"{path} {'/'.join(action.option_strings) or action.dest}", action


def _typed() -> list[tuple[str, argparse.Action]]:
    found = []
    for name, (module, _) in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=name)
        importlib.import_module(f"services.cli.{module}").configure(parser)
        found += _options(parser, name)
    return found


@pytest.mark.parametrize(("where", "action"), [pytest.param(where, one, id=where) for where, one in _typed()])
@pytest.mark.parametrize("text", ["-1", "x", "1e999", ""])
def test_every_typed_option_refuses_what_is_none_of_its_values_in_words(
    where: str, action: argparse.Action, text: str
) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"\w"):
        action.type(text)  # type: ignore[operator]


def test_a_number_is_held_to_its_bounds() -> None:
    assert (natural("0"), count("1"), port("65535"), seconds("0.5"), str(day("2024-02-29"))) == (
        0,
        1,
        65_535,
        0.5,
        "2024-02-29",
    )
    for read, text in ((count, "0"), (port, "65536"), (seconds, "nan"), (day, "2023-02-29"), (natural, "9" * 30)):
        with pytest.raises(argparse.ArgumentTypeError, match=text[:10]):
            read(text)


def test_a_negative_limit_of_deliveries_is_refused_by_name(
    vigie: Vigie, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        vigie("deliveries", "list", "--limit", "-1")
    assert "'-1' is no whole number from 0 to" in capsys.readouterr().err
