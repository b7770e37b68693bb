"""A damaged encoder is a sentence, wherever the damage is."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from services.classifier.shipped.artefact import ENCODER
from services.classifier.shipped.artefact import SHIPPED as TUNED
from shared.manifest import MANIFEST, Damaged, digest
from shared.meaning.artefact import FILES, GRAPH, PIECES, ROWS, load
from shared.meaning.encoder import SHIPPED, Lazy
from shared.meaning.network import Network


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "artefact"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("name", [*FILES, MANIFEST])
@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
def test_a_damaged_file_is_named(folder: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(folder / name)
    with pytest.raises(Damaged, match=r"artefact") as error:
        load(folder)
    assert "Install Vigie again" in str(error.value)


@pytest.mark.parametrize("said", ["[]", "{}", '{"version": "x"}', '{"version": "x", "files": []}', "null"])
def test_a_manifest_that_says_nothing_is_none(folder: Path, said: str) -> None:
    (folder / MANIFEST).write_text(said)
    with pytest.raises(Damaged, match="is not a manifest"):
        load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_kind_is_refused_though_its_digest_holds(folder: Path, name: str) -> None:
    if name == PIECES:
        (folder / name).write_text("Nichts")
    elif name == ROWS:
        np.save(folder / name, np.zeros((3, 384), np.uint8))
    elif name == GRAPH:
        (folder / name).write_bytes(b"not a graph")
    else:
        np.savez(folder / name, group=np.zeros(3, np.uint8))
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][name] = digest(folder / name)
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Damaged, match="cannot be loaded"):
        load(folder)


def test_the_graph_of_another_network_is_refused() -> None:
    with pytest.raises(ValueError, match="of another network"):
        Network(load(SHIPPED).network.rows, TUNED / ENCODER)


def test_damage_is_found_once_and_said_every_time(folder: Path) -> None:
    lazy = Lazy(folder)
    flip(folder / GRAPH)
    for _ in range(2):
        with pytest.raises(Damaged, match="is damaged"):
            lazy()
    shutil.copy(SHIPPED / GRAPH, folder / GRAPH)
    with pytest.raises(Damaged, match="is damaged"):  # mended files are read at the next start
        lazy()


def test_it_is_loaded_once(folder: Path) -> None:
    lazy = Lazy(folder)
    assert lazy() is lazy()
