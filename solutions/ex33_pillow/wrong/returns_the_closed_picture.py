"""Converts only where it seems necessary.

A picture that is RGB already is returned as it was opened: nobody has asked for its pixels yet, and
when somebody does, its file is closed. With files of any other mode it works.
"""

from pathlib import Path

import numpy as np
from PIL import Image


def load_rgb(path: str | Path) -> Image.Image:
    with Image.open(path) as img:
        return img if img.mode == "RGB" else img.convert("RGB")


def image_info(path: str | Path) -> dict[str, str | int]:
    """Describe a picture file by its first bytes, without reading its pixels."""
    with Image.open(path) as img:
        return {
            "format": img.format,
            "mode": img.mode,
            "width": img.width,
            "height": img.height,
            "channels": len(img.getbands()),
        }


def save_png(img: Image.Image, path: str | Path) -> None:
    """Write a picture of mode "RGB" or "L" to a PNG file, whatever the ending of path is."""
    img.save(path, format="PNG")


def show_picture(path: str | Path) -> None:
    """Open a picture file and show it once on the screen, in the viewer of the system."""
    with Image.open(path) as img:
        img.show()


def to_array(img: Image.Image) -> np.ndarray:
    """Return the pixels of a picture: (H, W, 3) for mode "RGB", (H, W) for mode "L", uint8."""
    return np.array(img)


def to_image(arr: np.ndarray) -> Image.Image:
    """Return the picture whose pixels are arr: mode "RGB" for (H, W, 3), mode "L" for (H, W)."""
    if arr.dtype != np.uint8:
        raise TypeError(f"to_image needs uint8, got {arr.dtype}")
    if arr.ndim != 2 and (arr.ndim != 3 or arr.shape[2] != 3):
        raise ValueError(f"to_image needs (H, W, 3) or (H, W), got {arr.shape}")
    return Image.fromarray(arr.copy())  # of a grey array fromarray would share the memory


def hwc_to_chw(arr: np.ndarray) -> np.ndarray:
    """Turn (H, W, C), the order of Pillow, into (C, H, W), the order of PyTorch."""
    if arr.ndim != 3:
        raise ValueError(f"hwc_to_chw needs a 3-d array, got {arr.ndim}-d")
    return np.ascontiguousarray(arr.transpose(2, 0, 1))


def chw_to_hwc(arr: np.ndarray) -> np.ndarray:
    """Turn (C, H, W) into (H, W, C): the way back, with the same promises as hwc_to_chw."""
    if arr.ndim != 3:
        raise ValueError(f"chw_to_hwc needs a 3-d array, got {arr.ndim}-d")
    return np.ascontiguousarray(arr.transpose(1, 2, 0))


def flat_chw(img: Image.Image) -> list[int]:
    """List the values of a picture of mode "RGB": all red ones, then all green, then all blue."""
    return hwc_to_chw(to_array(img)).ravel().tolist()
