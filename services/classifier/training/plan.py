"""What a run of the recipe is given, and the labelled texts as every step that trains on them reads them."""

import sys
from dataclasses import dataclass
from pathlib import Path

from services.classifier.lexicon.load import load_lexicon
from services.classifier.training import material, splits
from services.classifier.training.features import Prepared, kept_features
from services.classifier.training.pseudo import with_ai


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the corpora lie, where the steps keep what they make, and the seed. `clean`: without the releases."""

    corpora: Path
    work: Path
    seed: int = 1
    clean: bool = False


def prepare(plan: Plan) -> Prepared:
    """Step 3. What may train, without the gates and what resembles them."""
    examples = material.real(plan.corpora) + material.written()
    if plan.clean:
        examples = [each for each in examples if "Swiss federal" not in each.source]
    else:
        examples += material.labelled_releases(plan.corpora)
    examples = splits.without_gate(examples, material.gate(plan.corpora))
    names = splits.joined(examples)
    groups = [names[each.group] for each in examples]
    say("features")
    read = kept_features(examples, load_lexicon(), plan.work / "features.npz")
    return Prepared(with_ai(examples, read.lexicon), groups, [splits.is_held_out(group) for group in groups], read)


def say(step: str) -> None:
    sys.stderr.write(f"-- {step}\n")
