"""The episodes of an evaluation: instruction, scene and seeds, all fixed before anything runs.

The same arguments give every policy the same episodes, so that results can be compared in pairs.
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

SHARING = 2  # generated instructions per table, which distinguishes following language from doing anything
THINGS = (2, 5)  # smallest and largest number of objects on a random table, unless the goals need more
MOST = {"cube": 3, "cylinder": 2, "pad": 2, "bin": 2}  # largest number of each kind when objects are added


@dataclass(frozen=True)
class Episode:
    """One instruction on one table."""

    index: int
    seed: int  # random seed of the scene and its physics
    table: int  # episodes with the same number share their table
    names: tuple[str, ...]  # objects on it
    said: Line  # the instruction that the policy receives
    line: Line  # the instruction that is scored: the same, unless instructions are shuffled

    @property
    def away(self) -> bool:
        """True if the arm starts away from rest, without which going home would be trivial."""
        return self.line.goals[0].declaration is HOME


def make_episodes(episodes: int, seed: int, lines: Sequence[Line] | None, shuffle: bool = False) -> list[Episode]:
    """Return the episodes of an evaluation.

    Args:
        episodes: number of episodes.
        seed: random seed of all of them.
        lines: instructions to cycle through; None generates them.
        shuffle: give each episode the instruction of another one on the same table, as a control for language.

    Raises:
        ConfigError: `episodes` is not positive, or there is nothing to shuffle.
    """
    if episodes < 1:
        raise ConfigError(f"episodes must be at least 1, received {episodes}")
    made = made_lines(episodes, np.random.default_rng([seed, 1])) if lines is None else lines
    chosen = [made[index % len(made)] for index in range(episodes)]
    tables = _tables(chosen, shared=lines is None)
    planned = [_episode(index, tables[index], chosen, tables, seed) for index in range(episodes)]
    return _shuffled(planned) if shuffle else planned


def _tables(lines: Sequence[Line], shared: bool) -> list[int]:
    """Return a table number per line. Generated lines share tables in groups, lines of a file as they specify."""
    if shared:
        return [index // SHARING for index in range(len(lines))]
    tables, asked = [0], {lines[0].instruction}
    for before, line in pairwise(lines):
        same = _same_table(before, line) and line.instruction not in asked
        asked = {*asked, line.instruction} if same else {line.instruction}
        tables.append(tables[-1] if same else tables[-1] + 1)
    return tables


def _same_table(before: Line, line: Line) -> bool:
    """Return whether two adjacent lines of a file specify the same table."""
    return line.scene is not None and (before.scene, before.scene_seed) == (line.scene, line.scene_seed)


def _episode(index: int, table: int, lines: Sequence[Line], tables: Sequence[int], seed: int) -> Episode:
    rng = np.random.default_rng([seed, 2, table])
    guests = [line for line, its_table in zip(lines, tables, strict=True) if its_table == table]
    names = guests[0].scene if guests[0].scene is not None else _names(guests, rng)
    table_seed = int(rng.integers(2**31))
    line = lines[index]
    return Episode(index, table_seed, table, names, line, line)


def _names(guests: Sequence[Line], rng: np.random.Generator) -> tuple[str, ...]:
    """Return the objects that the goals on this table need, and random others that no instruction to refuse names."""
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
    """Return all words for a colour."""
    return (*COLOUR_WORDS[colour].train, *COLOUR_WORDS[colour].heldout)


def _has_room(names: Sequence[str], kind: str) -> bool:
    """Return whether another object of this kind may be added."""
    kinds = [kind_of(name) for name in names]
    crowded = kind in TARGET_KINDS and sum(other in TARGET_KINDS for other in kinds) >= TARGETS_MAX
    return not crowded and kinds.count(kind) < MOST[kind]


def _shuffled(episodes: Sequence[Episode]) -> list[Episode]:
    """Give each episode the next instruction on its table. Raises ConfigError if no table has two."""
    by_table: dict[int, list[Episode]] = {}
    for episode in episodes:
        by_table.setdefault(episode.table, []).append(episode)
    if all(len(group) < 2 for group in by_table.values()):
        raise ConfigError(
            "nothing to shuffle: no two instructions share a table; "
            'give adjacent lines the same "scene", or remove --instructions'
        )
    said = {
        episode.index: group[(place + 1) % len(group)].line
        for group in by_table.values()
        for place, episode in enumerate(group)
    }
    return [replace(episode, said=said[episode.index]) for episode in episodes]
