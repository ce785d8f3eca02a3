"""Neither imread's nor imwrite's answer is looked at.

Both tell of a failure by what they return, None and False, and raise nothing. The program stops
much later, in another place, or the file is simply not there.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np


def safe_imread(path: str | Path) -> np.ndarray:
    """Read a picture from a file, without ever returning None."""
    return cv2.imread(str(path))


def safe_imwrite(path: str | Path, img: np.ndarray) -> None:
    """Write a BGR picture to a file."""
    cv2.imwrite(str(path), img)


def set_pixel(
    img: np.ndarray, x: int, y: int, bgr: tuple[int, int, int], *, copy: bool = False
) -> np.ndarray:
    """Give the pixel in column x and row y the colour bgr, and return the picture."""
    height, width, _ = img.shape
    if not (0 <= x < width and 0 <= y < height):
        raise IndexError(f"({x}, {y}) is outside a picture of {width} x {height}")
    if copy:
        img = img.copy()
    img[y, x] = bgr
    return img


def bgr_to_rgb(img: np.ndarray) -> np.ndarray:
    """Return a new picture with red first and blue last."""
    return cv2.cvtColor(img, cv2.COLOR_BGR2RGB)


def to_gray(img: np.ndarray) -> np.ndarray:
    """Return the brightness of every pixel of a BGR picture."""
    return cv2.cvtColor(img, cv2.COLOR_BGR2GRAY)


def hue_mask(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """Return a mask of the pixels whose hue lies between lo and hi, both included."""
    if not (0 <= lo <= 179 and 0 <= hi <= 179):
        raise ValueError(f"hues go from 0 to 179, not from {lo} to {hi}")
    hsv = cv2.cvtColor(img, cv2.COLOR_BGR2HSV)
    hue, saturation = hsv[..., 0], hsv[..., 1]
    from_lo, to_hi = hue >= lo, hue <= hi
    inside = from_lo & to_hi if lo <= hi else from_lo | to_hi
    return np.where(inside & (saturation > 0), 255, 0).astype(np.uint8)


def show_or_skip(name: str, img: np.ndarray, cv: Any = cv2) -> bool:
    """Show a picture in a window until a key is pressed; say whether there was a window."""
    try:
        cv.imshow(name, img)
    except cv.error:
        return False
    cv.waitKey(0)
    cv.destroyAllWindows()
    return True
