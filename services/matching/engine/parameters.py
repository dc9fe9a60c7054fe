"""The constants of the engine in one place, each with how it was chosen."""

import hashlib
from dataclasses import asdict, dataclass

NAME = "lexical"
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Parameters:
    """One set of constants; a stored score names it by its `hash`."""

    shortest_gram: int = 4
    longest_gram: int = 5
    """Character n-grams inside words with their borders. With best texts alone, 4-5 ranked German ideas best
    (R@10 .505 against .457 of 4 alone and .471 of 3-5) with fewer features than 3-5; English splits were alike."""
    word_share: float = 0.35
    """Share of word stems in the similarity, the rest are n-grams: R@10 / NDCG@10 on ten splits .310 / .277 with
    words alone, .315 / .282 with n-grams alone, .318 / .283 together; German ideas .233, .481 and .514."""
    diminishing: float = 0.4
    """Weight of an organisation's further texts: the text of rank r counts diminishing / r². Best
    texts alone reach R@10 .312, NDCG@10 .268."""
    half: float = 0.2
    """Pooled similarity at which a direction's score is one half."""
    complement: float = 0.8
    """What a demand for the other's offers counts as that one's reason to say yes, against an offer that
    meets its need: custom is a reason, but a mutual interest should come first."""
    summary: float = 0.6
    """What a summary counts as an offer: it says what a party is, less what it would do for others."""
    minimum: float = 0.1
    good: float = 0.3
    strong: float = 0.5
    """Lower bounds of a proposal and of its strengths on the pair's score. Calibrated on 150 ideas of outside
    organisations (projects of the other half, three splits): 99 % have a proposal, 60 % a good and 33 % a strong
    one. Of 14 unrelated pairs of short German and English texts, 13 stay below .07; the one above shares
    "management" in a sentence of stock phrases. Five close pairs reach .36 to .75."""
    citable: float = 0.05
    """Least similarity of an entry that is given as a reason."""
    cited: int = 3
    """Most entries that are cited for a direction."""
    phrase: int = 120
    """Longest cited phrase, in characters."""

    @property
    def hash(self) -> str:
        """Short name of these values."""
        values = ";".join(f"{name}={value!r}" for name, value in sorted(asdict(self).items()))
        return hashlib.blake2b(values.encode(), digest_size=6).hexdigest()


DEFAULT = Parameters()
