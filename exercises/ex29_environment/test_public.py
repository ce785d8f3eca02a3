"""Public checks of ex29_environment: the commands and files of the notes, put right."""

import dataclasses
import re

import torch
from torch import nn

from grader.checks import assert_equal, assert_tensor, check, probe, raises

MIRROR = "https://mirrors.ustc.edu.cn/anaconda"
CHANNELS = [
    f"{MIRROR}/pkgs/main/",
    f"{MIRROR}/pkgs/free/",
    f"{MIRROR}/cloud/conda-forge/",
    f"{MIRROR}/cloud/msys2/",
    f"{MIRROR}/cloud/bioconda/",
    f"{MIRROR}/cloud/menpo/",
    "defaults",
]
CONDARC = "channels:\n" + "".join(f"  - {channel}\n" for channel in CHANNELS)


@probe
def error_of_condarc(student, text):
    """Return the text of the ValueError that load_condarc raises."""
    try:
        student.load_condarc(text)
    except ValueError as error:
        return str(error)
    return ""


@probe
def fields_of_config(student, changes):
    """Return the fields of Config(), or of a copy of it with changes."""
    config = student.Config()
    return dataclasses.asdict(dataclasses.replace(config, **changes) if changes else config)


@probe
def trace_of_a_network(student, x):
    """Return the trace of a small nn.Sequential."""
    return student.trace_forward(nn.Sequential(nn.Tanh(), nn.Flatten(), nn.Softmax(dim=1)), x)


@check(
    points=1,
    zh="conda_argv 写出创建、激活、查看和删除环境的命令，单词和顺序都正确。",
    hint="Each word is an item of its own, and the version stands after python= as it is: 3.12.",
    hint_zh="每个单词单独作列表的一项；python= 后面只写版本号，例如 3.12。",
)
def test_conda_argv_on_the_commands_of_the_notes(submission):
    """conda_argv writes the commands to create, activate, list and remove an environment."""
    argv = submission.conda_argv("create", "pytorch", "3.12")
    assert_equal(argv, ["conda", "create", "-n", "pytorch", "python=3.12", "-y"])
    assert_equal(submission.conda_argv("activate", "pytorch"), ["conda", "activate", "pytorch"])
    assert_equal(submission.conda_argv("list", "pytorch"), ["conda", "list", "-n", "pytorch"])
    argv = submission.conda_argv("remove", "pytorch")
    assert_equal(argv, ["conda", "remove", "-n", "pytorch", "--all", "-y"])


@check(
    points=1,
    zh="给 conda_argv 的包写成 pip 的形式（numpy==1.26 或 -i）时，抛出 ValueError。",
    hint="conda pins with one =, and has no -i; look at each package before it goes into the list.",
    hint_zh="conda 用一个 = 指定版本，也没有 -i；包名放进列表之前要逐个检查。",
)
def test_conda_argv_refuses_what_is_written_for_pip(submission):
    """conda_argv raises ValueError for packages as pip writes them: numpy==1.26, and -i."""
    for packages in (["numpy==1.26"], ["opencv", "-i"]):
        with raises(ValueError):
            submission.conda_argv("install", "pytorch", packages=packages)


@check(
    points=1,
    zh="parse_requirement 看出 numpy=1.26 是给 conda 的，numpy==1.26 是给 pip 的。",
    hint="Look for == before you look for a single =, which is part of it.",
    hint_zh="先找 ==，再找单个的 =，因为前者里面也有后者。",
)
def test_parse_requirement_of_conda_and_of_pip(submission):
    """parse_requirement tells numpy=1.26, for conda, from numpy==1.26, for pip."""
    assert_equal(submission.parse_requirement("numpy=1.26"), ("numpy", "1.26", "conda"))
    assert_equal(submission.parse_requirement("numpy==1.26"), ("numpy", "1.26", "pip"))
    assert_equal(submission.parse_requirement("numpy"), ("numpy", None, "either"))


@check(
    points=1,
    zh="改正后的 .condarc 读出七个 channel 和两个布尔值。",
    hint="An item may have a colon in it, as a URL has; true and false are not strings.",
    hint_zh="列表项里可能有冒号，比如网址；true 和 false 读出来不是字符串。",
)
def test_load_condarc_on_the_corrected_file(submission):
    """load_condarc reads seven channels and two booleans from the corrected file of the notes."""
    text = (
        f"{CONDARC}show_channel_urls: true\n# no (base) in the prompt\nauto_activate_base: false\n"
    )
    expected = {"channels": CHANNELS, "show_channel_urls": True, "auto_activate_base": False}
    assert_equal(submission.load_condarc(text), expected)


@check(
    points=1,
    zh="笔记里的 .condarc 缩进有误，load_condarc 抛出 ValueError，并指出是第 9 行（line 9）。",
    hint="A setting stands at the margin. Count with enumerate(lines, 1) and name the number.",
    hint_zh="设置项必须顶格写。用 enumerate(lines, 1) 计行号，把行号写进异常的文字里。",
)
def test_load_condarc_names_the_wrong_line_of_the_notes(submission):
    """load_condarc raises ValueError for the file as the notes print it, and names line 9."""
    text = CONDARC + "  show_channel_urls: true\n"
    with raises(ValueError):
        submission.load_condarc(text)
    told = re.findall(r"line \d+", str(submission.run(error_of_condarc, text)))
    assert_equal(told[:1], ["line 9"])


@check(
    points=1,
    zh="trusted_host 从镜像网址中取出 mirrors.ustc.edu.cn。",
    hint="urllib.parse.urlsplit takes a URL apart; which of its parts is the host?",
    hint_zh="urllib.parse.urlsplit 能把网址拆开；哪一部分是主机名？",
)
def test_trusted_host_of_the_mirror_of_the_notes(submission):
    """trusted_host takes mirrors.ustc.edu.cn out of the URL of the mirror."""
    host = submission.trusted_host("https://mirrors.ustc.edu.cn/pypi/web/simple")
    assert_equal(host, "mirrors.ustc.edu.cn")


@check(
    points=1,
    zh="Config() 的默认值正确；dataclasses.replace 只改动一个字段。",
    hint="A field of a dataclass is a name with a type: lr: float = 1e-4.",
    hint_zh="数据类的字段要写类型标注：lr: float = 1e-4。",
)
def test_config_has_the_defaults_of_the_notes(submission):
    """Config() has the default values, and dataclasses.replace changes one field alone."""
    expected = {"batch_size": 16, "lr": 1e-4, "max_epochs": 100, "device": "cpu"}
    assert_equal(submission.run(fields_of_config, {}), expected)
    assert_equal(submission.run(fields_of_config, {"lr": 0.01}), {**expected, "lr": 0.01})


@check(
    points=1,
    zh="pipeline_stages 给出六个阶段：从数据到评估，优化器在模型之后。",
    hint="The optimizer gets model.parameters(), so the model has to be there before it.",
    hint_zh="优化器要用到 model.parameters()，所以得先有模型。",
)
def test_pipeline_stages_from_data_to_evaluation(submission):
    """pipeline_stages gives all six stages, from the data to the evaluation."""
    expected = ["data", "model", "loss", "optimizer", "train", "evaluate"]
    assert_equal(submission.pipeline_stages(), expected)


@check(
    points=1,
    zh="trace_forward 返回每一层的输出，每层一个张量。",
    hint="Each layer gets what the layer before it gave; collect after every call.",
    hint_zh="每一层的输入是上一层的输出；每调用一次就收集一次。",
)
def test_trace_forward_has_one_tensor_for_each_layer(submission, rng):
    """trace_forward returns what each layer gave, one tensor for each."""
    x = rng.randn(2, 3, 4)
    flat = torch.tanh(x).flatten(1)
    expected = [torch.tanh(x), flat, flat.softmax(1)]
    trace = submission.run(trace_of_a_network, x)
    assert_equal(len(trace), 3)
    for found, value in zip(trace, expected, strict=True):
        assert_tensor(found, value)
