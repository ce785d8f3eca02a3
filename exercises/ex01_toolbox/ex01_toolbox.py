"""Exercise ex01_toolbox: dir, help, signatures, and a report on the installation.

Add the imports that you need.
"""

from collections.abc import Callable


def public_names(obj: object, prefix: str = "") -> list[str]:
    """Return the public names of obj that begin with prefix, in the order of sorted().

    The names are those of dir(obj): what a module holds; what an object was given itself, what its
    class defines and what the classes above define. A name is public when it does not begin with
    an underscore. The prefix tells upper from lower case; "" lets every public name through.
    Names are only listed: no attribute is read, so a property that fails does no harm.
    """
    raise NotImplementedError


def doc_summary(obj: object) -> str:
    """Return the first line of obj's docstring that is not blank, without its indentation.

    Returns "" when there is no docstring, or nothing but white space in it. A class or a bound
    method without a docstring has the one of the class above, as inspect.getdoc finds it.
    """
    raise NotImplementedError


def required_args(fn: Callable[..., object]) -> list[str]:
    """Return the names of the arguments that every call of fn must give, in their order.

    What has a default can be left out, and *args and **kwargs may stay empty; all else is required,
    also what can be given by name only. A class is called to make an object, so it needs what its
    __init__ needs. self and cls, which Python fills in, do not count.
    fn: a function, a class, a bound method or an object that can be called.
    """
    raise NotImplementedError


def describe(x: object) -> str:
    """Say what x is, in parts with one space between them; the first is type(x).__name__.

    A tensor or a numpy array: type, dtype, shape as a tuple. "Tensor torch.float32 (2, 3)",
    "ndarray uint8 (5, 7, 3)". Values are not looked at: they may be on any device.
    A PIL image: type, mode, size, which is (width, height). "Image RGB (7, 5)".
    Anything else, a list or a module for instance: the type alone. "int", "Linear".
    """
    raise NotImplementedError


def install_report() -> dict[str, object]:
    """Return the facts that help with an installation; never raises where there is no GPU.

    A dict with exactly these keys, looked up anew at every call:

    "version"        torch.__version__
    "cuda"           torch.cuda.is_available(), a bool
    "gpu"            the name of the first GPU, from torch.cuda.get_device_name; None without CUDA
    "mps_built"      torch.backends.mps.is_built(), a bool
    "mps_available"  torch.backends.mps.is_available(), a bool
    "executable"     sys.executable, the interpreter that runs this code
    "in_venv"        a bool: in a virtual environment sys.prefix differs from sys.base_prefix
    """
    raise NotImplementedError


def gpu_command(platform: str) -> list[str]:
    """Return the command that shows the graphics cards, one string per word.

    platform: as sys.platform spells it, "linux", "win32" or "darwin" (macOS) for instance; it need
    not be the machine's own. On macOS the command is ["system_profiler", "SPDisplaysDataType"], on
    everything else ["nvidia-smi"].
    """
    raise NotImplementedError
