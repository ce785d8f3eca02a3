"""Another right solution: windows of numpy for filters and morphology, inverse mapping by hand."""

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _margin(k: int) -> int:
    if k % 2 != 1 or k <= 0:
        raise ValueError("a kernel needs a middle")
    return (k - 1) // 2


def _windows(img: np.ndarray, k: int, **padding: object) -> np.ndarray:
    """Return all k x k windows, in the last two axes."""
    margin = _margin(k)
    around = [(margin, margin), (margin, margin)] + [(0, 0)] * (img.ndim - 2)
    return sliding_window_view(np.pad(img, around, **padding), (k, k), axis=(0, 1))


def _weighted(img: np.ndarray, weights: np.ndarray) -> np.ndarray:
    windows = _windows(img, len(weights), mode="reflect")
    values = (windows * weights).sum(axis=(-2, -1))
    return (np.rint(values) if img.dtype == np.uint8 else values).astype(img.dtype)


def mean_filter(img: np.ndarray, k: int) -> np.ndarray:
    """Weigh all pixels alike."""
    _margin(k)
    return _weighted(img, np.full((k, k), 1 / k**2))


def gaussian(img: np.ndarray, k: int, sigma: float = 0) -> np.ndarray:
    """Weigh with a column times a row."""
    _margin(k)
    column = cv2.getGaussianKernel(k, sigma)
    return _weighted(img, column @ column.T)


def edges(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """Name all that Canny would take anyway."""
    return cv2.Canny(np.ascontiguousarray(img), lo, hi, apertureSize=3, L2gradient=False)


def erode(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Take the minimum, with white outside."""
    _margin(k)
    result = img.copy()
    for _ in range(n):
        result = _windows(result, k, constant_values=255).min(axis=(-2, -1))
    return result


def dilate(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Erode the negative."""
    return 255 - erode(255 - img, k, n)


def remove_dots(img: np.ndarray, k: int) -> np.ndarray:
    """Erode, then dilate."""
    return dilate(erode(img, k, 1), k, 1)


def fill_holes(img: np.ndarray, k: int) -> np.ndarray:
    """Dilate, then erode."""
    return erode(dilate(img, k, 1), k, 1)


def resize_half(img: np.ndarray) -> np.ndarray:
    """Ask each new row and column between which two old ones it lies."""
    result = img.astype(float)
    for axis in (0, 1):
        old = img.shape[axis]
        place = (np.arange(old // 2) + 0.5) * (old / (old // 2)) - 0.5
        before = place.astype(int)
        share = (place - before).reshape([-1] + [1] * (img.ndim - 1)).swapaxes(0, axis)
        first, second = result.take(before, axis), result.take(before + 1, axis)
        result = first + share * (second - first)
    return np.rint(result).astype(np.uint8)


def rotate(img: np.ndarray, angle: float, scale: float = 1.0) -> np.ndarray:
    """Write the matrix down instead of asking for it."""
    height, width = img.shape[:2]
    a, b = scale * np.cos(np.deg2rad(angle)), scale * np.sin(np.deg2rad(angle))
    linear = np.array([[a, b], [-b, a]])
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    matrix = np.column_stack([linear, centre - linear @ centre])
    return cv2.warpAffine(img, matrix, (width, height), flags=cv2.INTER_LINEAR)
