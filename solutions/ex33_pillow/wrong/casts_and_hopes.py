"""astype(np.uint8) instead of looking at the dtype, and no look at the shape.

Numbers between 0 and 1 all become 0, the picture is black, and no error says why. moveaxis too takes
whatever it gets.
"""

from pathlib import Path

import numpy as np
from PIL import Image


def load_rgb(path: str | Path) -> Image.Image:
    """Read a picture file of any mode as a picture of mode "RGB"."""
    with Image.open(path) as img:
        return img.convert("RGB")


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
    return Image.fromarray(arr.astype(np.uint8))  # astype copies


def hwc_to_chw(arr: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(arr, -1, 0))


def chw_to_hwc(arr: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(arr, 0, -1))


def flat_chw(img: Image.Image) -> list[int]:
    """List the values of a picture of mode "RGB": all red ones, then all green, then all blue."""
    return hwc_to_chw(to_array(img)).ravel().tolist()
