"""How rare a feature is, learned from profile texts and then held fixed."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

import numpy as np

from services.matching.engine.features import Counts, Vocabulary
from services.matching.engine.parameters import DEFAULT, Parameters


@dataclass(frozen=True, slots=True)
class Statistics:
    """In how many of `texts` profile texts each feature occurs; queries never enter.

    `snapshot` names the content. The inverse document frequency is ln((1 + n) / (1 + df)) + 1.
    """

    texts: int
    frequencies: Mapping[str, int]
    snapshot: str = field(init=False)

    def __post_init__(self) -> None:
        """Seal the frequencies and name them."""
        object.__setattr__(self, "frequencies", MappingProxyType(dict(self.frequencies)))
        digest = hashlib.blake2b(f"{self.texts}\n".encode(), digest_size=6)
        for feature, frequency in sorted(self.frequencies.items()):
            digest.update(f"{feature}\t{frequency}\n".encode())
        object.__setattr__(self, "snapshot", digest.hexdigest())

    @classmethod
    def learn(cls, texts: Iterable[str], parameters: Parameters = DEFAULT) -> Self:
        """Count the features of profile texts: one text is one entry with its fields joined by line breaks.

        A text that several parties share counts once: its words are not more common for that.
        """
        vocabulary = Vocabulary(parameters)
        return cls.tally([vocabulary.count((text,)) for text in dict.fromkeys(texts)], vocabulary)

    @classmethod
    def tally(cls, counts: Sequence[Counts], vocabulary: Vocabulary) -> Self:
        """Learn from texts that are counted already, with the vocabulary that counted them."""
        columns = np.concatenate([np.zeros(0, dtype=np.int32), *(count.columns for count in counts)])
        frequencies = np.bincount(columns).tolist()
        features = zip(vocabulary.features, frequencies, strict=False)  # the vocabulary may know more
        return cls(len(counts), {feature: frequency for feature, frequency in features if frequency})

    def idf(self, feature: str) -> float:
        """Return the weight of a feature; an unknown one is as rare as can be.

        Dropping the unknown ranks alike, but lets a text of many unknown words and one common one look
        close to everything that has the common one.
        """
        return math.log((1 + self.texts) / (1 + self.frequencies.get(feature, 0))) + 1
