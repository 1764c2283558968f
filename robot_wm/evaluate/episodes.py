"""Which episodes a measurement consists of: instruction, table and seeds, all settled before anything runs.

The same arguments give the same episodes to every policy, so that two results can be compared pair by pair.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from robot_wm.errors import ConfigError
from robot_wm.evaluate.instructions import Line, made_lines
from robot_wm.goals import COLOURS, HOME, NAMES, TARGET_KINDS, TARGETS_MAX, kind_of
from robot_wm.language.vocabulary import COLOUR_WORDS

SHARING = 2  # made instructions that share one table, so that following language can be told from doing something
THINGS = (2, 5)  # on a table whose things are left to the seed: at least, and at most unless the goals need more
MOST = {"cube": 3, "cylinder": 2, "pad": 2, "bin": 2}  # of a kind on one table, where others are added


@dataclass(frozen=True)
class Episode:
    """One instruction on one table."""

    index: int
    seed: int  # lays the table and its physics
    table: int  # episodes with the same number share their table
    names: tuple[str, ...]  # what is on it
    said: Line  # what the policy hears
    line: Line  # what was meant, and is scored: the same, unless instructions are shuffled

    @property
    def away(self) -> bool:
        """Whether the arm has to start away from rest: going home from home proves nothing."""
        return self.line.goals[0].declaration is HOME


def lay_out(episodes: int, seed: int, lines: Sequence[Line] | None, shuffle: bool = False) -> list[Episode]:
    """`episodes` episodes going round `lines`, or made ones where there are none.

    `shuffle` gives each episode the instruction of another one on the same table: the control for language.
    Raises ConfigError where `episodes` is not positive, or there is nothing to shuffle.
    """
    if episodes < 1:
        raise ConfigError(f"episodes must be at least 1, received {episodes}")
    made = made_lines(episodes, np.random.default_rng([seed, 1])) if lines is None else lines
    chosen = [made[index % len(made)] for index in range(episodes)]
    tables = _tables(chosen, shared=lines is None)
    laid = [_episode(index, tables[index], chosen, tables, seed) for index in range(episodes)]
    return _shuffled(laid) if shuffle else laid


def _tables(lines: Sequence[Line], shared: bool) -> list[int]:
    """A table's number for each line. Made lines share in groups, lines of a file where they say so."""
    if shared:
        return [index // SHARING for index in range(len(lines))]
    tables, asked = [0], {lines[0].instruction}
    for before, line in pairwise(lines):
        same = _same_table(before, line) and line.instruction not in asked
        asked = {*asked, line.instruction} if same else {line.instruction}
        tables.append(tables[-1] if same else tables[-1] + 1)
    return tables


def _same_table(before: Line, line: Line) -> bool:
    """Whether two neighbours of a file ask for the very same table."""
    return line.scene is not None and (before.scene, before.scene_seed) == (line.scene, line.scene_seed)


def _episode(index: int, table: int, lines: Sequence[Line], tables: Sequence[int], seed: int) -> Episode:
    rng = np.random.default_rng([seed, 2, table])
    guests = [line for line, its_table in zip(lines, tables, strict=True) if its_table == table]
    names = guests[0].scene if guests[0].scene is not None else _names(guests, rng)
    table_seed = int(rng.integers(2**31))
    line = lines[index]
    return Episode(index, table_seed, table, names, line, line)


def _names(guests: Sequence[Line], rng: np.random.Generator) -> tuple[str, ...]:
    """What the goals of all lines on this table need, and random others that no instruction to be refused names."""
    needed = list(dict.fromkeys(name for line in guests for name in line.names))
    words = " ".join(line.instruction.lower() for line in guests if line.is_refusal)
    taboo = {colour for colour in COLOURS if re.search(rf"\b({'|'.join(_colour_words(colour))})\b", words)}
    free = [name for name in NAMES if name.split()[0] not in taboo and name not in needed]
    things = int(rng.integers(max(THINGS[0], len(needed)), max(THINGS[1], len(needed)) + 1))
    for name in rng.permutation(free).tolist():
        if len(needed) < things and _has_room(needed, kind_of(name)):
            needed.append(name)
    return tuple(needed)


def _colour_words(colour: str) -> tuple[str, ...]:
    """All that a colour may be called."""
    return (*COLOUR_WORDS[colour].train, *COLOUR_WORDS[colour].heldout)


def _has_room(names: Sequence[str], kind: str) -> bool:
    """Whether another thing of this kind may be put beside them."""
    kinds = [kind_of(name) for name in names]
    crowded = kind in TARGET_KINDS and sum(other in TARGET_KINDS for other in kinds) >= TARGETS_MAX
    return not crowded and kinds.count(kind) < MOST[kind]


def _shuffled(episodes: Sequence[Episode]) -> list[Episode]:
    """Each says what the next one on its table says. Raises ConfigError where no table has two instructions."""
    by_table: dict[int, list[Episode]] = {}
    for episode in episodes:
        by_table.setdefault(episode.table, []).append(episode)
    if all(len(group) < 2 for group in by_table.values()):
        raise ConfigError(
            "nothing to shuffle: no two instructions share a table; "
            'give neighbouring lines the same "scene", or leave --instructions out'
        )
    said = {
        episode.index: group[(place + 1) % len(group)].line
        for group in by_table.values()
        for place, episode in enumerate(group)
    }
    return [replace(episode, said=said[episode.index]) for episode in episodes]
