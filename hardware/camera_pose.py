"""Calibrates a camera's lens and pose from pictures of a printed checkerboard that lies on the table.

The camera frame is OpenCV's: x right, y down, z along the optical axis. The board frame has its origin at the first
inner corner, next to the black corner square, x along a row, y along a column, z into the table; `T_base_board` is its
pose in the arm's base frame. Lens calibration is Zhang's method as implemented by OpenCV (Z. Zhang, "A flexible new
technique for camera calibration", IEEE TPAMI 2000).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from robot_wm.errors import ConfigError, DeviceError
from robot_wm.types import Floats

Picture = NDArray[np.uint8]  # RGB (h, w, 3)
LEAST_PICTURES = 5  # from different viewpoints, for the lens


@dataclass(frozen=True)
class Board:
    """A checkerboard by its inner corners; one side odd and one even, so that its orientation is unambiguous."""

    columns: int = 8
    rows: int = 5
    square_m: float = 0.02

    def __post_init__(self) -> None:
        if min(self.columns, self.rows) < 3 or (self.columns + self.rows) % 2 == 0 or not self.square_m > 0:
            raise ConfigError(
                "a board needs at least 3 x 3 inner corners, one side odd and one even, and a positive square size; "
                f"received {self.columns} x {self.rows}, {self.square_m} m"
            )

    def corners_m(self) -> Floats:
        """Return the inner corners (n, 3) in the board frame, m, row by row."""
        x, y = np.meshgrid(np.arange(self.columns), np.arange(self.rows))
        return self.square_m * np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1).astype(np.float64)


@dataclass(frozen=True)
class Lens:
    """Intrinsics of a camera."""

    matrix: Floats  # (3, 3) camera matrix, px
    distortion: Floats  # (k,) coefficients in OpenCV's order
    error_px: float = 0.0  # root mean square over all corners


@dataclass(frozen=True)
class CameraPose:
    """Pose of a camera in the arm's base frame."""

    position_m: Floats  # (3,)
    rotation: Floats  # (3, 3), columns are the camera's axes in the base frame
    error_px: float  # root mean square over the corners

    @property
    def looks_along(self) -> Floats:
        """Unit vector (3,) along the optical axis, base frame."""
        return self.rotation[:, 2]


def find_corners(rgb: Picture, board: Board) -> Floats:
    """Return the inner corners (n, 2) in px, in the order of `Board.corners_m`. Raises DeviceError if not found."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    flags = cv2.CALIB_CB_EXHAUSTIVE | cv2.CALIB_CB_ACCURACY
    is_there, corners = cv2.findChessboardCornersSB(grey, (board.columns, board.rows), flags=flags)
    if not is_there or corners is None:
        raise DeviceError(
            f"no checkerboard of {board.columns} x {board.rows} inner corners in the picture; it must be completely "
            "visible, flat, evenly lit, with a white border"
        )
    grid = np.asarray(corners, dtype=np.float64).reshape(board.rows, board.columns, 2)
    turned = grid[::-1, ::-1]
    return (turned if _outside(grey, grid) > _outside(grey, turned) else grid).reshape(-1, 2)


def lens_from(pictures: Sequence[Picture], board: Board) -> Lens:
    """Calibrate the lens from pictures of the board from different viewpoints. Raises ConfigError, DeviceError."""
    if len(pictures) < LEAST_PICTURES:
        raise ConfigError(f"the lens needs at least {LEAST_PICTURES} pictures of the board, received {len(pictures)}")
    corners = [find_corners(picture, board).astype(np.float32) for picture in pictures]
    points = [board.corners_m().astype(np.float32)] * len(pictures)
    height, width = pictures[0].shape[:2]
    error_px, matrix, distortion, _, _ = cv2.calibrateCamera(points, corners, (width, height), None, None)
    return Lens(np.array(matrix, np.float64), np.array(distortion, np.float64).ravel(), float(error_px))


def plain_lens(height: int, width: int, fovy_deg: float) -> Lens:
    """Return a lens without distortion, from its vertical field of view."""
    focal_px = height / 2.0 / math.tan(math.radians(fovy_deg) / 2.0)
    centre = (width - 1) / 2.0, (height - 1) / 2.0
    return Lens(np.array([[focal_px, 0.0, centre[0]], [0.0, focal_px, centre[1]], [0.0, 0.0, 1.0]]), np.zeros(5))


def camera_pose(rgb: Picture, board: Board, lens: Lens, T_base_board: Floats) -> CameraPose:
    """Return the pose of the camera that took a picture.

    Args:
        rgb: the picture, (h, w, 3).
        board: the board in the picture.
        lens: of this camera at this picture size.
        T_base_board: pose of the board in the arm's base frame, (4, 4).

    Raises:
        DeviceError: when the board is not found or fits no pose.
    """
    corners, points = find_corners(rgb, board), board.corners_m()
    is_found, turn, shift = cv2.solvePnP(points, corners, lens.matrix, lens.distortion, flags=cv2.SOLVEPNP_ITERATIVE)
    if not is_found:
        raise DeviceError("the corners fit no camera pose; does the lens belong to this camera and picture size?")
    seen, _ = cv2.projectPoints(points, turn, shift, lens.matrix, lens.distortion)
    error_px = float(np.sqrt(np.mean(np.sum((seen.reshape(-1, 2) - corners) ** 2, axis=1))))
    T_camera_board = np.eye(4)
    T_camera_board[:3, :3], T_camera_board[:3, 3] = cv2.Rodrigues(turn)[0], shift.ravel()
    T_base_camera = T_base_board @ np.linalg.inv(T_camera_board)
    return CameraPose(T_base_camera[:3, 3], T_base_camera[:3, :3], error_px)


def _outside(grey: NDArray[np.uint8], grid: Floats) -> float:
    """Return the brightness of the square outside the first corner of a grid (rows, columns, 2); it should be black."""

    first, along, across = grid[0, 0], grid[0, 1], grid[1, 0]
    x, y = np.rint(first - (along - first) / 2.0 - (across - first) / 2.0).astype(int).tolist()
    height, width = grey.shape
    return float(grey[min(max(y, 0), height - 1), min(max(x, 0), width - 1)])
