"""Another right solution: the same work by other functions of OpenCV."""

import cv2
import numpy as np


def _check(k: int) -> None:
    if k not in range(1, k + 1, 2):
        raise ValueError(f"{k} is even or too small")


def mean_filter(img: np.ndarray, k: int) -> np.ndarray:
    """Use the box filter, of which blur is a short form."""
    _check(k)
    return cv2.boxFilter(img, -1, ksize=(k, k), normalize=True)


def gaussian(img: np.ndarray, k: int, sigma: float = 0) -> np.ndarray:
    """Filter along both directions, one after the other."""
    _check(k)
    weights = cv2.getGaussianKernel(k, sigma)
    return cv2.sepFilter2D(img, -1, weights, weights)


def edges(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """Give the thresholds by name."""
    return cv2.Canny(image=img, threshold1=lo, threshold2=hi)


def erode(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Repeat small erosions in a loop."""
    _check(k)
    result = np.array(img)
    for _ in range(n):
        result = cv2.erode(result, cv2.getStructuringElement(cv2.MORPH_RECT, (k, k)))
    return result


def dilate(img: np.ndarray, k: int, n: int) -> np.ndarray:
    """Dilate once with a kernel as large as n small ones."""
    _check(k)
    side = n * (k - 1) + 1
    return cv2.dilate(img, np.ones((side, side)))


def remove_dots(img: np.ndarray, k: int) -> np.ndarray:
    """Erode, then dilate."""
    return dilate(erode(img, k, 1), k, 1)


def fill_holes(img: np.ndarray, k: int) -> np.ndarray:
    """Dilate, then erode."""
    return erode(dilate(img, k, 1), k, 1)


def resize_half(img: np.ndarray) -> np.ndarray:
    """Take the shape backwards."""
    size = tuple(side // 2 for side in img.shape[1::-1])
    return cv2.resize(src=img, dsize=size, interpolation=cv2.INTER_LINEAR)


def rotate(img: np.ndarray, angle: float, scale: float = 1.0) -> np.ndarray:
    """Turn the other way round and let warpAffine go backwards."""
    width, height = img.shape[1], img.shape[0]
    centre = (width / 2 - 0.5, height / 2 - 0.5)
    back = cv2.getRotationMatrix2D(centre, -angle, 1 / scale)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(img, back, dsize=(width, height), flags=flags)
