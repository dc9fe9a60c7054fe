"""The constants of the engine in one place, each with how it was chosen."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Final

NAME: Final = "reciprocal"
VERSION: Final = "2"


@dataclass(frozen=True, slots=True)
class Parameters:
    """One set of constants; a stored score names it by its `hash`.

    Similarities are in units of the spread of unrelated texts: `z` is how far a text stands out for a wish.
    """

    words_same: float = 0.7 / 0.040
    """What a cosine of words counts inside a language: they spread by .040, and .7 beside the vectors' 1 is what a
    regression without labels gives (which second half of a text belongs to a first)."""
    words_across: float = 0.4 / 0.022
    """The same across languages, by words that mean the same."""
    sentences_same: float = 0.5
    """What the second embedder counts inside a language against across, where it is the better one."""
    prior: int = 20
    """How many generic sentences a middle holds beside the profiles' texts: it matters while these are few."""
    least_for_hubs: int = 20
    hub_sample: int = 512
    hub_nearest: int = 5
    hub_share: float = 0.3
    """Hubness is the mean similarity to a sample of texts, and so much of the way to that of the nearest ones."""
    without_sentences: tuple[float, float] = (1.2, 0.0)
    without_texts: tuple[float, float] = (1.5, 1.2)
    words_alone: tuple[float, float] = (1.9, 1.5)
    """What z is multiplied by and raised by where a channel is missing, so that one bound serves all: by it the
    median of true pairs (second halves of 230 texts for their first halves), their best tenth and the best of a
    thousand false ones stand where they stand with all channels."""
    further: float = 0.3
    """What the second best offer adds to the best one, as a share of its z."""
    number: float = 0.4
    number_most: int = 20
    """Weight of ln(1 + offers): who has done much is more often the one, up to a number."""
    summary: float = 1.0
    """What a summary lacks as an offer, in z: it says what a party is, less what it would do for others."""
    complement: float = 0.5
    """What a demand for the other's offers lacks as that one's reason to say yes, in z, against an offer that meets
    its need: custom is a reason, but a mutual interest should come first."""
    slope: float = 0.973
    even: float = 8.89
    """A z of `even` is as likely to be a fit as not; `slope` is how fast that changes. Both were found on answers to
    which organisation took part in which project."""
    minimum: float = 0.04
    good: float = 0.2
    strong: float = 0.5
    """Lower bounds of a proposal and of its strengths on the pair's score. Where both directions are as likely as
    one in thirteen it is .04, at one in three .22, at two in three .56."""
    cited: int = 3
    """Most entries that are cited for a direction."""
    phrase: int = 120
    """Longest cited phrase, in characters."""
    hints: int = 3
    """Most things that are named as what would make a comparison surer."""
    candidates: int = 64
    """Parties that are compared in full for each need, idea, or set of offers."""
    chance: float = 3.0
    """So far below `even`, in z, a pair still stands a chance by its other signals."""

    @property
    def hash(self) -> str:
        """Short name of these values."""
        values = ";".join(f"{name}={value!r}" for name, value in sorted(asdict(self).items()))
        return hashlib.blake2b(values.encode(), digest_size=6).hexdigest()


DEFAULT: Final = Parameters()
