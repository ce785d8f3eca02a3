"""Exercise ex34_opencv_basics: pictures in and out of files, their pixels and their colours.

Add the imports that you need. A picture is an array (height, width, 3) of uint8 in the order of
OpenCV: blue, green, red (BGR). It has at least one pixel and may be a view of a larger array.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np


def safe_imread(path: str | Path) -> np.ndarray:
    """Read a picture from a file, without ever returning None.

    Returns an array (height, width, 3) of uint8, BGR, as cv2.imread gives it by default: a grey
    file has three equal channels, an alpha channel is left out.
    Raises FileNotFoundError when there is no file at this path, and ValueError when there is one,
    but OpenCV cannot make a picture of it.
    """
    raise NotImplementedError


def safe_imwrite(path: str | Path, img: np.ndarray) -> None:
    """Write a BGR picture to a file; the ending of the path (.png, .jpg) says the format.

    Whoever opens the file elsewhere sees the right colours.
    Raises OSError (or a subclass of it) when OpenCV reports that it could not write, as for a
    folder that does not exist.
    """
    raise NotImplementedError


def set_pixel(
    img: np.ndarray, x: int, y: int, bgr: tuple[int, int, int], *, copy: bool = False
) -> np.ndarray:
    """Give the pixel in column x and row y the colour bgr, and return the picture.

    Both are counted from 0, x from the left and y from the top. With copy=False the array img
    itself is changed and returned; with copy=True img stays as it is and a changed copy is
    returned.
    Raises IndexError when x or y lies outside the picture, negative numbers included; img is not
    changed then.
    """
    raise NotImplementedError


def bgr_to_rgb(img: np.ndarray) -> np.ndarray:
    """Return a new picture with red first and blue last.

    img: (height, width, 3), uint8 or float32, BGR. Returns an array of the same shape and dtype;
    it is contiguous in memory and shares none with img, which stays as it is.
    """
    raise NotImplementedError


def to_gray(img: np.ndarray) -> np.ndarray:
    """Return the brightness 0.114 B + 0.587 G + 0.299 R of every pixel of a BGR picture.

    Returns an array (height, width) of uint8, at most 1 away from the exact value.
    """
    raise NotImplementedError


def hue_mask(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """Return a mask of the pixels whose hue lies between lo and hi, both included.

    The hue is H as cv2.COLOR_BGR2HSV gives it for a BGR picture of uint8: 0 to 179, on a circle on
    which 0 follows 179. With lo <= hi the hues lo, ..., hi are meant; with lo > hi the way goes
    around the end: lo, ..., 179, 0, ..., hi.
    A pixel with three equal numbers (black, grey, white) has no hue and belongs to no mask.

    Returns an array (height, width) of uint8: 255 for the pixels of the mask, 0 for the others.
    Raises ValueError when lo or hi is not one of 0 to 179.
    """
    raise NotImplementedError


def show_or_skip(name: str, img: np.ndarray, cv: Any = cv2) -> bool:
    """Show a picture in a window until a key is pressed; say whether there was a window.

    cv is the module cv2, or something that has its imshow, waitKey, destroyAllWindows and error.
    Calls cv.imshow(name, img), then cv.waitKey(0), then cv.destroyAllWindows(), and returns True.
    Without windows imshow raises cv2.error, and so do the other two: then returns False and does
    not wait for a key. Any other exception of imshow goes on to the caller.
    """
    raise NotImplementedError
