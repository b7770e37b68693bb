"""No two modules import one another, by whatever way and at whatever moment."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture.circles import circles
from tests.architecture.rules import ROOT, modules

A = "services/classifier/model.py"
B = "services/classifier/hub/load.py"
C = "services/classifier/lexicon/load.py"


def test_nothing_imports_what_imports_it() -> None:
    assert circles(modules(ROOT)) == []


@pytest.mark.parametrize(
    "sources",
    [
        {A: "from services.classifier.hub.load import f", B: "from services.classifier.model import Model"},
        {A: "def load():\n    from services.classifier.hub.load import f", B: "import services.classifier.model"},
        {A: "import services.classifier.hub.load", B: "if TYPE_CHECKING:\n    import services.classifier.model"},
        {
            A: "from services.classifier.hub import load",
            B: "from services.classifier.lexicon import load",
            C: "from services.classifier.model import Model",
        },
        {
            "shared/bus/__init__.py": "from shared.bus.kafka import K",
            "shared/bus/kafka.py": "from shared.bus import B",
        },
        {  # a package is opened on the way to what lies in it
            "services/classifier/hub/__init__.py": "import services.classifier.model",
            A: "from services.classifier.hub.load import f",
            B: "",
        },
    ],
    ids=("plain", "late", "types", "by-way-of-another", "package-and-part", "opened-on-the-way"),
)
def test_a_planted_circle_is_named_with_its_imports(sources: Mapping[str, str], tmp_path: Path) -> None:
    said = circles(modules(planted(tmp_path, sources)))
    assert len(said) == 1
    guilty = [path for path, source in sources.items() if source]
    assert [path for path in guilty if f"{path}:" not in said[0]] == []


def test_two_circles_are_two(tmp_path: Path) -> None:
    sources = {
        A: "import services.classifier.hub.load",
        B: "import services.classifier.model",
        "shared/one.py": "import shared.two",
        "shared/two.py": "import shared.one, services.classifier.model",
    }
    first, second = circles(modules(planted(tmp_path, sources)))
    assert "shared.one" not in first
    assert second.startswith("shared.one, shared.two import one another")


def test_parts_of_a_package_may_use_what_stands_in_its_front(tmp_path: Path) -> None:
    sources = {
        "shared/bus/__init__.py": "from shared.items import Item",
        "shared/items.py": "",
        "shared/bus/kafka.py": "from shared.bus import Bus\nfrom shared.bus.notes import Note",
        "shared/bus/notes.py": "import shared.bus",
    }
    assert circles(modules(planted(tmp_path, sources))) == []


def planted(root: Path, sources: Mapping[str, str]) -> Path:
    for path, source in sources.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, "utf-8")
    return root
