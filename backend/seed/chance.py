"""Chance that falls the same way every time: the same seed gives the same province, down to its ids."""

import random
from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from uuid import UUID

SEED = "Nhịp Cầu 24"


class Chance(random.Random):
    """A stream of its own for each part of the province, so that a longer year of marks moves no name."""

    def __init__(self, part: str) -> None:
        super().__init__(f"{SEED}/{part}")
        self._moment: tuple[datetime | None, int] = (None, 0)

    def id(self, at: datetime) -> UUID:
        """A UUIDv7 made at that moment, its random bits from this stream."""
        bits = self.getrandbits(74)
        if self._moment[0] is not at:  # a class of marks shares one moment
            self._moment = (at, int(at.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)
        return UUID(int=self._moment[1] | (bits >> 62) << 64 | bits & (1 << 62) - 1)

    def happens(self, probability: float) -> bool:
        return self.random() < probability


class Weighted:
    """Draws of a word by how often it occurs."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._words = list(counts)
        self._sums = list(accumulate(counts.values()))

    def draw(self, chance: Chance) -> str:
        return chance.choices(self._words, cum_weights=self._sums)[0]
