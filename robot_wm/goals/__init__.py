"""What can be asked for: the goal grammar and the names of things on a table."""

from robot_wm.goals.task import COLOURS as COLOURS
from robot_wm.goals.task import DIRECTIONS as DIRECTIONS
from robot_wm.goals.task import KINDS as KINDS
from robot_wm.goals.task import MOVABLE_KINDS as MOVABLE_KINDS
from robot_wm.goals.task import NAMES as NAMES
from robot_wm.goals.task import SKILLS as SKILLS
from robot_wm.goals.task import TARGET_KINDS as TARGET_KINDS
from robot_wm.goals.task import TARGETS_MAX as TARGETS_MAX
from robot_wm.goals.task import Task as Task
from robot_wm.goals.task import kind_of as kind_of
