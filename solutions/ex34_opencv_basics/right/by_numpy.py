"""Another right solution: Python reads and writes the files, numpy does the colours."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np


def safe_imread(path: str | Path) -> np.ndarray:
    """Decode the bytes, which works for every path on every system."""
    content = np.frombuffer(Path(path).read_bytes(), np.uint8)
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    if picture is None:
        raise ValueError(f"{path} is no picture")
    return picture


def safe_imwrite(path: str | Path, img: np.ndarray) -> None:
    """Encode the picture, and let Python complain about folders."""
    done, content = cv2.imencode(Path(path).suffix, img)
    if not done:
        raise OSError("the picture cannot be encoded")
    Path(path).write_bytes(content.tobytes())


def set_pixel(
    img: np.ndarray, x: int, y: int, bgr: tuple[int, int, int], *, copy: bool = False
) -> np.ndarray:
    """Let range say which numbers are inside."""
    if y not in range(img.shape[0]) or x not in range(img.shape[1]):
        raise IndexError("outside")
    result = np.array(img) if copy else img
    for channel, value in enumerate(bgr):
        result[y, x, channel] = value
    return result


def bgr_to_rgb(img: np.ndarray) -> np.ndarray:
    """Put the three channels together in the other order."""
    return np.ascontiguousarray(img[:, :, [2, 1, 0]])


def to_gray(img: np.ndarray) -> np.ndarray:
    """Add up in float64 and cut off what is behind the point."""
    blue, green, red = (img[:, :, channel].astype(float) for channel in range(3))
    return (0.114 * blue + 0.587 * green + 0.299 * red).astype(np.uint8)


def hue_mask(img: np.ndarray, lo: int, hi: int) -> np.ndarray:
    """Count from lo on around the circle, to the hue and to hi."""
    if min(lo, hi) < 0 or max(lo, hi) > 179:
        raise ValueError("no such hue")
    hue = cv2.cvtColor(img, cv2.COLOR_BGR2HSV)[:, :, 0].astype(int)
    is_gray = (img == img[:, :, :1]).all(axis=2)
    mask = (hue - lo) % 180 <= (hi - lo) % 180
    mask[is_gray] = False
    return mask.astype(np.uint8) * 255


def show_or_skip(name: str, img: np.ndarray, cv: Any = cv2) -> bool:
    """Catch the error around all three calls."""
    try:
        cv.imshow(name, img)
        cv.waitKey()
        cv.destroyAllWindows()
    except cv2.error:
        return False
    return True
