"""Word lists of the instruction grammar, each in two parts: for training, and held out for evaluation.

Only words; how they are put together is in `wordings.py` and `nonsense.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Words:
    """Alternatives for one slot: `train` is seen in training, `heldout` only when measuring."""

    train: tuple[str, ...]
    heldout: tuple[str, ...] = ()

    def pick(self, rng: np.random.Generator, split: str) -> str:
        """Draw one alternative; the held-out split favours words that training never sees but keeps common ones too."""
        if split == "heldout" and self.heldout and rng.random() < 0.6:
            return self.heldout[rng.integers(len(self.heldout))]
        return self.train[rng.integers(len(self.train))]


def words(train: str, heldout: str = "") -> Words:
    """Return Words from two strings with `|` between alternatives."""
    return Words(tuple(train.split("|")), tuple(heldout.split("|")) if heldout else ())


COLOUR_WORDS: Mapping[str, Words] = {
    "red": words(
        "red|red|red|crimson|bright red|cherry red|reddish",
        "red|scarlet|ruby|dark red|ruby red|burgundy|vermilion|light red",
    ),
    "green": words(
        "green|green|green|emerald|light green|dark green|greenish",
        "green|lime green|forest green|bright green|olive green|lime",
    ),
    "blue": words(
        "blue|blue|blue|navy|dark blue|light blue|bluish",
        "blue|azure|cobalt|navy blue|sky blue|royal blue|bright blue|sapphire",
    ),
    "yellow": words(
        "yellow|yellow|yellow|lemon|bright yellow|yellowish",
        "yellow|lemon yellow|canary yellow|pale yellow|light yellow|golden yellow",
    ),
    "purple": words(
        "purple|purple|purple|violet|dark purple|purplish", "purple|lilac|lavender|plum|mauve|indigo|light purple"
    ),
    "orange": words(
        "orange|orange|orange|amber|bright orange|orangish", "orange|tangerine|pumpkin orange|dark orange|light orange"
    ),
}

KIND_WORDS: Mapping[str, Words] = {
    "cube": words(
        "cube|cube|cube|block|block|brick|dice|box",
        "cube|cube|cuboid|building block|square block|die|cubic block|toy block|wooden block",
    ),
    "cylinder": words(
        "cylinder|cylinder|cylinder|can|tube|tin|round block",
        "cylinder|cylinder|barrel|canister|drum|cylindrical block|roller|soda can|tin can|pipe|cylindrical object",
    ),
    "pad": words(
        "pad|pad|pad|mat|square|plate|spot",
        "pad|pad|patch|tile|coaster|square pad|flat square|target|zone|area|marker|sheet|rug|platform",
    ),
    "bin": words(
        "bin|bin|bin|box|basket|tray|container|bowl",
        "bin|bin|tub|bucket|crate|open box|waste bin|trash can|trash bin|dustbin|garbage can|waste basket|receptacle|pail|rubbish bin|trash",
    ),
}

BOX_KINDS = ("cube", "bin")  # "box" may mean either

# An object phrase: {c} colour, {k} kind.
NAME_FORMS = words(
    "the {c} {k}|the {c} {k}|the {c} {k}|the {c} {k}|{c} {k}|a {c} {k}|that {c} {k}|this {c} {k}|the small {c} {k}"
    "|the {c} coloured {k}|the {k} that is {c}|the {c}-colored {k}|the little {c} {k}",
    "the {c} {k}|the {c} {k}|the {k} which is {c}|the tiny {c} {k}|that {c} {k} over there|your {c} {k}|the {k} in {c}",
)

DIRECTION_WORDS: Mapping[str, Words] = {
    "left": words(
        "left|left|to the left|leftwards|towards the left|to your left|to the left side|a bit to the left|leftward|in a leftward direction",
        "left|to the left|over to the left|toward your left|to the left-hand side|in the left direction|further left",
    ),
    "right": words(
        "right|right|to the right|rightwards|towards the right|to your right|to the right side|a bit to the right|rightward|in a rightward direction",
        "right|to the right|over to the right|toward your right|to the right-hand side|in the right direction|further right",
    ),
    "forward": words(
        "forward|forward|forwards|away from you|away|ahead|farther away|to the front|away from me|straight ahead",
        "forward|away from yourself|further away|away from the robot|a bit forward|onward|out ahead of you",
    ),
    "backward": words(
        "backward|backward|backwards|back|towards you|closer to you|toward yourself|toward me|towards the robot",
        "backward|nearer to you|in your direction|back towards your base|a bit back|back toward you|closer to yourself",
    ),
}

# Verbs with a particle carry it after a space: "pick up". Participles and gerunds follow by `Verb`.
PUSH_VERBS = words(
    "push|push|push|shove|slide|nudge|move|shift|press|scoot|sweep|send|get|bump",
    "push|slide|budge|poke|displace|propel",
)
PULL_VERBS = words("pull|drag|bring|tug", "pull|drag|haul|draw")
LIFT_VERBS = words(
    "lift|lift|lift|pick up|pick up|raise|grab|lift up|take|hold up|hoist|elevate|grasp|pick|raise up",
    "lift|pick up|get hold of|heave up|seize|bring up",
)
REACH_VERBS = words(
    "reach|reach|touch|go to|move to|reach for|go over to|go near|point at|point to|approach|tap|hover over|hover above|get close to|move over to|get to",
    "reach|touch|travel to|make contact with|head over to|feel",
)
PLACE_VERBS = words(
    "put|put|put|place|place|drop|set|move|throw|deposit|dump|toss|get|stick",
    "put|place|stow|transfer|pop|release|load",
)
STACK_VERBS = words("stack|stack|put|put|place|set|pile|move|balance|rest|get", "stack|put|lay|pop|mount|position")
PUSH_TO_VERBS = words(
    "push|push|slide|move|shove|bring|put|take|place|get|scoot|carry|set",
    "push|move|guide|transport|sweep|deliver",
)

IN_WORDS = words("in|in|into|inside|to", "in|inside of|down into|within")
TOP_WORDS = words("on|on top of|on top of|onto|over", "on|atop|upon|on the top of")
ONTO_WORDS = words("to|onto|on|on to|over to|onto", "to|until it is on|all the way to|so it sits on|up onto")

IMPERATIVES = words("{v}|go|return|move|put|take|lift|pick|reach").train  # what a template that is an order begins with

PREFIXES = words(
    "please|please|can you|could you|could you please|would you|i want you to|i'd like you to|hey robot,|robot,|ok,|now|now please|just|go ahead and"
    "|you should|try to|let's|your task is to",
    "kindly|would you mind and|be so kind and|hey arm,|i need you to|next up,|alright,|do me a favour and|may i ask you to|it would be great if you could"
    "|your job is to|how about you",
)
SUFFIXES = words(
    "please|for me|now|thanks|, please|right now|, thank you|, ok?|slowly|carefully|a little|on the table|by 10 cm|with the gripper|, you robot",
    "if you can|when you are ready|, cheers|, would you|, buddy|if possible|gently|, mate|without touching anything else|by a few centimetres|quickly|using your arm",
)

# Words that look like a typo of one of CORE_WORDS and are not.
NEVER_TYPOS = frozenset(
    words(
        "cyan|teal|khaki|beige|fuchsia|magenta|maroon|mauve|lilac|ivory|cuboid|chartreuse|indigo|taupe|ochre|cerise|mug|kettle|ladle|frisbee|cone|tetrahedron"
        "|scoot|budge|upend|unplug|hoist|spatula|trowel|cushion|pram|crayon|tangerine|sapphire|vermilion|burgundy|turquoise|bronze|crate|pail|tub|coaster"
    ).train
)

# Words worth correcting a typo for, the most frequent first.
CORE_WORDS = words(
    "red|green|blue|yellow|purple|orange|violet|crimson|navy|cube|block|cylinder|pad|bin|box|basket|tray|"
    "container|mat|can|tube|push|lift|put|place|stack|reach|pick|move|slide|grab|touch|raise|drop|shove|nudge|"
    "take|left|right|forward|backward|back|away|towards|toward|forwards|backwards|upward|top|onto|into|inside|"
    "home|rest|return|start|position|then|please|after|before|and|the|one|other|it|arm|robot|bring|point|approach|"
    "pile|deposit|bucket|square|plate|brick|barrel|leftwards|rightwards|first|next|finally|could|would|table|"
    "gripper|scarlet|emerald"
).train


def choose(choices: Sequence[Choice], rng: np.random.Generator) -> Choice:
    """Draw one of several choices, each as likely as the others."""
    return choices[int(rng.integers(len(choices)))]


def any_colour(rng: np.random.Generator, split: str) -> str:
    """Draw a word for one of the six colours."""
    choices = tuple(COLOUR_WORDS.values())
    return choices[rng.integers(len(choices))].pick(rng, split)


def pick_colour_free(kind: str, colours: Words, rng: np.random.Generator, split: str) -> str:
    """Draw a kind with an adjective of the given list: "pink cube"."""
    return f"{colours.pick(rng, split)} {KIND_WORDS[kind].pick(rng, split)}"
