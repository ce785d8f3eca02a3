"""One call of cv2.inRange, as in the first example that one finds.

With lo > hi nothing can be between them. And the saturation begins at 0, so that black, grey and
white, to which OpenCV gives the hue of red, are found among the reds.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np


def safe_imread(path: str | Path) -> np.ndarray:
    """Read a picture from a file, without ever returning None."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}")
    img = cv2.imread(str(path))
    if img is None:
        raise ValueError(f"OpenCV cannot make a picture of {path}")
    return img


def safe_imwrite(path: str | Path, img: np.ndarray) -> None:
    """Write a BGR picture to a file."""
    if not cv2.imwrite(str(path), img):
        raise OSError(f"OpenCV could not write {path}")


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
    hsv = cv2.cvtColor(img, cv2.COLOR_BGR2HSV)
    return cv2.inRange(hsv, (lo, 0, 0), (hi, 255, 255))


def show_or_skip(name: str, img: np.ndarray, cv: Any = cv2) -> bool:
    """Show a picture in a window until a key is pressed; say whether there was a window."""
    try:
        cv.imshow(name, img)
    except cv.error:
        return False
    cv.waitKey(0)
    cv.destroyAllWindows()
    return True
