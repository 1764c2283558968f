"""World models behind one interface; `open_model` opens a checkpoint of any family."""

from robot_wm.world_model.families import SHIPPED as SHIPPED
from robot_wm.world_model.families import open_model as open_model
from robot_wm.world_model.protocol import Decodes as Decodes
from robot_wm.world_model.protocol import Locates as Locates
from robot_wm.world_model.protocol import Places as Places
from robot_wm.world_model.protocol import Proposals as Proposals
from robot_wm.world_model.protocol import Proposes as Proposes
from robot_wm.world_model.protocol import Rollout as Rollout
from robot_wm.world_model.protocol import Scene as Scene
from robot_wm.world_model.protocol import Scores as Scores
from robot_wm.world_model.protocol import State as State
from robot_wm.world_model.protocol import WorldModel as WorldModel
from robot_wm.world_model.success import SuccessCalibration as SuccessCalibration
