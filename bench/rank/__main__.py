"""Print the table: `python -m bench.rank DATA_DIR`."""

import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from bench.rank.measures import Measures, mean, measure
from bench.rank.protocol import IDEA_SETS, SEEDS, Data, Task
from services.matching.engine import DEFAULT, Parameters, rank

# What each part is worth: the same engine without it.
_VARIANTS = {
    "all": DEFAULT,
    "words alone": replace(DEFAULT, word_share=1.0),
    "n-grams alone": replace(DEFAULT, word_share=0.0),
    "best text alone": replace(DEFAULT, diminishing=0.0),
}


def main(folder: Path) -> None:
    """Measure every variant on ten splits and on the German ideas."""
    data = Data.read(folder)
    splits = [data.split(seed) for seed in SEEDS]
    ideas = [data.german(name) for name in IDEA_SETS]
    heads = ("split-half", *IDEA_SETS)
    print(f"{'R@10 / NDCG@10 / MRR':22}" + "".join(f"{head:>24}" for head in heads) + f"{'seconds':>10}")
    for name, parameters in _VARIANTS.items():
        start = perf_counter()
        columns = [mean(_run(task, parameters) for task in splits), *(_run(task, parameters) for task in ideas)]
        cells = "".join(f"{f'{c.recall:.3f} / {c.ndcg:.3f} / {c.mrr:.3f}':>24}" for c in columns)
        print(f"{name:22}{cells}{perf_counter() - start:10.1f}", flush=True)


def _run(task: Task, parameters: Parameters) -> Measures:
    return measure(rank(task.profiles, task.queries, len(task.profiles), parameters), task.relevant)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1], "cordis_water").is_dir():  # noqa: PLR2004
        sys.exit("usage: python -m bench.rank DATA_DIR   (the folder that holds cordis_water/)")
    main(Path(sys.argv[1]))
