"""k is handed on without a look.

GaussianBlur complains about an even k, with an error of its own; blur and the morphology take it in
silence and push the picture by half a pixel.
"""

import cv2
import numpy as np


def _kernel(k: int) -> np.ndarray:
    """Return a kernel of k x k ones; whatever k is."""
    return np.ones((k, k), np.uint8)


def mean_filter(img: np.ndarray, k: int) -> np.ndarray:
    """Return the mean of the k x k pixels around each pixel, each channel on its own."""
    return cv2.blur(img, _kernel(k).shape)


def gaussian(img: np.ndarray, k: int, sigma: float = 0) -> np.ndarray:
    """Return the mean of the k x k pixels around each pixel, weighted by a Gaussian."""
    return cv2.GaussianBlur(img, _kernel(k).shape, sigma)


def edges(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """Return the edges of a picture as cv2.Canny finds them, with lo < hi."""
    return cv2.Canny(img, lo, hi)


def erode(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Replace each pixel by the smallest of the k x k pixels around it, n times."""
    return cv2.erode(img, _kernel(k), iterations=n)


def dilate(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Replace each pixel by the largest of the k x k pixels around it, n times."""
    return cv2.dilate(img, _kernel(k), iterations=n)


def remove_dots(img: np.ndarray, k: int) -> np.ndarray:
    """Remove bright spots in which no k x k square fits."""
    return cv2.morphologyEx(img, cv2.MORPH_OPEN, _kernel(k))


def fill_holes(img: np.ndarray, k: int) -> np.ndarray:
    """Fill dark holes in which no k x k square fits."""
    return cv2.morphologyEx(img, cv2.MORPH_CLOSE, _kernel(k))


def resize_half(img: np.ndarray) -> np.ndarray:
    """Return the picture at height // 2 and width // 2, interpolated linearly."""
    height, width = img.shape[:2]
    return cv2.resize(img, (width // 2, height // 2))


def rotate(img: np.ndarray, angle: float, scale: float = 1.0) -> np.ndarray:
    """Turn the picture counter-clockwise about its centre by angle degrees, and scale it."""
    height, width = img.shape[:2]
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrix = cv2.getRotationMatrix2D(centre, angle, scale)
    return cv2.warpAffine(img, matrix, (width, height))
