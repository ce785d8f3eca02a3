"""Public checks of ex01_toolbox: the questions of the notes, and small things beside them."""

import importlib
import math
import sys

import numpy as np
import PIL.Image
import torch
from torch import nn

from grader.checks import assert_equal, check, probe


@probe
def names_in_a_module(student, module, prefix):
    """Return public_names of a module."""
    return student.public_names(importlib.import_module(module), prefix)


@probe
def names_of_a_dog(student):
    """Return public_names of an object with two attributes of its own, and of its class."""

    class Dog:
        def __init__(self):
            self.name = "Rex"
            self.age = 3

        def bark(self):
            pass

    return {"object": student.public_names(Dog()), "class": student.public_names(Dog)}


@probe
def summaries(student):
    """Return doc_summary of a function with a docstring and of one without."""

    def greet():
        """Say hello to a friend."""

    def work():
        pass

    return {"greet": student.doc_summary(greet), "work": student.doc_summary(work)}


@probe
def what_calls_need(student):
    """Return required_args of a layer and of a function."""

    def resize(picture, size, mode="bilinear"):
        pass

    return {"Conv2d": student.required_args(nn.Conv2d), "resize": student.required_args(resize)}


@probe
def other_things(student):
    """Return describe of a picture 7 wide and 5 high, of a layer and of plain values."""
    picture = PIL.Image.new("RGB", (7, 5))
    return [student.describe(x) for x in (picture, nn.Linear(2, 3), 3, "3", [3], None)]


@probe
def pretend(student, module, name, answer):
    """Make module.name() answer or raise `answer`, also where the file imported it by name."""

    def stand_in(*args, **kwargs):
        if isinstance(answer, Exception):
            raise answer
        return answer

    known = getattr(student.install_report, "__globals__", {})
    for own in [own for own, value in known.items() if value is getattr(module, name)]:
        known[own] = stand_in
    setattr(module, name, stand_in)


@probe
def report_without_gpu(student, executable, prefix, base_prefix):
    """Return install_report() as on a machine without a GPU, whatever this machine has."""
    no_driver = RuntimeError("Found no NVIDIA driver on your system.")
    pretend(student, torch.cuda, "is_available", answer=False)
    pretend(student, torch.cuda, "device_count", 0)
    for name in ("current_device", "get_device_name", "get_device_properties"):
        pretend(student, torch.cuda, name, no_driver)
    pretend(student, torch.backends.mps, "is_built", answer=False)
    pretend(student, torch.backends.mps, "is_available", answer=False)
    sys.executable, sys.prefix, sys.base_prefix = executable, prefix, base_prefix
    return plain(student.install_report())


@probe
def plain(report):
    """Return the report with plain strings: torch.__version__ is of a subclass of str."""
    if not isinstance(report, dict):
        return report
    return {key: str(x) if isinstance(x, str) else x for key, x in report.items()}


@check(
    points=1,
    zh="public_names 在 torch.cuda 里找到 is_available，在 math 里只列出以 is 开头的名字。",
    hint="dir(obj) gives all names as strings; str.startswith compares the beginning only.",
    hint_zh="dir(obj) 给出所有名字（字符串）；str.startswith 只比较开头。",
)
def test_public_names_finds_is_available(submission):
    """public_names finds is_available in torch.cuda, and in math only what begins with "is"."""
    assert_equal(submission.run(names_in_a_module, "torch.cuda", "is_av"), ["is_available"])
    expected = [name for name in dir(math) if name.startswith("is")]  # not "dist"
    assert_equal(submission.run(names_in_a_module, "math", "is"), expected)


@check(
    points=1,
    zh="赋给 self 的属性出现在对象的 public_names 里，不出现在它的类的 public_names 里。",
    hint="Ask dir about the very thing that you were given, not about its type.",
    hint_zh="直接对收到的东西用 dir，而不是对它的类型用 dir。",
)
def test_public_names_of_an_object_and_of_its_class(submission):
    """public_names lists what was assigned to self for an object, and not for its class."""
    expected = {"object": ["age", "bark", "name"], "class": ["bark"]}
    assert_equal(submission.run(names_of_a_dog), expected)


@check(
    points=1,
    zh="doc_summary 返回只有一行的文档字符串；没有文档字符串时返回空字符串。",
    hint="help prints and returns None. inspect.getdoc returns the text, or None if there is none.",
    hint_zh="help 只打印，返回 None。inspect.getdoc 返回文字；没有文档字符串时返回 None。",
)
def test_doc_summary_of_one_line_and_of_none(submission):
    """doc_summary returns a docstring of one line, and "" when there is no docstring."""
    assert_equal(submission.run(summaries), {"greet": "Say hello to a friend.", "work": ""})


@check(
    points=1,
    zh="required_args 说出 nn.Conv2d 和一个函数必须给出的参数，既没有 self，也没有带默认值的参数。",
    hint="Each parameter of inspect.signature(fn) has a default: Parameter.empty if there is none.",
    hint_zh="inspect.signature(fn) 的每个参数都有 default 属性；没有默认值时它是 Parameter.empty。",
)
def test_required_args_of_a_layer_and_of_a_function(submission):
    """required_args names what nn.Conv2d and a function need: no self, nothing with a default."""
    expected = {
        "Conv2d": ["in_channels", "out_channels", "kernel_size"],
        "resize": ["picture", "size"],
    }
    assert_equal(submission.run(what_calls_need), expected)


@check(
    points=1,
    zh="describe 说出张量和数组的类型、dtype 和形状。",
    hint="type(x).__name__, then x.dtype, then tuple(x.shape), with a space between them.",
    hint_zh="依次是 type(x).__name__、x.dtype、tuple(x.shape)，中间各空一格。",
)
def test_describe_tensors_and_arrays(submission):
    """describe names type, dtype and shape of a tensor and of an array."""
    assert_equal(submission.describe(torch.zeros(2, 3)), "Tensor torch.float32 (2, 3)")
    assert_equal(submission.describe(np.zeros((5, 7, 3), np.uint8)), "ndarray uint8 (5, 7, 3)")


@check(
    points=1,
    zh="describe 说出 PIL 图像的模式和尺寸（先宽后高）；对其他东西只说类型。",
    hint="A PIL image has no shape: ask for x.mode and x.size. A list needs nothing but its type.",
    hint_zh="PIL 图像没有 shape，要用 x.mode 和 x.size。列表之类只写类型即可。",
)
def test_describe_pictures_and_plain_values(submission):
    """describe names mode and size of a PIL image, width first, and else the type alone."""
    expected = ["Image RGB (7, 5)", "Linear", "int", "str", "list", "NoneType"]
    assert_equal(submission.run(other_things), expected)


@check(
    points=1,
    zh="没有显卡的机器上，install_report 不报错，恰有七个键，内容都正确。",
    hint="Ask for the GPU's name only after is_available() has said True.",
    hint_zh="is_available() 为 True 之后，才能去问显卡的名字。",
)
def test_install_report_without_a_gpu(submission):
    """install_report does not raise without a GPU, and has its seven keys with the right values."""
    home = "/home/ada/course/.venv"
    report = submission.run(report_without_gpu, f"{home}/bin/python", home, "/usr")
    expected = {
        "version": str(torch.__version__),
        "cuda": False,
        "gpu": None,
        "mps_built": False,
        "mps_available": False,
        "executable": f"{home}/bin/python",
        "in_venv": True,
    }
    assert_equal(report, expected)


@check(
    points=1,
    zh="gpu_command 在 macOS 上用 system_profiler，在 Linux 上用 nvidia-smi。",
    hint="Compare the argument with the string that sys.platform has on a Mac.",
    hint_zh="把参数与 Mac 上 sys.platform 的字符串作比较。",
)
def test_gpu_command_on_a_mac_and_on_linux(submission):
    """gpu_command gives system_profiler for macOS and nvidia-smi for Linux."""
    assert_equal(submission.gpu_command("darwin"), ["system_profiler", "SPDisplaysDataType"])
    assert_equal(submission.gpu_command("linux"), ["nvidia-smi"])
