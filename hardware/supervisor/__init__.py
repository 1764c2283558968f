"""The supervisor: a small process that owns the arm's port and outlives the program that commands the arm."""

from hardware.supervisor.client import SupervisedArm as SupervisedArm
from hardware.supervisor.endpoint import connect_to as connect_to
from hardware.supervisor.endpoint import endpoint_of as endpoint_of
from hardware.supervisor.state_machine import ControllerTimeouts as ControllerTimeouts
from hardware.supervisor.wire import OPERATOR as OPERATOR
from hardware.supervisor.wire import Channel as Channel
from hardware.supervisor.wire import Message as Message
from hardware.supervisor.wire import WireError as WireError
