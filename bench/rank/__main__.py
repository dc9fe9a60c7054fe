"""Print the table: `python -m bench.rank DATA_DIR`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from bench.rank.measures import Measures, mean, measure
from bench.rank.protocol import IDEA_SETS, SEEDS, Data, Task
from services.matching.embedding import EmbeddingSettings, encoder
from services.matching.engine import DEFAULT, Parameters, rank
from services.matching.engine.text.encoder import Encoder

_ALL = encoder(EmbeddingSettings(embeddings="bundled"))
# What each part is worth: the same engine without it. Vectors that one variant made serve the others.
_VARIANTS = {
    "all": (_ALL, DEFAULT),
    "without E5": (Encoder(None, _ALL.words), DEFAULT),
    "without sentences": (Encoder(_ALL.texts, None), DEFAULT),
    "without words": (_ALL, replace(DEFAULT, words_same=0.0, words_across=0.0)),
    "without translation": (_ALL, replace(DEFAULT, words_across=0.0)),
    "without hubness": (_ALL, replace(DEFAULT, least_for_hubs=10**9)),
    "words alone": (Encoder(), DEFAULT),
}


def main(folder: Path, seeds: Sequence[int]) -> None:
    """Measure every variant on splits and on what is asked in German."""
    data = Data.read(folder)
    single = {"foerder_de": data.programmes(), "nace twin": data.classes()}
    heads = ("split-half", *IDEA_SETS, *single)
    print(f"{'R@10 / NDCG@10 / MRR':22}" + "".join(f"{head:>24}" for head in heads) + f"{'seconds':>10}")
    for name, (read, parameters) in _VARIANTS.items():
        start = perf_counter()
        columns = [mean(_run(data.split(seed), read, parameters) for seed in seeds)]
        columns += [_run(data.german(ideas), read, parameters) for ideas in IDEA_SETS]
        columns += [_run(task, read, parameters) for task in single.values()]
        cells = "".join(f"{f'{c.recall:.3f} / {c.ndcg:.3f} / {c.mrr:.3f}':>24}" for c in columns[:3])
        cells += "".join(f"{f'first {c.first:.3f} / {c.recall:.3f}':>24}" for c in columns[3:])
        print(f"{name:22}{cells}{perf_counter() - start:10.1f}", flush=True)


def _run(task: Task, read: Encoder, parameters: Parameters) -> Measures:
    return measure(rank(task.profiles, task.queries, len(task.profiles), read, parameters), task.relevant, task.itself)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not Path(sys.argv[1], "cordis_water").is_dir():  # noqa: PLR2004
        sys.exit("usage: python -m bench.rank DATA_DIR [SEEDS]   (the folder that holds cordis_water/)")
    main(Path(sys.argv[1]), SEEDS[: int(sys.argv[2])] if len(sys.argv) > 2 else SEEDS)  # noqa: PLR2004
