"""Print what completes commands, options and choices in a shell: bash, or zsh by its bash layer.

In ~/.bashrc stands: eval "$(vigie completion bash)"; in ~/.zshrc the same with zsh.

example: vigie completion bash > /etc/bash_completion.d/vigie
exit codes: 0 done, 2 usage
"""

import argparse
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote
from typing import Final

from shared.config import Settings

SHELLS: Final = ("bash", "zsh")
_LAYER: Final = "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n"  # for zsh
_SCRIPT: Final = """\
_vigie() {
    local word="${COMP_WORDS[COMP_CWORD]}" words="" options=""
    case "${COMP_WORDS[*]:1:$((COMP_CWORD - 1))}" in
%s
    esac
    case "$word" in -*) words="$options" ;; esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _vigie vigie
"""


@dataclass(frozen=True, slots=True)
class Follows:
    """What may follow a command line: after one of its options that option's values, else words and options."""

    path: str
    option: str
    words: tuple[str, ...]
    options: tuple[str, ...] = ()

    def case(self) -> str:
        """The branch of the script. Without words the shell offers files."""
        lead = f"{quote(self.path)}*{quote(f' {self.option}')}" if self.option else self._begun()
        return f"        {lead}) words={quote(' '.join(self.words))} options={quote(' '.join(self.options))} ;;"

    def _begun(self) -> str:
        return f"{quote(self.path)}|{quote(f'{self.path} ')}*" if self.path else "''"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS)


def run(args: argparse.Namespace, _settings: Settings) -> int:
    cases = "\n".join(one.case() for one in _every())
    print((_LAYER if args.shell == "zsh" else "") + _SCRIPT % cases, end="")
    return 0


def _every() -> Iterator[Follows]:
    from services.cli import COMMANDS

    yield Follows("", "", tuple(COMMANDS), ("--help", "--version"))
    for name, (module, _) in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=name)
        importlib.import_module(f"services.cli.{module}").configure(parser)
        yield from _of(name, parser)


def _of(path: str, parser: argparse.ArgumentParser) -> Iterator[Follows]:
    """Longer lines and options first: the first branch that fits counts."""
    words: list[str] = []
    options: list[str] = []
    for action in parser._actions:  # argparse has no public way to what it was given
        if action.help == argparse.SUPPRESS:
            continue
        values = tuple(map(str, action.choices or ()))
        options += action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from _of(f"{path} {name}", inner)
        if not action.option_strings:
            words += values
        elif action.nargs != 0:
            yield from (Follows(path, option, values) for option in action.option_strings)
    yield Follows(path, "", tuple(words), tuple(options))
