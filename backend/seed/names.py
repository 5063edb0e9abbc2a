"""Names by frequency: family name, middle names and given name that fit a boy or a girl."""

from backend.seed.chance import Chance, Weighted
from backend.seed.data import read


class Names:
    """Draws names from the counts in `data/names.json`."""

    def __init__(self) -> None:
        counts = read("names")
        self._family = Weighted(counts["family"])
        self._middle = {sex: Weighted(words) for sex, words in counts["middle"].items()}
        self._given = {sex: Weighted(words) for sex, words in counts["given"].items()}

    def family(self, chance: Chance) -> str:
        return self._family.draw(chance)

    def full(self, chance: Chance, sex: str, family: str | None = None) -> str:
        """A full name; `family` is given for children. No word stands in it twice."""
        first = family or self.family(chance)
        while True:
            words = [first, *self._middle[sex].draw(chance).split(), self._given[sex].draw(chance)]
            if len(set(words)) == len(words):
                return " ".join(words)
