"""Exercise ex33_pillow: picture files with Pillow, pictures as arrays, HWC and CHW.

Add the imports that you need.
"""

from pathlib import Path

import numpy as np
from PIL import Image


def load_rgb(path: str | Path) -> Image.Image:
    """Read a picture file of any mode as a picture of mode "RGB".

    The colours are those of `convert("RGB")`: grey becomes three equal channels, a palette is
    looked up, transparency is dropped. Of an animation the first picture counts.
    When the function returns, all pixels are in memory and the file is closed.
    Raises OSError when there is no file, when it is no picture, or when its pixels are incomplete.
    """
    raise NotImplementedError


def image_info(path: str | Path) -> dict[str, str | int]:
    """Describe a picture file by its first bytes, without reading its pixels.

    Returns a dict with the keys "format" ("PNG", "JPEG", ...), "mode" ("RGB", "P", ...), "width",
    "height" and "channels", the number of values that a pixel has in the file: 4 for "RGBA", 1 for
    "P". When the function returns, the file is closed.
    A file whose pixels are cut off is described like any other.
    Raises OSError when there is no file or it is no picture.
    """
    raise NotImplementedError


def save_png(img: Image.Image, path: str | Path) -> None:
    """Write a picture of mode "RGB" or "L" to a PNG file, whatever the ending of path is."""
    raise NotImplementedError


def show_picture(path: str | Path) -> None:
    """Open a picture file and show it once on the screen, in the viewer of the system."""
    raise NotImplementedError


def to_array(img: Image.Image) -> np.ndarray:
    """Return the pixels of a picture: (H, W, 3) for mode "RGB", (H, W) for mode "L", uint8.

    The array is the caller's own: it may be written to, and the picture does not change with it.
    """
    raise NotImplementedError


def to_image(arr: np.ndarray) -> Image.Image:
    """Return the picture whose pixels are arr: mode "RGB" for (H, W, 3), mode "L" for (H, W).

    arr: uint8, contiguous in memory or not. Writing to arr later does not change the picture.
    Raises TypeError when arr is of another dtype, otherwise ValueError when it has another shape.
    """
    raise NotImplementedError


def hwc_to_chw(arr: np.ndarray) -> np.ndarray:
    """Turn (H, W, C), the order of Pillow, into (C, H, W), the order of PyTorch.

    arr: any dtype and number of channels, contiguous in memory or not. The result has its dtype and
    is contiguous (in C order): in memory too, the whole first channel comes first.
    Raises ValueError when arr is not 3-d.
    """
    raise NotImplementedError


def chw_to_hwc(arr: np.ndarray) -> np.ndarray:
    """Turn (C, H, W) into (H, W, C): the way back, with the same promises as hwc_to_chw."""
    raise NotImplementedError


def flat_chw(img: Image.Image) -> list[int]:
    """List the values of a picture of mode "RGB": all red ones, then all green, then all blue.

    Each channel is read row by row, from the upper left. The values are plain ints, 0 to 255.
    """
    raise NotImplementedError
