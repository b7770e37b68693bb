"""The import rules hold, and each of them notices a planted violation."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture import rules
from tests.architecture.rules import ROOT, Module, modules

Rule = Callable[[Module], Iterator[str]]

# rule -> (file, source) that breaks it
PLANTED: Final[dict[Rule, tuple[tuple[str, str], ...]]] = {
    rules.shared_imports_services: (
        ("shared/items.py", "from services.collector import decide"),
        ("shared/deep/down.py", "def f():\n    import services.portal"),
    ),
    rules.a_service_imports_another: (
        ("services/portal/pages/item.py", "from services.notifier.compose import letter"),
        ("services/portal/app.py", "def f():\n    import services.cli.run"),
        ("services/portal/odd.py", "from services import notifier"),
    ),
    rules.a_service_is_imported_before_it_is_asked_for: (
        ("services/cli/run.py", "from services.portal import app"),
        ("services/cli/run.py", "if True:\n    import services.portal.app"),
    ),
    rules.a_package_is_used_past_its_door: (
        ("services/collector/poll.py", "import feedparser"),
        ("services/notifier/deliver.py", "from smtplib import SMTP"),
        ("services/collector/fetch.py", "def f():\n    import httpx"),
        ("services/collector/poll.py", "from urllib.request import urlopen"),
        ("services/portal/pages/latest.py", "from sqlmodel import select"),
        ("shared/text/fold.py", "import sqlalchemy.orm"),
        ("services/portal/app.py", "import os\nHOME = os.environ['HOME']"),
    ),
    rules.a_pure_module_is_not: (
        ("shared/query/match.py", '"""Pure. Matching."""\nfrom shared.store import Store'),
        ("services/collector/decide.py", '"""Pure. Decides."""\nfrom shared.clock import SystemClock'),
        ("services/collector/decide.py", '"""Pure."""\nfrom datetime import datetime\nNOW = datetime.now()'),
        ("services/collector/decide.py", '"""Pure."""\ndef f():\n    import httpx'),
    ),
}

ALLOWED: Final = (
    ("services/portal/pages/latest.py", "from sqlmodel import Session"),
    ("services/portal/app.py", "from services.portal.site import Site\nfrom shared.store import Store"),
    ("services/cli/run.py", "def f():\n    from services.portal import app"),
    ("services/cli/run.py", "if TYPE_CHECKING:\n    from services.portal import app"),
    ("services/collector/parse.py", "import feedparser"),
    (
        "services/collector/decide.py",
        '"""Pure."""\nfrom shared.clock import rfc3339\nfrom datetime import datetime',
    ),
)


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_nothing_breaks_the_rule(rule: Rule) -> None:
    assert [said for module in modules(ROOT) for said in rule(module)] == []


@pytest.mark.parametrize(
    ("rule", "path", "source"), [(rule, *plant) for rule, plants in PLANTED.items() for plant in plants]
)
def test_a_planted_violation_is_noticed(rule: Rule, path: str, source: str, tmp_path: Path) -> None:
    assert [said for module in _tree(tmp_path, path, source) for said in rule(module)]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_what_the_rules_allow_passes_them_all(path: str, source: str, tmp_path: Path) -> None:
    assert [said for module in _tree(tmp_path, path, source) for rule in PLANTED for said in rule(module)] == []


def test_every_door_still_leads_somewhere() -> None:
    """A pattern that no file matches any more is a hole waiting for a file of that name."""
    paths = [module.path for module in modules(ROOT)]
    patterns = {pattern for allowed in rules.DOORS.values() for pattern in allowed}
    assert sorted(p for p in patterns if not any(rules.matches(path, (p,)) for path in paths)) == []


def _tree(root: Path, path: str, source: str) -> tuple[Module, ...]:
    file = root / path
    file.parent.mkdir(parents=True)
    file.write_text(source, "utf-8")
    return modules(root)
