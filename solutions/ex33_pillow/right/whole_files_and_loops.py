"""Files read as a whole, arrays turned by moveaxis, values listed by loops."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError


def _read(path) -> io.BytesIO:
    return io.BytesIO(Path(path).read_bytes())


def load_rgb(path: str | Path) -> Image.Image:
    """Read a picture file of any mode as a picture of mode "RGB"."""
    try:
        return Image.open(_read(path)).convert("RGB").copy()
    except UnidentifiedImageError as error:
        raise OSError(f"{path} is no picture") from error


def image_info(path: str | Path) -> dict[str, str | int]:
    """Describe a picture file by its first bytes, without reading its pixels."""
    img = Image.open(_read(path))
    return {
        "channels": len(img.mode) if img.mode in ("RGB", "RGBA", "LA") else len(img.getbands()),
        "height": img.size[1],
        "width": img.size[0],
        "mode": img.mode,
        "format": img.format,
    }


def save_png(img: Image.Image, path: str | Path) -> None:
    """Write a picture of mode "RGB" or "L" to a PNG file, whatever the ending of path is."""
    memory = io.BytesIO()
    img.save(memory, format="PNG", optimize=True)
    Path(path).write_bytes(memory.getvalue())


def show_picture(path: str | Path) -> None:
    """Open a picture file and show it once on the screen, in the viewer of the system."""
    picture = Image.open(path)
    picture.load()
    picture.show()
    picture.close()


def to_array(img: Image.Image) -> np.ndarray:
    """Return the pixels of a picture: (H, W, 3) for mode "RGB", (H, W) for mode "L", uint8."""
    return np.asarray(img, dtype=np.uint8).copy()


def to_image(arr: np.ndarray) -> Image.Image:
    """Return the picture whose pixels are arr: mode "RGB" for (H, W, 3), mode "L" for (H, W)."""
    if not np.issubdtype(arr.dtype, np.uint8):
        raise TypeError(arr.dtype)
    if not (arr.ndim == 2 or (arr.ndim == 3 and arr.shape[-1] == 3)):
        raise ValueError(arr.shape)
    return Image.fromarray(arr).copy()


def hwc_to_chw(arr: np.ndarray) -> np.ndarray:
    """Turn (H, W, C), the order of Pillow, into (C, H, W), the order of PyTorch."""
    if arr.ndim != 3:
        raise ValueError(arr.shape)
    return np.moveaxis(arr, -1, 0).copy(order="C")


def chw_to_hwc(arr: np.ndarray) -> np.ndarray:
    """Turn (C, H, W) into (H, W, C): the way back, with the same promises as hwc_to_chw."""
    if arr.ndim != 3:
        raise ValueError(arr.shape)
    return np.einsum("chw->hwc", arr).copy()


def flat_chw(img: Image.Image) -> list[int]:
    """List the values of a picture of mode "RGB": all red ones, then all green, then all blue."""
    values = []
    for channel in range(3):
        for y in range(img.height):
            values += [img.getpixel((x, y))[channel] for x in range(img.width)]
    return values
