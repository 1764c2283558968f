"""A grammar of instructions that must be refused: other skills, chat, unknown things, impossible or unfinished ones."""

from collections.abc import Callable

import numpy as np

from robot_wm.goals import NAMES, kind_of
from robot_wm.language import vocabulary as v
from robot_wm.language.vocabulary import Words, words
from robot_wm.language.wordings import describe, polite

Maker = Callable[[np.random.Generator, str], str]

OTHER_SKILLS = words(
    "make coffee|make me a coffee|open the door|close the window|sing a song|fold the towel|pour some water|clean the table|wash the dishes|turn on the light"
    "|play some music|cook dinner|water the plants|dance|wave at me|open the gripper|close the gripper|take a picture|order a pizza|drive to the shop|sort the cubes by colour"
    "|tidy up|put everything in the bin|lift everything|push all the cubes left|stack all cubes|build a pyramid|count the blocks|write an email|draw a circle|spin around|jump"
    "|screw in the bolt|plug in the cable|press the button|pull the lever|open the drawer|switch yourself off|do something|do it|do that again|surprise me|help me|undo that"
    "|feed the cat|walk the dog|find my keys|bring me a beer|make a sandwich|type hello|read the book|scan the code|stop|wait here|look around|charge the battery"
    "|knock on the table|shake hands|stir the soup|cut the paper|pour the juice into the glass|wipe the surface|fetch the newspaper|close the box|unlock the safe"
    "|calibrate the camera|rotate by ninety degrees|turn around|go to sleep and dream|speed up|slow down|be quiet|turn left|drive forward|walk to the right|look left",
    "brew some tea|shut the door|hum a tune|iron my shirt|fill the glass with milk|mop the floor|vacuum the room|dim the lamp|skip this track|bake a cake|mow the lawn"
    "|do a backflip|nod your head|release your grip|snap a photo|book a flight|park the car|arrange the blocks by size|clear the table|empty the bin|lift all of them"
    "|push every cube to the left|make a pyramid of cubes|how many blocks can you carry|send a message to my mother|paint a picture|tighten the screw|push the doorbell|turn the knob"
    "|log me out|download the file|update the firmware|tell me a joke|peel the potato|hand me the wrench|zip the jacket|comb my hair|tie the knot|crack an egg|solder the wire"
    "|assemble the chair|weigh the parcel|dust the shelf|butter the toast|call a taxi|sharpen the pencil|high five|gather all the toys|put all the cubes away|run a diagnostic"
    "|swim across the lake|translate this sentence|buy some bread|sit down|climb the stairs|chop the onions",
)
CHAT = words(
    "what is the weather|who are you|how are you|hello|hello robot|what can you do|what is your name|how old are you|good morning|thank you|are you there|where am i"
    "|what time is it|do you like cubes|tell me about yourself|i am hungry|nice work|what do you see|is there a red cube|why is the sky blue|two plus two|yes|no|maybe|ok|test"
    "|the quick brown fox jumps over the lazy dog|what colour is the cube|who made you|i love you|you are stupid|that was great|let's talk|how many cubes are there",
    "will it rain tomorrow|whose robot are you|hi there|good evening|what's up|where do you live|can you feel pain|what is the capital of france|well done|see you later"
    "|never mind|i am bored|what is the meaning of life|which objects are on the table|are there any bins|lorem ipsum dolor sit amet|once upon a time|my name is anna|sorry"
    "|what is the biggest object|was that you|i don't know|how far is the blue bin|tell me what you see|does it work|happy birthday|it is what it is|seven times eight",
)
# {o} is a thing of ours: what is asked for is not one of the skills.
OTHER_VERBS = words(
    "is {o} on {p}|is {o} in {p}|which thing is on {p}|was {o} pushed onto {p}|is {o} up|can you tell {o} from {p}|rotate {o}|rotate {o} by 90 degrees|turn {o}|turn {o} upside down|flip {o}|throw {o}|throw {o} at the wall|paint {o} white|eat {o}|cut {o} in half|break {o}|hide {o}|open {o}"
    "|close {o}|wash {o}|describe {o}|look at {o}|count {o}|roll {o}|spin {o}|squeeze {o}|shake {o}|melt {o}|burn {o}|buy {o}|weigh {o}|measure {o}|kick {o} off the table|drop {o} on the floor"
    "|where is {o}|what is {o}|is {o} on the table|do you see {o}|how big is {o}|i like {o}|{o} is nice|this is {o}|why is {o} here|what colour is {o}|{o}|don't touch {o}|do not move {o}"
    "|don't lift {o}|never push {o} left|stop pushing {o}|draw {o}|clean {o}|smash {o}|photograph {o}|sell {o}|tilt {o}|make {o} bigger|swap {o} and {p}|put {o} next to {p}"
    "|put {o} under {p}|place {o} behind {p}|put {o} between {p} and the wall|push {o} around {p}|hit {o} with {p}|compare {o} with {p}|align {o} with {p}|tie {o} to {p}|glue {o} to {p}"
    "|{o} is left of {p}|is {o} bigger than {p}|{o} and {p}|put {o} in front of {p}|move {o} away from {p}|i pushed {o} to the left|did you lift {o}|who put {o} in the box|when did you push {o}"
    "|put {o} on the floor|put {o} in your pocket|put {o} in the fridge|give {o} to me|hand me {o}|turn {o} left|rotate {o} to the right|put {o} back|make {o} red",
    "twist {o}|twirl {o}|revolve {o} clockwise|toss {o} out of the window|colour {o} black|swallow {o}|slice {o}|crush {o}|conceal {o}|unlock {o}|polish {o}|explain {o}|watch {o}|destroy {o}"
    "|bounce {o}|press down hard on {o} until it breaks|heat {o}|freeze {o}|photocopy {o}|fling {o} off the table|let {o} fall to the floor|which one is {o}|can you see {o}|how heavy is {o}"
    "|i own {o}|{o} looks lovely|what happened to {o}|leave {o} alone|please do not push {o}|avoid {o}|you must not lift {o}|never touch {o}|stop moving {o}|sketch {o}|lick {o}|make {o} smaller"
    "|exchange {o} with {p}|set {o} beside {p}|slide {o} underneath {p}|put {o} in between {p} and you|circle {o} around {p}|strike {p} with {o}|fasten {o} to {p}|{o} sits right of {p}"
    "|is {o} heavier than {p}|place {o} near {p}|move {o} close to {p}|someone pushed {o} to the right|have you lifted {o} before|why was {o} moved left|put {o} on the shelf|put {o} in the oven"
    "|pass me {o}|juggle {o} and {p}|name {o}|fold {o}|count the sides of {o}|flip {o} over|scratch {o}|unscrew {o}|tap dance on {o}|deliver {o} to the kitchen",
)
# Frames around something that is not ours: {x} an unknown thing or an unknown colour with one of our kinds.
UNKNOWN_FRAMES = words(
    "push {x} left|push {x} to the right|push {x} forward|lift {x}|pick up {x}|reach {x}|touch {x}|put {x} in {b}|stack {x} on {c}|push {x} onto {p}|put {m} in {x}|stack {m} on {x}|grab {x}"
    "|push {m} onto {x}|go to {x}|move {x} back|slide {x} away|put {m} on {x}|move {m} to {x}|drop {x} into {b}",
    "nudge {x} a bit to the left|shove {x} backwards|raise {x} please|hoist {x}|approach {x}|drop {m} into {x}|place {x} on top of {c}|bring {m} to {x}|deposit {x} in {b}|scoot {x} away"
    "|lift {x} up|hover over {x}|stow {m} in {x}|balance {m} on {x}",
)
UNKNOWN_THINGS = words(
    "banana|apple|mug|cup|bottle|ball|sphere|pyramid|spoon|fork|knife|book|phone|pen|key|shoe|hat|toy car|duck|sponge|towel|hammer|screwdriver|remote|glass|plant|orange juice|lamp"
    "|mouse|keyboard|chair|door|cat|dog|person|window|wall|triangle|cone|ring|rope|coin|bread|egg|carrot|teddy bear|stapler|scissors|wrench|cable|camera|robot|elephant|star|lego figure"
    "|wooden spoon|paper|card|drawer|shelf|fridge|sun|car|bag|pillow|marble|tomato|lemon slice|grape|candle|clock",
    "pear|kettle|jar|globe|prism|tetrahedron|ladle|notebook|laptop|pencil|padlock|boot|cap|train|frog|cloth|pliers|charger|vase|fern|torch|sofa|gate|horse|child|curtain|hexagon|doughnut"
    "|string|penny|bun|nut|potato|doll|tape|nail|wire|tripod|whale|moon|puzzle piece|chopstick|envelope|cupboard|oven|truck|backpack|cushion|pebble|onion|cherry|match|watch|lid|dinosaur|tennis ball"
    "|sock|octahedron|disc|battery|eraser|stick|cookie|violin",
)
UNKNOWN_COLOURS = words(
    "pink|black|white|brown|grey|turquoise|silver|beige|transparent|striped|dark grey|rainbow|bronze|maroon|hot pink|checked",
    "gray|teal|gold|cyan|magenta|khaki|ivory|multicoloured|spotted|see-through|jet black|snow white|salmon pink|chequered|copper|fuchsia",
)
UNKNOWN_DIRECTIONS = words(
    "up|down|upwards|downwards|into the air|diagonally|sideways|in a circle|around|clockwise|north|off the table|left and right|forward and left|through the table|everywhere|to the moon|left or right|nowhere",
    "skyward|towards the ceiling|in a zigzag|anticlockwise|south|over the edge|back and forth|right and backward|into the wall|somewhere|at an angle|to the east|either left or right|into space",
)
UNFINISHED = words(
    "push left|push|lift|put|place in the bin|reach|push to the right|stack|stack on top|move|pick up|grab|push the|put the red|left|right|forward|in the bin|the cube|cube|red|blue and green|on top"
    "|put it there|move over|push it somewhere|put in|put on|and|then|please|move something|the|robot|push please|lift please|a|to the left please",
    "shove|nudge right|raise|deposit into the tub|touch|pile up|slide away please|get|hoist|drop|take the|backwards|away|into the basket|the cylinder|yellow|green or red|on|place somewhere|would you please"
    "|next|can you|i want|your task is to|lift the|go to the|blue|cylinders|grab a|could you push",
)
FOREIGN = words(
    "pousse le cube rouge à gauche|empuja el cubo rojo a la izquierda|schiebe den roten würfel nach links|lève le cube bleu|levanta el cubo verde|hebe den blauen würfel hoch"
    "|mets le cube rouge dans la boîte bleue|lege den roten würfel in die blaue kiste|pon el cubo rojo en la caja azul|rentre à la maison|geh nach hause|vete a casa|bonjour|guten tag|hola amigo"
    "|где красный куб|把红色方块推到左边|touche le cylindre vert|nimm den gelben zylinder|toca el cilindro morado",
    "spingi il cubo rosso a sinistra|duw de rode kubus naar links|empurra o cubo vermelho para a esquerda|solleva il cubo blu|til de groene kubus op|metti il cubo rosso nella scatola blu"
    "|skjut den röda kuben åt vänster|vai a casa|ga naar huis|buongiorno|подними синий куб|赤い箱を押して|peux-tu soulever le cylindre jaune|kannst du den grünen würfel stapeln|zet de rode kubus in de blauwe bak",
)
_FRAGMENTS = (
    "sdf",
    "qwe",
    "zx",
    "blor",
    "gra",
    "plim",
    "fnord",
    "ka",
    "jh",
    "mmm",
    "xyz",
    "tro",
    "ip",
    "vu",
    "wob",
    "kl",
    "asdf",
    "nn",
    "oo",
    "rt",
)
_SIGNS = ("!!!", "???", "...", "123", "42 42", ":-)", "#$%&", "0x1f", "<html>", "-", "3.14", "a a a a", "@@@")


def refusals(rng: np.random.Generator, split: str = "train") -> str:
    """Draw one instruction that nothing on any table could satisfy; `split` is "train" or "heldout"."""
    makers: tuple[Maker, ...] = (
        _other_skill, _other_skill, _chat, _other_verb, _other_verb, unknown_thing, unknown_colour, wrong_kind, unknown_direction,
        _unfinished, gibberish, _foreign,
    )  # fmt: skip
    return makers[rng.integers(len(makers))](rng, split)


def not_a_skill(rng: np.random.Generator, split: str) -> str:
    """Draw a sentence that asks for none of the skills, whatever things it mentions."""
    makers: tuple[Maker, ...] = (_other_skill, _chat, _other_verb, _other_verb, gibberish, _foreign)
    return makers[rng.choice(6, p=(0.25, 0.13, 0.22, 0.22, 0.08, 0.10))](rng, split)


def movable(rng: np.random.Generator, split: str) -> str:
    """Draw a phrase for a cube or cylinder."""
    return describe(NAMES[rng.integers(12)], rng, split)


def of_kind(kind: str, rng: np.random.Generator, split: str) -> str:
    """Draw a phrase for a thing of one kind."""
    names = [name for name in NAMES if kind_of(name) == kind]
    return describe(names[rng.integers(len(names))], rng, split)


def unknown_colour_phrase(rng: np.random.Generator, split: str) -> str:
    """Draw a phrase for a known kind in an unknown colour."""
    kind = ("cube", "cube", "cylinder", "pad", "bin")[rng.integers(5)]
    return f"the {v.pick_colour_free(kind, UNKNOWN_COLOURS, rng, split)}"


def unknown_thing_phrase(rng: np.random.Generator, split: str) -> str:
    """Draw a phrase for a thing of an unknown kind, sometimes in a known colour."""
    thing = UNKNOWN_THINGS.pick(rng, split)
    colour = v.any_colour(rng, split) + " " if rng.random() < 0.4 else ""
    return f"{('the', 'a', 'my')[rng.choice(3, p=(0.8, 0.1, 0.1))]} {colour}{thing}"


def frame(unknown: str, rng: np.random.Generator, split: str) -> str:
    """Draw an instruction about something unknown."""
    text = UNKNOWN_FRAMES.pick(rng, split).format(
        x=unknown,
        m=movable(rng, split),
        b=of_kind("bin", rng, split),
        c=of_kind("cube", rng, split),
        p=of_kind("pad", rng, split),
    )
    return polite(text, rng, split)


def unknown_thing(rng: np.random.Generator, split: str) -> str:
    """Draw an instruction such as "lift the banana"."""
    return frame(unknown_thing_phrase(rng, split), rng, split)


def unknown_colour(rng: np.random.Generator, split: str) -> str:
    """Draw an instruction such as "lift the pink cube"."""
    return frame(unknown_colour_phrase(rng, split), rng, split)


def wrong_kind(rng: np.random.Generator, split: str) -> str:
    """Draw a known skill with a kind that it does not take, such as "lift the blue bin"."""
    fixed = of_kind(("pad", "bin")[rng.integers(2)], rng, split)
    verb = (v.LIFT_VERBS, v.PUSH_VERBS)[rng.integers(2)].pick(rng, split)
    forms = (
        f"lift {fixed}",
        f"pick up {fixed}",
        f"push {fixed} {v.DIRECTION_WORDS[('left', 'right', 'forward', 'backward')[rng.integers(4)]].pick(rng, split)}",
        f"stack {movable(rng, split)} on top of {of_kind('cylinder', rng, split)}",
        f"put {of_kind('pad', rng, split)} in {of_kind('bin', rng, split)}",
        f"{verb} {fixed} {'to the left' if verb in v.PUSH_VERBS.train else ''}".strip(),
        f"stack {fixed} on {of_kind('cube', rng, split)}",
    )
    return polite(forms[rng.integers(len(forms))], rng, split)


def unknown_direction(rng: np.random.Generator, split: str) -> str:
    """Draw an instruction such as "push the red cube up"."""
    verb = v.PUSH_VERBS.pick(rng, split)
    return polite(f"{verb} {movable(rng, split)} {UNKNOWN_DIRECTIONS.pick(rng, split)}", rng, split)


def gibberish(rng: np.random.Generator, split: str) -> str:
    """Draw letters, signs and numbers that mean nothing."""
    if rng.random() < 0.25:
        return _SIGNS[rng.integers(len(_SIGNS))]
    if rng.random() < 0.5:
        letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
        return " ".join("".join(rng.choice(letters, rng.integers(2, 9))) for _ in range(rng.integers(1, 5)))
    return " ".join("".join(rng.choice(_FRAGMENTS, rng.integers(1, 3))) for _ in range(rng.integers(1, 5)))


def _listed(choices: Words) -> Maker:
    return lambda rng, split: choices.pick(rng, split)


_chat, _unfinished, _foreign = _listed(CHAT), _listed(UNFINISHED), _listed(FOREIGN)


def _other_skill(rng: np.random.Generator, split: str) -> str:
    return polite(OTHER_SKILLS.pick(rng, split), rng, split)


def _other_verb(rng: np.random.Generator, split: str) -> str:
    names = rng.choice(NAMES, 2, replace=False)
    text = OTHER_VERBS.pick(rng, split)
    return text.format(o=describe(str(names[0]), rng, split), p=describe(str(names[1]), rng, split))
