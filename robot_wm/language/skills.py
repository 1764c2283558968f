"""What language knows of each skill: wordings, verbs, prepositions, objections, and shares of training sentences.

The one place in `robot_wm.language` that lists skills. The order is that in which the skills with a target are
compared, and in which training sentences draw from them: another order gives other confidences and other sentences.
"""

from dataclasses import dataclass

from robot_wm.goals import HOME, LIFT, PLACE, PUSH, PUSH_TO, REACH, STACK, Skill
from robot_wm.language import vocabulary as v
from robot_wm.language.objections import FROM, OUT, RELATION, Rule
from robot_wm.language.vocabulary import Words, words


@dataclass(frozen=True)
class SpokenSkill:
    """How people ask for one declared skill. Shares are of the training sentences of their sort, in [0, 1]."""

    skill: Skill
    verbs: Words
    templates: Words  # {v} verb, {o} object, {t} target, {d} direction, {p} preposition, {O} and {T} without article
    prepositions: Words | None = None  # before the target
    preposition: str = ""  # the plainest of them
    objections: tuple[Rule, ...] = ()  # what speaks against doing it because of a clause's words
    good_share: float = 0.0  # of complete instructions
    unknown_share: float = 0.0  # of instructions about an unknown thing
    ability: str = ""  # in "I can ..."; empty where another skill's covers it


SPOKEN = (
    SpokenSkill(
        PUSH,
        v.PUSH_VERBS,
        words(
            "{v} {o} {d}|{v} {o} {d}|{v} {o} {d}|{v} {o} {d}|{d}, {v} {o}|give {o} a push {d}|{O} {d}"
            "|{o} should go {d}|i want {o} pushed {d}|make {o} go {d}|{o}: {d}|move {o} so that it is more {d}"
            "|{d}: {O}|{v} {d} {o}|{o} needs to go {d}|{o} goes {d}|use the gripper to push {o} {d}"
            "|i need {o} to move {d}|{v} {o} {d} a bit|push against {o} so that it moves {d}"
            "|{o} has to be pushed {d}",
            "{v} {o} {d}|{v} {o} {d}|{v} {o} {d}|{o} must be moved {d}"
            "|i would like to see {o} {d} of where it is now|{O}, {d}|get {o} to move {d}"
            "|take {o} and push it {d}|it's {o} that i want moved {d}|{v} {o} some way {d}",
        ),
        objections=(FROM, RELATION),
        good_share=0.24,
        unknown_share=0.25,
        ability="push",
    ),
    SpokenSkill(
        LIFT,
        v.LIFT_VERBS,
        words(
            "{v} {o}|{v} {o}|{v} {o}|{v} {o} off the table|{v} {o} into the air|lift {o} up|pick {o} up"
            "|i want {o} in the air|{o} up|lift: {O}|raise {o} above the table|{o} should be lifted"
            "|give {o} a lift|get {o} off the table|{O} lift|i need {o} lifted|lift {o} and hold it"
            "|{v} {o} up in the air|take {o} in your gripper|lift {o} a few centimetres|{v} {o} and keep it up",
            "{v} {o}|{v} {o}|{v} {o} from the table|{O}: up in the air|hold {o} up high|{o} has to come up"
            "|let me see {o} in the air|bring {o} up off the surface|{o}, pick it up|have {o} lifted",
        ),
        objections=(RELATION,),
        good_share=0.13,
        unknown_share=0.2,
        ability="lift",
    ),
    SpokenSkill(
        PLACE,
        v.PLACE_VERBS,
        words(
            "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{p} {t} put {o}|{o} goes {p} {t}"
            "|i want {o} in {t}|{O} {p} {T}|{T}: {O}|take {o} and put it in {t}|grab {o} and drop it into {t}"
            "|{o} belongs in {t}|fill {t} with {o}|{o} should be {p} {t}|{O} -> {T}|use {t} for {o}"
            "|{T}, {O} inside|{t} gets {o}|{t} is the place for {o}|{t} is where {o} belongs"
            "|make sure {o} is in {t}",
            "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{t} is where {o} should go|let {o} fall into {t}"
            "|get {o} and leave it in {t}|into {t} goes {o}|make sure {o} ends up in {t}|{t} should contain {o}"
            "|{o} must be put away in {t}|throw {o} away into {t}",
        ),
        prepositions=v.IN_WORDS,
        preposition="in",
        objections=(OUT, RELATION),
        good_share=0.14,
        unknown_share=0.15,
        ability="place",
    ),
    SpokenSkill(
        STACK,
        v.STACK_VERBS,
        words(
            "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{p} {t} put {o}"
            "|{o} goes on top of {t}|i want {o} on top of {t}|{O} on {T}|take {o} and put it on top of {t}"
            "|make a tower with {o} on {t}|{o} should be on top of {t}|{O} on top of {T}|{t} with {o} on top"
            "|use {t} as a base for {o}|make sure {o} is on top of {t}|{t} gets {o} on top",
            "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|build a tower: {O} over {T}"
            "|{t} should have {o} on top|get {o} and leave it on top of {t}|on top of {t} goes {o}"
            "|make sure {o} ends up on top of {t}|{o} has to sit on {t}|use {t} as the base and put {o} on it",
        ),
        prepositions=v.TOP_WORDS,
        preposition="on top of",
        objections=(OUT, RELATION),
        good_share=0.14,
        unknown_share=0.1,
        ability="stack",
    ),
    SpokenSkill(
        PUSH_TO,
        v.PUSH_TO_VERBS,
        words(
            "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{p} {t} push {o}|{o} goes on {t}"
            "|i want {o} on {t}|{O} to {T}|take {o} and put it on {t}|{o} should be on {t}|{O} -> {T}"
            "|{o} belongs on {t}|{v} {o} until it is on {t}|{T}: {O}|{O} on {T}|cover {t} with {o}"
            "|{t} is the place for {o}|{t} is where {o} belongs|{t} gets {o}|make sure {o} is on {t}"
            "|{t}, {O} onto it",
            "{v} {o} {p} {t}|{v} {o} {p} {t}|{v} {o} {p} {t}|{t} is where {o} should go"
            "|get {o} and leave it on {t}|onto {t} goes {o}|make sure {o} ends up on {t}|{o} has to be on {t}"
            "|let {t} have {o} on it|park {o} on {t}",
        ),
        prepositions=v.ONTO_WORDS,
        preposition="onto",
        objections=(OUT, RELATION),
        good_share=0.15,
        unknown_share=0.15,
    ),
    SpokenSkill(
        REACH,
        v.REACH_VERBS,
        words(
            "{v} {o}|{v} {o}|{v} {o}|{v} {o}|reach out to {o}|move your gripper to {o}|put your gripper near {o}"
            "|move the arm to {o}|touch {o} with the gripper|go next to {o}|reach: {O}|go and touch {o}"
            "|go right up to {o}|{o}: touch it|move your hand to {o}|move close to {o}|put your hand on {o}"
            "|bring the arm to {o}|be at {o}|go to where {o} is|place the gripper above {o}"
            "|stretch your arm to {o}|get the gripper to {o}|move the tool tip to {o}|move the hand over to {o}",
            "{v} {o}|{v} {o}|{v} {o}|bring the gripper close to {o}|place your fingertips at {o}"
            "|your hand should be at {o}|get near {o}|position the gripper over {o}|{o}, go there"
            "|let the tip of the gripper touch {o}|stretch out to {o}",
        ),
        objections=(RELATION,),
        good_share=0.15,
        unknown_share=0.15,
        ability="reach",
    ),
    SpokenSkill(
        HOME,
        words("go"),
        words(
            "go home|go home|return home|home|go back home|go back to start|rest|park|park the arm"
            "|go to your rest position|move to the home position|return to the rest pose"
            "|back to the start position|move back home|go to rest|come home|take a rest|reset the arm"
            "|reset your position|return to the starting position|reset|arm home|go to the home pose"
            "|move the arm back to its rest pose|drive home|retract the arm|home position|home please|go to start"
            "|return to start|rest position|go back to where you started|move to your home position"
            "|go to sleep position|return to your rest pose|go to your starting pose|back home"
            "|assume the rest position|return to home|stow yourself|back to rest",
            "head home|return to base|back to where you started|retreat to the parking position"
            "|resume your resting pose|bring the arm home|go back to your initial pose|assume the home pose"
            "|return to your default position|park yourself|rest the arm|get back to the starting pose"
            "|move to rest|time to go home|take the arm back to rest|stow the arm"
            "|arm back to the initial position",
        ),
        good_share=0.05,
        ability="go home",
    ),
)
_BY_NAME = {each.skill.name: each for each in SPOKEN}
TRANSPORT = {each.skill.name: each.skill for each in SPOKEN if each.skill.takes("target")}  # carry a thing to another


def spoken(skill: str) -> SpokenSkill:
    """Return what language knows of a declared skill, by its name; there is nothing to know of NONE."""
    return _BY_NAME[skill]
