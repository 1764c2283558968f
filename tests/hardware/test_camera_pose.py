"""A checkerboard painted as a camera at a known place would see it gives that place back."""

import cv2
import numpy as np
import pytest

from hardware.camera_pose import Board, camera_pose, find_corners, lens_from, plain_lens
from robot_wm.errors import ConfigError, DeviceError

BOARD = Board(8, 5, 0.02)
HEIGHT, WIDTH = 480, 640
LENS = plain_lens(HEIGHT, WIDTH, 40.0)
T_BASE_BOARD = np.array([[0.0, -1.0, 0.0, 0.20], [-1.0, 0.0, 0.0, 0.07], [0.0, 0.0, -1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


def looking(position_m: np.ndarray, at_m: np.ndarray) -> np.ndarray:
    """Pose (4, 4) of a camera in the base frame."""
    z = (at_m - position_m) / np.linalg.norm(at_m - position_m)
    x = np.cross(z, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = np.stack([x, np.cross(z, x), z], axis=1), position_m
    return pose


def painted(T_base_camera: np.ndarray) -> np.ndarray:
    """The picture (h, w, 3) that the camera takes of the board."""
    square_px, rim = 40, 2
    columns, rows = BOARD.columns + 1 + 2 * rim, BOARD.rows + 1 + 2 * rim
    y, x = np.mgrid[0 : rows * square_px, 0 : columns * square_px] // square_px
    inside = (x >= rim) & (x < columns - rim) & (y >= rim) & (y < rows - rim)
    paper = np.where(inside & ((x + y) % 2 == 0), 0, 255).astype(np.uint8)
    metres = np.array([[1.0, 0.0, -(rim + 1.0) * square_px + 0.5], [0.0, 1.0, -(rim + 1.0) * square_px + 0.5]])
    metres = np.vstack([metres * BOARD.square_m / square_px, [0.0, 0.0, 1.0]])  # pixel of the paper -> board, m
    T_camera_board = np.linalg.inv(T_base_camera) @ T_BASE_BOARD
    onto = LENS.matrix @ T_camera_board[:3, [0, 1, 3]] @ metres
    grey = cv2.warpPerspective(paper, onto, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=120.0)
    return np.repeat(cv2.GaussianBlur(grey, (3, 3), 0)[:, :, None], 3, axis=2)


PLACES = [(0.50, 0.0, 0.52), (0.42, 0.15, 0.50), (0.40, -0.18, 0.45), (0.30, 0.05, 0.55), (0.48, 0.1, 0.40)]
AT = np.array([0.16, 0.0, 0.0])


@pytest.mark.parametrize("place", PLACES)
def test_the_camera_is_found_where_it_is(place: tuple[float, float, float]) -> None:
    T_base_camera = looking(np.array(place), AT)
    pose = camera_pose(painted(T_base_camera), BOARD, LENS, T_BASE_BOARD)
    np.testing.assert_allclose(pose.position_m, place, atol=4e-3)
    np.testing.assert_allclose(pose.looks_along, T_base_camera[:3, 2], atol=1e-2)
    assert pose.error_px < 0.5


def test_corners_come_in_the_boards_order() -> None:
    corners = find_corners(painted(looking(np.array(PLACES[0]), AT)), BOARD).reshape(BOARD.rows, BOARD.columns, 2)
    ends = corners[0, 0], corners[-1, -1]
    T_camera_base = np.linalg.inv(looking(np.array(PLACES[0]), AT))
    for end, index in zip(ends, (0, -1), strict=True):
        point = T_camera_base @ T_BASE_BOARD @ np.append(BOARD.corners_m()[index], 1.0)
        pixel = LENS.matrix @ point[:3] / point[2]
        np.testing.assert_allclose(end, pixel[:2], atol=1.0)


def test_the_lens_comes_out_of_pictures_from_several_sides() -> None:
    lens = lens_from([painted(looking(np.array(place), AT)) for place in PLACES], BOARD)
    assert lens.matrix[0, 0] == pytest.approx(LENS.matrix[0, 0], rel=0.05)
    assert lens.error_px < 0.5
    with pytest.raises(ConfigError, match="at least 5 pictures"):
        lens_from([], BOARD)


def test_without_a_board_that_is_said_and_an_ambiguous_board_is_refused() -> None:
    with pytest.raises(DeviceError, match="8 x 5 inner corners"):
        find_corners(np.full((HEIGHT, WIDTH, 3), 200, np.uint8), BOARD)
    with pytest.raises(ConfigError, match="one side odd and one even"):
        Board(7, 5)
