"""Another right solution: masks of cv2.inRange, channels that are split and merged."""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np


def safe_imread(path: str | Path) -> np.ndarray:
    """Read first, and look for the reason only when nothing came."""
    img = cv2.imread(os.fspath(path), cv2.IMREAD_COLOR)
    if img is not None:
        return img
    if Path(path).exists():
        raise ValueError(f"not a picture: {path}")
    raise FileNotFoundError(path)


def safe_imwrite(path: str | Path, img: np.ndarray) -> None:
    """Look for the folder before, and at the answer after."""
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(f"there is no folder for {path}")
    written = cv2.imwrite(os.fspath(path), img)
    if written is False:
        raise OSError(f"{path} was not written")


def set_pixel(
    img: np.ndarray, x: int, y: int, bgr: tuple[int, int, int], *, copy: bool = False
) -> np.ndarray:
    """Let numpy refuse what is too large."""
    if x < 0 or y < 0:
        raise IndexError("x and y are counted from 0")
    target = img.copy() if copy else img
    target[y, x, :] = np.array(bgr, dtype=img.dtype)
    return target


def bgr_to_rgb(img: np.ndarray) -> np.ndarray:
    """Split, and merge in the other order."""
    blue, green, red = cv2.split(img)
    return cv2.merge([red, green, blue])


def to_gray(img: np.ndarray) -> np.ndarray:
    """Turn to RGB first, then use the weights of RGB."""
    return cv2.cvtColor(bgr_to_rgb(img), cv2.COLOR_RGB2GRAY)


def hue_mask(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """One range, or two of them joined by or; saturation and brightness begin at 1."""
    if lo not in range(180) or hi not in range(180):
        raise ValueError("a hue is 0 to 179")
    hsv = cv2.cvtColor(img, cv2.COLOR_BGR2HSV)
    if lo <= hi:
        return cv2.inRange(hsv, (lo, 1, 1), (hi, 255, 255))
    upper = cv2.inRange(hsv, (lo, 1, 1), (179, 255, 255))
    return cv2.bitwise_or(upper, cv2.inRange(hsv, (0, 1, 1), (hi, 255, 255)))


def show_or_skip(name: str, img: np.ndarray, cv: Any = cv2) -> bool:
    """Remember whether there is a window, and wait only then."""
    has_window = True
    try:
        cv.imshow(name, img)
    except cv2.error:
        has_window = False
    if has_window:
        cv.waitKey(0)
        cv.destroyAllWindows()
    return has_window
