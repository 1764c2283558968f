"""Planning in a world model's latent space, over any model that scores goals."""

from robot_wm.planning.mppi import MPPI as MPPI
from robot_wm.planning.mppi import PlannerConfig as PlannerConfig
from robot_wm.planning.objective import Objective as Objective
from robot_wm.planning.plan import Plan as Plan
from robot_wm.planning.plan import PriorOnly as PriorOnly
from robot_wm.planning.plan import Searcher as Searcher
from robot_wm.planning.recovery import RecoveryConfig as RecoveryConfig
