"""An arm of serial servos: configuration, calibration, start and stop, control cycle, faults.

Knows servo buses; knows neither the supervisor nor the emulator.
"""

from hardware.arm.calibration import Calibration as Calibration
from hardware.arm.calibration import JointCalibration as JointCalibration
from hardware.arm.calibration import JointModel as JointModel
from hardware.arm.calibration import centred as centred
from hardware.arm.calibration import load_calibration as load_calibration
from hardware.arm.calibration import save_calibration as save_calibration
from hardware.arm.config import SerialArmConfig as SerialArmConfig
from hardware.arm.config import arm_spec as arm_spec
from hardware.arm.config import calibration_of as calibration_of
from hardware.arm.config import calibration_path as calibration_path
from hardware.arm.cycle import Notify as Notify
from hardware.arm.faults import REMEDIES as REMEDIES
from hardware.arm.faults import ArmFaultError as ArmFaultError
from hardware.arm.faults import Fault as Fault
from hardware.arm.faults import Kind as Kind
from hardware.arm.feedback import FeedbackReader as FeedbackReader
from hardware.arm.serial_arm import PARK_RATE_HZ as PARK_RATE_HZ
from hardware.arm.serial_arm import SerialArm as SerialArm
from hardware.arm.servo_family import ServoFamily as ServoFamily
from hardware.arm.servo_family import family_of as family_of
from hardware.arm.start_stop import Starter as Starter
from hardware.arm.start_stop import release as release
