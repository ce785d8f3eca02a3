"""Pillow's own means: bands, bytes and merge instead of array tricks."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageShow


def load_rgb(path: str | Path) -> Image.Image:
    """Read a picture file of any mode as a picture of mode "RGB"."""
    with Image.open(path) as img:
        img.load()
        return Image.merge("RGB", img.convert("RGB").split())


def image_info(path: str | Path) -> dict[str, str | int]:
    """Describe a picture file by its first bytes, without reading its pixels."""
    with Path(path).open("rb") as file:
        img = Image.open(file)
        width, height = img.size
        info = {"format": img.format, "mode": img.mode, "width": width, "height": height}
        info["channels"] = {"RGB": 3, "RGBA": 4, "CMYK": 4, "LA": 2}.get(img.mode, 1)
    return info


def save_png(img: Image.Image, path: str | Path) -> None:
    """Write a picture of mode "RGB" or "L" to a PNG file, whatever the ending of path is."""
    with Path(path).open("wb") as file:
        img.save(file, "png")


def show_picture(path: str | Path) -> None:
    """Open a picture file and show it once on the screen, in the viewer of the system."""
    ImageShow.show(load_rgb(path), title=str(path))


def to_array(img: Image.Image) -> np.ndarray:
    """Return the pixels of a picture: (H, W, 3) for mode "RGB", (H, W) for mode "L", uint8."""
    shape = (img.height, img.width) if img.mode == "L" else (img.height, img.width, 3)
    return np.frombuffer(bytearray(img.tobytes()), dtype=np.uint8).reshape(shape)


def to_image(arr: np.ndarray) -> Image.Image:
    """Return the picture whose pixels are arr: mode "RGB" for (H, W, 3), mode "L" for (H, W)."""
    if arr.dtype.name != "uint8":
        raise TypeError("uint8 only")
    match arr.shape:
        case (height, width):
            return Image.frombytes("L", (width, height), arr.tobytes())
        case (height, width, 3):
            bands = [
                Image.frombytes("L", (width, height), arr[:, :, c].tobytes()) for c in range(3)
            ]
            return Image.merge("RGB", bands)
    raise ValueError(f"no picture has the shape {arr.shape}")


def hwc_to_chw(arr: np.ndarray) -> np.ndarray:
    """Turn (H, W, C), the order of Pillow, into (C, H, W), the order of PyTorch."""
    if len(arr.shape) != 3:
        raise ValueError("not 3-d")
    height, width, channels = arr.shape
    result = np.empty((channels, height, width), dtype=arr.dtype)
    for c in range(channels):
        result[c] = arr[..., c]
    return result


def chw_to_hwc(arr: np.ndarray) -> np.ndarray:
    """Turn (C, H, W) into (H, W, C): the way back, with the same promises as hwc_to_chw."""
    if len(arr.shape) != 3:
        raise ValueError("not 3-d")
    return np.stack(list(arr), axis=-1) if len(arr) else np.empty((*arr.shape[1:], 0), arr.dtype)


def flat_chw(img: Image.Image) -> list[int]:
    """List the values of a picture of mode "RGB": all red ones, then all green, then all blue."""
    return [value for band in img.split() for value in band.tobytes()]
