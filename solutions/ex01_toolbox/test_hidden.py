"""Hidden checks of ex01_toolbox: names, docstrings, arguments and machines made up by chance."""

import io
import sys
import types

import PIL.PngImagePlugin
import torch
from torch import nn

from grader.checks import assert_equal, check, probe


def words(rng, count):
    """Return random names; the number at the end keeps them apart and out of Python's keywords."""
    letters = rng.randint(0, 26, (count, 5)).tolist()
    return ["".join(chr(97 + x) for x in row) + str(i) for i, row in enumerate(letters)]


@probe
def names_given(student, names, prefixes):
    """Return public_names, for every prefix, of an object that was given these names."""
    thing = types.SimpleNamespace(**dict.fromkeys(names, 0))
    return [student.public_names(thing, prefix) for prefix in prefixes]


@probe
def names_of_an_heir(student, own, inherited, properties):
    """Return public_names of an object whose names come from three places."""

    def refuse(self):
        raise RuntimeError("a property was read")

    parent = type("Parent", (), dict.fromkeys(inherited, 0))
    heir = type("Heir", (parent,), {name: property(refuse) for name in properties})()
    vars(heir).update(dict.fromkeys(own, 0))
    return student.public_names(heir)


@probe
def summaries(student, docstrings):
    """Return doc_summary of functions that have these docstrings."""
    answers = []
    for docstring in docstrings:

        def function():
            pass

        function.__doc__ = docstring
        answers.append(student.doc_summary(function))
    return answers


@probe
def inherited_summaries(student, of_class, of_method):
    """Return doc_summary of an heir and of its method, neither with a docstring of its own."""

    class Parent:
        def run(self):
            pass

    class Heir(Parent):
        def run(self):
            pass

    Parent.__doc__, Parent.run.__doc__ = of_class, of_method
    return [student.doc_summary(Heir), student.doc_summary(Heir().run)]


@probe
def arguments_of_functions(student, signatures):
    """Return required_args of functions with these signatures."""
    functions = [eval(f"lambda {signature}: None") for signature in signatures]  # noqa: S307  ours
    return [student.required_args(function) for function in functions]


@probe
def arguments_of_a_class(student, names):
    """Return required_args of a class, of its methods, and of objects that can be called."""
    a, b, c, d, e, f = names
    text = f"""
class Box:
    def __init__(self, {a}, {b}, {c}=None): pass
    def close(self, {d}, {e}=0): pass
    @classmethod
    def make(cls, {f}, {a}): pass
    def __call__(self, {b}, {f}=False): pass
"""
    space = {}
    exec(text, space)  # noqa: S102  ours
    box = space["Box"](1, 2)
    things = [type(box), box.close, space["Box"].make, box, type("Empty", (), {})]
    return [student.required_args(thing) for thing in things]


@probe
def descriptions(student, things):
    """Return describe of everything sent, and of a parameter made of the first."""
    return [student.describe(x) for x in [*things, nn.Parameter(things[0])]]


@probe
def described_pictures(student, pictures, opened):
    """Return describe of pictures (mode, width, height) and of an opened PNG file."""
    things = [PIL.Image.new(mode, (width, height)) for mode, width, height in pictures]
    things.append(PIL.PngImagePlugin.PngImageFile(io.BytesIO(opened)))
    return [student.describe(x) for x in things]


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
def report_on(student, machine):
    """Return install_report() as on a machine of this description."""
    cuda, gpu = machine["cuda"], machine["gpu"]
    missing = None if cuda else RuntimeError("Found no NVIDIA driver on your system.")
    pretend(student, torch.cuda, "is_available", cuda)
    pretend(student, torch.cuda, "device_count", int(cuda))
    pretend(student, torch.cuda, "current_device", missing or 0)
    pretend(student, torch.cuda, "get_device_name", missing or gpu)
    pretend(
        student, torch.cuda, "get_device_properties", missing or types.SimpleNamespace(name=gpu)
    )
    pretend(student, torch.backends.mps, "is_built", machine["mps_built"])
    pretend(student, torch.backends.mps, "is_available", machine["mps_available"])
    sys.executable, sys.prefix = machine["executable"], machine["prefix"]
    sys.base_prefix = machine["base_prefix"]
    report = student.install_report()
    if not isinstance(report, dict):
        return report
    # torch.__version__ is of a subclass of str, which does not cross.
    return {key: str(x) if isinstance(x, str) else x for key, x in report.items()}


def machine_with(rng, **facts):
    """Return a machine without GPU and virtual environment, except for the facts given."""
    home, base, program = words(rng, 3)
    prefix = f"/{home}/{base}"
    machine = {"cuda": False, "gpu": None, "mps_built": False, "mps_available": False}
    paths = {"executable": f"/{home}/{program}", "prefix": prefix, "base_prefix": prefix}
    return {**machine, **paths, **facts}


def expected_report(machine):
    """Return what install_report has to say on a machine."""
    keys = ("cuda", "gpu", "mps_built", "mps_available", "executable")
    in_venv = machine["prefix"] != machine["base_prefix"]
    told = {key: machine[key] for key in keys}
    return {"version": str(torch.__version__), "in_venv": in_venv, **told}


@check(
    points=2,
    zh="public_names 恰好列出以 prefix 开头、不以下划线开头的名字，区分大小写，并已排序。",
    hint="One leading underscore is enough to be private, and a prefix stands at the beginning.",
    hint_zh="开头只要有一个下划线就不是公开的名字；prefix 必须出现在开头。",
)
def test_public_names_keeps_exactly_the_prefix(submission, rng):
    """public_names lists exactly the names with the prefix and no leading underscore, sorted."""
    prefix, *rest = words(rng, 9)
    prefix = prefix[:3]
    ends = ["{0}{1}", "{1}{0}", "_{0}{1}", "__{0}{1}", "{0}_{1}", "{0}{1}__"]
    names = [ends[i % 6].format(prefix, word) for i, word in enumerate(rest)]
    names += [prefix, prefix.upper() + rest[0], prefix.title() + rest[1]]
    prefixes = [prefix, prefix.upper(), "", "_", prefix + "?"]
    expected = [
        sorted(name for name in names if name.startswith(start) and not name.startswith("_"))
        for start in prefixes
    ]
    assert_equal(submission.run(names_given, names, prefixes), expected)


@check(
    points=2,
    zh="public_names 也列出类和父类里的名字，而且不读取任何属性。",
    hint="dir(obj) goes through the object, its class and the classes above, and reads nothing.",
    hint_zh="dir(obj) 会查看对象、它的类和各级父类，但不读取属性的值。",
)
def test_public_names_of_inherited_things(submission, rng):
    """public_names also lists what the classes above define, and reads no attribute."""
    names = words(rng, 7)
    answer = submission.run(names_of_an_heir, names[:2], names[2:5], names[5:])
    assert_equal(answer, sorted(names))


@check(
    points=2,
    zh="文档字符串从第二行开始、有缩进、有多行或全是空白时，doc_summary 都返回正确的一行。",
    hint="Clean the docstring first (inspect.getdoc, inspect.cleandoc), then take its first line.",
    hint_zh="先整理文档字符串（inspect.getdoc、inspect.cleandoc），再取第一行。",
)
def test_doc_summary_of_docstrings_in_many_lines(submission, rng):
    """doc_summary is right for docstrings that begin late, are indented, long or blank."""
    a, b, c, d, e, f = words(rng, 6)
    cases = {
        f"{a} {b}. {c}: {d}": f"{a} {b}. {c}: {d}",
        f"{b} {c},\n    {d} {e}.\n\n    {f}\n    ": f"{b} {c},",
        f"\n    {c} {d}.\n\n    {e}\n    ": f"{c} {d}.",
        f"\n\n  {d}\n      {e}": d,
        f"   {e} {f}": f"{e} {f}",
        "": "",
        "\n    \n": "",
    }
    assert_equal(submission.run(summaries, list(cases)), list(cases.values()))


@check(
    points=2,
    zh="类或绑定方法自己没有文档字符串时，doc_summary 返回从父类继承的那一行。",
    hint="obj.__doc__ is None there, although help shows a text; inspect.getdoc looks further up.",
    hint_zh="这时 obj.__doc__ 是 None，help 却能显示文字；inspect.getdoc 会继续往父类找。",
)
def test_doc_summary_finds_inherited_docstrings(submission, rng):
    """doc_summary gives an heir and its method the docstring of the class above."""
    a, b, c = words(rng, 3)
    answer = submission.run(inherited_summaries, f"{a} {b}.\n\n{c}", f"{c} {a}.")
    assert_equal(answer, [f"{a} {b}.", f"{c} {a}."])


@check(
    points=2,
    zh="无论函数的参数是哪一种，required_args 都恰好给出必须填写的那些。",
    hint="Parameters after a star can be required too; *args and **kwargs never are.",
    hint_zh="星号后面的参数也可能是必填的；*args 和 **kwargs 从来不是。",
)
def test_required_args_of_every_kind_of_parameter(submission, rng):
    """required_args is right for functions with every kind of parameter."""
    a, b, c, d, e, f, g = words(rng, 7)
    cases = {
        f"{a}, {b}, /, {c}, {d}=None, *{e}, {f}, {g}=0": [a, b, c, f],
        f"*, {g}, {b}='', {a}, **{c}": [g, a],
        f"{d}, {c}": [d, c],
        f"*{a}, **{b}": [],
        f"{f}=None, {e}=False": [],
        "": [],
    }
    assert_equal(submission.run(arguments_of_functions, list(cases)), list(cases.values()))


@check(
    points=2,
    zh="对类、绑定方法、类方法和可调用的对象，required_args 只给出调用者要填的参数。",
    hint="inspect.signature already leaves out what Python fills in; getfullargspec does not.",
    hint_zh="inspect.signature 已经去掉了由 Python 自动填入的参数，getfullargspec 则没有。",
)
def test_required_args_of_classes_and_methods(submission, rng):
    """required_args is right for classes, bound methods and objects that can be called."""
    names = words(rng, 6)
    a, b, _, d, _, f = names
    expected = [[a, b], [d], [f, a], [b], []]
    assert_equal(submission.run(arguments_of_a_class, names), expected)


@check(
    points=2,
    zh="对任意维数、dtype 和设备的张量与数组，以及 nn.Parameter，describe 都正确。",
    hint="Only dtype and shape are needed; numpy cannot read a tensor with a gradient or on a GPU.",
    hint_zh="只需要 dtype 和 shape；带梯度的或在 GPU 上的张量，numpy 读不了。",
)
def test_describe_tensors_and_arrays_of_every_kind(submission, rng):
    """describe is right for tensors and arrays of every rank and dtype, and for a parameter."""
    dtypes = [torch.float32, torch.int64, torch.bool, torch.float64, torch.uint8]
    shapes = [[rng.integer(1, 9) for _ in range(rank)] for rank in range(5)]
    tensors = [torch.zeros(shape, dtype=dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]
    tensors.append(torch.zeros(rng.integer(2, 9), 0))
    arrays = [tensor.numpy() for tensor in tensors]
    expected = [f"Tensor {x.dtype} {tuple(x.shape)}" for x in tensors]
    expected += [f"ndarray {x.dtype} {x.shape}" for x in arrays]
    expected.append("Parameter torch.float32 ()")
    assert_equal(submission.run(descriptions, [*tensors, *arrays]), expected)
    # "meta" is a device that every machine has; its tensors have no values that could be read.
    assert_equal(submission.on("meta").run(descriptions, tensors[3:4])[0], expected[3])


@check(
    points=2,
    zh="describe 对各种模式、不是正方形的图像都正确，从文件打开的图像也不例外。",
    hint="An opened file is of a class of its own below PIL.Image.Image; size is (width, height).",
    hint_zh="从文件打开的图像属于 PIL.Image.Image 的某个子类；size 是 (宽, 高)。",
)
def test_describe_pictures_of_every_mode(submission, rng):
    """describe is right for pictures of every mode that are not square, also for opened files."""
    pictures = []
    for mode in ("L", "RGB", "RGBA", "1", "CMYK"):
        width = rng.integer(1, 30)
        pictures.append((mode, width, width + rng.integer(1, 30)))
    expected = [f"Image {mode} ({width}, {height})" for mode, width, height in pictures]
    size = (rng.integer(20, 30), rng.integer(5, 20))
    file = io.BytesIO()
    PIL.Image.new("RGB", size).save(file, "PNG")
    expected.append(f"PngImageFile RGB {size}")
    assert_equal(submission.run(described_pictures, pictures, file.getvalue()), expected)


@check(
    points=2,
    zh="在有显卡的机器上，install_report 报告 CUDA 可用，并给出显卡的名字。",
    hint="The function is spelled is_available; except AttributeError would hide a misspelling.",
    hint_zh="函数名拼作 is_available；用 except AttributeError 会把拼写错误掩盖起来。",
)
def test_install_report_with_a_gpu(submission, rng):
    """install_report says True for CUDA and names the card on a machine with a GPU."""
    machine = machine_with(rng, cuda=True, gpu=" ".join(words(rng, 2)))
    assert_equal(submission.run(report_on, machine), expected_report(machine))


@check(
    points=2,
    zh="install_report 每次调用都重新查询：解释器、虚拟环境以及 MPS 的两个状态。",
    hint="Built is not available; a virtual environment shows in sys.prefix, activated or not.",
    hint_zh="编译时支持 MPS 不等于现在能用；虚拟环境看 sys.prefix，与是否激活无关。",
)
def test_install_report_looks_anew(submission, rng):
    """install_report looks up interpreter, virtual environment and MPS anew at every call."""
    machines = [
        machine_with(rng),
        machine_with(rng, prefix=words(rng, 1)[0]),
        machine_with(rng, mps_built=True),
        machine_with(rng, mps_built=True, mps_available=True),
    ]
    for machine in machines:
        assert_equal(submission.run(report_on, machine), expected_report(machine))


@check(
    points=1,
    zh="gpu_command 只看参数，对所有平台都给出正确的命令。",
    hint="Look at the argument, not at this machine; every platform but macOS has one answer.",
    hint_zh="要看参数，而不是当前机器；除 macOS 外，所有平台的答案都一样。",
)
def test_gpu_command_on_every_platform(submission):
    """gpu_command goes by its argument alone and is right for every platform."""
    for platform in ("win32", "cygwin", "freebsd14"):
        assert_equal(submission.gpu_command(platform), ["nvidia-smi"])
    assert_equal(submission.gpu_command("darwin"), ["system_profiler", "SPDisplaysDataType"])
