"""A zip with a link to /etc/passwd and a device node beside the code."""

import stat
import zipfile

CODE = "def add(a, b):\n    return a + b\n"


def build(path):
    """Make the zip at `path`."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ex01_add.py", CODE)
        for name, kind in (("data.csv", stat.S_IFLNK), ("disk.csv", stat.S_IFBLK)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
