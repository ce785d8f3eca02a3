"""Exercise ex35_opencv_processing: filters, edges, morphology and geometry with OpenCV.

Add the imports that you need. A picture is an array of uint8, grey (height, width) or in colour
(height, width, 3); it may be a view of a larger array. Every function returns a new array and
leaves img as it is. A kernel has k rows and k columns: k is odd and at least 1, and every function
with a k raises ValueError for any other k.
"""

import numpy as np


def mean_filter(img: np.ndarray, k: int) -> np.ndarray:
    """Return the mean of the k x k pixels around each pixel, each channel on its own.

    img: uint8 or float32. At the border the picture goes on as in a mirror that stands on the
    outermost pixels: OpenCV's default. k // 2 is less than height and width.
    Returns an array of the same shape and dtype; with uint8 at most 1 away from the exact mean.
    """
    raise NotImplementedError


def gaussian(img: np.ndarray, k: int, sigma: float = 0) -> np.ndarray:
    """Return the mean of the k x k pixels around each pixel, weighted by a Gaussian.

    img: uint8 or float32. The weights are those of cv2.getGaussianKernel(k, sigma) in both
    directions; with sigma=0 OpenCV chooses them by k alone. The border is as in mean_filter.
    Returns an array of the same shape and dtype; with uint8 at most 2 away from the exact value.
    """
    raise NotImplementedError


def edges(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """Return the edges of a picture as cv2.Canny finds them, with lo < hi.

    Where the brightness changes by more than hi is an edge; where it changes by more than lo, only
    if it is connected to such a place. In colour, a change in any channel counts: two colours of
    one brightness have an edge between them. Nothing is smoothed before.
    Returns an array (height, width) of uint8 in which edges are 255 and all else is 0.
    """
    raise NotImplementedError


def erode(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Replace each pixel by the smallest of the k x k pixels around it, n times, n >= 0.

    Each channel on its own; what lies outside the picture does not count.
    """
    raise NotImplementedError


def dilate(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Replace each pixel by the largest of the k x k pixels around it, n times, n >= 0.

    Each channel on its own; what lies outside the picture does not count.
    """
    raise NotImplementedError


def remove_dots(img: np.ndarray, k: int) -> np.ndarray:
    """Remove bright spots in which no k x k square fits; all else keeps its shape.

    One erosion and one dilation with a k x k kernel, in the right order.
    """
    raise NotImplementedError


def fill_holes(img: np.ndarray, k: int) -> np.ndarray:
    """Fill dark holes in which no k x k square fits; all else keeps its shape.

    One erosion and one dilation with a k x k kernel, in the right order.
    """
    raise NotImplementedError


def resize_half(img: np.ndarray) -> np.ndarray:
    """Return the picture at height // 2 and width // 2, interpolated linearly.

    img: at least 2 x 2 pixels. The values are those of cv2.INTER_LINEAR, OpenCV's default, at most
    1 away.
    """
    raise NotImplementedError


def rotate(img: np.ndarray, angle: float, scale: float = 1.0) -> np.ndarray:
    """Turn the picture counter-clockwise about its centre by angle degrees, and scale it.

    The centre is x = (width - 1) / 2, y = (height - 1) / 2, since pixels are counted from 0.
    Returns an array of the shape of img: what does not fit is cut off, what is missing is black.
    The values are interpolated linearly; a turn by 180 degrees is img[::-1, ::-1].
    """
    raise NotImplementedError
