"""The recipe from end to end on a toy: a random encoder of two layers, and a handful of texts.

Needs what training needs (the extra `train`), which the default environment does not have.
"""

from pathlib import Path
from typing import Any

import pytest

WHY = "training needs the extra `train`: pip install -e '.[train]'"
torch: Any = pytest.importorskip("torch", reason=WHY)
pytest.importorskip("sklearn", reason=WHY)
pytest.importorskip("onnxscript", reason=WHY)

pytestmark = pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own parts

WORDS = "strom wind netz klinik arzt pflege und der die neue von power grid hospital énergie santé".split()


@pytest.fixture
def encoder_folder(tmp_path: Path) -> Path:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    signs = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate([*signs, *WORDS])}, "[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    folder = tmp_path / "encoder"
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    shape = BertConfig(
        vocab_size=len(signs) + len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(shape).save_pretrained(folder)
    return folder


def texts() -> list[Any]:
    from services.classifier.labels import labels
    from services.classifier.training.material import Example

    found = []
    for number in range(60):
        energy = number % 2 == 0
        given = dict.fromkeys(labels(), 0.0) | {"energy" if energy else "health": 1.0}
        title = ("strom von wind " if energy else "klinik und pflege ") + WORDS[number % len(WORDS)]
        found.append(
            Example(
                f"t{number}",
                f"g{number}",
                "de",
                title,
                "die neue " * (number % 5),
                given,
                1.0,
                "real",
                kind="media",
            )
        )
    return found


def test_distillation_goes_on_where_it_was_interrupted(encoder_folder: Path, tmp_path: Path) -> None:
    from services.classifier.training.distil import Parallel, distil, targets
    from services.classifier.training.encoders import Encoder

    publications = [Parallel(dict.fromkeys(("de", "fr", "en"), (word, word * 2))) for word in WORDS * 3]
    terms = [{"en": ["power"], "de": ["strom"], "fr": ["énergie"]}]
    meet = targets(Encoder(encoder_folder), publications, terms, tmp_path / "teacher.pt")
    distil(Encoder(encoder_folder), publications, terms, meet, 2, tmp_path / "work")
    state = torch.load(tmp_path / "work" / "state.pt", weights_only=True)
    again = distil(Encoder(encoder_folder), publications, terms, meet, 2, tmp_path / "work")
    assert state["step"] > 0
    for name, weight in again.state_dict().items():
        assert torch.equal(weight, state["model"][name])


def test_the_finished_model_tags_what_it_was_taught(encoder_folder: Path, tmp_path: Path) -> None:
    from services.classifier.lexicon.load import load_lexicon
    from services.classifier.model import ClassifiableText
    from services.classifier.shipped.load import load_shipped
    from services.classifier.training import recipe
    from services.classifier.training.encoders import Encoder
    from services.classifier.training.features import Prepared, features
    from services.classifier.training.plan import Plan
    from services.classifier.training.refit import refit

    plan = Plan(tmp_path, tmp_path / "work")
    plan.work.mkdir()
    examples = texts()
    held_out = [number % 5 == 0 for number in range(len(examples))]
    prepared = Prepared(examples, [each.group for each in examples], held_out, features(examples, load_lexicon()))
    tagger = recipe.tuned(plan, Encoder(encoder_folder), prepared)
    recipe.write(plan, tagger, encoder_folder / "tokenizer.json", tmp_path / "made")
    recipe.describe(tmp_path / "made", {"name": "toy", "later": 0.0, "made": {}})
    refit(plan, prepared, tmp_path / "made", tmp_path / "made")
    model = load_shipped(tmp_path / "made")
    for title, theme in (("strom von wind", "energy"), ("klinik und pflege", "health")):
        found = model.classify(ClassifiableText(title, "die neue", languages=("de",)))
        assert found.themes == (theme,)
        assert any(reason.label == theme for reason in found.reasons)


def test_tuning_goes_on_from_the_shipped_files_and_learns_what_was_labelled_later(
    encoder_folder: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    from services.classifier.labels import labels
    from services.classifier.training import recipe, retune
    from services.classifier.training.encoders import Encoder
    from services.classifier.training.plan import Plan
    from services.classifier.training.revive import revived
    from services.classifier.training.tune import Manner, passes, reading, taught, tune

    plan = Plan(tmp_path, tmp_path / "work")
    plan.work.mkdir()
    former = texts()
    was = tune(Encoder(encoder_folder), former, 2, 1, tmp_path / "tuned")
    recipe.write(plan, was, encoder_folder / "tokenizer.json", tmp_path / "made")
    tagger = retune.begun(
        revived(tmp_path / "made", encoder_folder, tmp_path / "revived"), tmp_path / "made", former
    )
    read = [reading(each) for each in former]
    with torch.no_grad():
        vectors = [each.encoder.pooled(read, 64) for each in (tagger, was)]
        assert torch.nn.functional.cosine_similarity(*vectors).min() > 0.99
        assert torch.sigmoid(tagger(read)).mean(0)[[labels().index(each) for each in ("energy", "health")]] == (
            pytest.approx([0.5, 0.5], abs=0.05)
        )
        before = tagger(read)
    later = [replace(each, corpus="pool", labels=dict.fromkeys(labels(), 1.0)) for each in former]
    manner = Manner(encoder=1e-3, stays=("embeddings",))
    taught(tagger, list(passes(later, 8, 1)), manner, tmp_path / "again")
    with torch.no_grad():
        assert (tagger(read) > before + 0.5).all()
    kept = dict(revived(tmp_path / "made", encoder_folder, tmp_path / "revived").model.named_parameters())
    for name, weight in tagger.encoder.model.named_parameters():
        assert torch.equal(weight, kept[name]) == name.startswith(("embeddings", "pooler")), name
