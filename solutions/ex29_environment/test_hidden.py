"""Hidden checks of ex29_environment: names, files and layers made up by chance."""

import dataclasses
import re

import torch
from torch import nn

from grader.checks import assert_equal, assert_tensor, check, probe, raises


def words(rng, count):
    """Return different words of small letters."""
    letters = rng.randint(0, 26, (count, 4)).tolist()
    return ["".join(chr(97 + x) for x in row) + chr(97 + i) for i, row in enumerate(letters)]


def version(rng):
    """Return a version such as 3.12."""
    return f"{rng.integer(1, 20)}.{rng.integer(0, 30)}"


@probe
def commands(student, calls):
    """Return conda_argv for every call (arguments by name)."""
    return [student.conda_argv(**call) for call in calls]


@probe
def requirements(student, texts):
    """Return parse_requirement of every text."""
    return [student.parse_requirement(text) for text in texts]


@probe
def error_of_condarc(student, text):
    """Return the text of the ValueError that load_condarc raises."""
    try:
        student.load_condarc(text)
    except ValueError as error:
        return str(error)
    return ""


@probe
def config_with(student, values, is_replaced):
    """Return the fields of a Config with these values, made anew or by replace."""
    if is_replaced:
        return dataclasses.asdict(dataclasses.replace(student.Config(), **values))
    return dataclasses.asdict(student.Config(**values))


@probe
def change_config(student, value):
    """Try to change a field of a Config."""
    student.Config().batch_size = value


@probe
def configs_by_place(student, values):
    """Return the fields of a Config of values by place, and whether an equal one equals it."""
    config = student.Config(*values)
    return dataclasses.asdict(config), config == student.Config(*values)


@probe
def trace_in_place(student, x, factor, weight):
    """Return the trace through layers that work in place, and what became of x."""
    layers = [nn.ReLU(inplace=True), lambda t: t.mul_(factor), lambda t: t @ weight, nn.Tanh()]
    return student.trace_forward((layer for layer in layers), x), x


@probe
def gradients_of_trace(student, x, weight, upstreams):
    """Return the gradients that x receives from each tensor of the trace on its own."""
    x = x.clone().requires_grad_()
    layers = [nn.Tanh(), nn.LeakyReLU(0.3, inplace=True), lambda t: t @ weight]
    trace = student.trace_forward(layers, x)
    if not all(value.requires_grad for value in trace):
        return [None] * len(upstreams)
    pairs = zip(trace, upstreams, strict=True)
    return [torch.autograd.grad((y * up).sum(), x, retain_graph=True)[0] for y, up in pairs]


@probe
def trace_of_nothing(student, x):
    """Return the trace without any layer."""
    return student.trace_forward([], x)


@check(
    points=2,
    zh="对每个动作，conda_argv 都写出正确的命令，有没有环境名、版本和包都一样。",
    hint="Put the line of the table together piece by piece; what was not given leaves no trace.",
    hint_zh="按表格里的那一行逐段拼接；没有给出的部分不要留下任何痕迹。",
)
def test_conda_argv_of_every_action(submission, rng):
    """conda_argv is right for every action, with and without environment, version and packages."""
    env, a, b, c = words(rng, 4)
    python, packages = version(rng), [b, f"{a}={version(rng)}", c]
    cases = [
        ({"action": "create", "env": env}, f"create -n {env} -y"),
        (
            {"action": "create", "env": env, "python": python, "packages": packages},
            f"create -n {env} python={python} {' '.join(packages)} -y",
        ),
        ({"action": "create", "env": env, "python": "3.11.7"}, f"create -n {env} python=3.11.7 -y"),
        ({"action": "create", "env": env, "python": "3"}, f"create -n {env} python=3 -y"),
        (
            {"action": "install", "env": env, "packages": packages},
            f"install -n {env} {' '.join(packages)} -y",
        ),
        ({"action": "install", "packages": (a,)}, f"install {a} -y"),
        ({"action": "remove", "env": env, "packages": [a]}, f"remove -n {env} {a} -y"),
        ({"action": "remove", "env": env}, f"remove -n {env} --all -y"),
        ({"action": "list"}, "list"),
        ({"action": "list", "env": env}, f"list -n {env}"),
        ({"action": "activate", "env": env}, f"activate {env}"),
        ({"action": "deactivate"}, "deactivate"),
        ({"action": "deactivate", "env": env, "python": python}, "deactivate"),
    ]
    found = submission.run(commands, [call for call, _ in cases])
    assert_equal(found, [["conda", *line.split()] for _, line in cases])


@check(
    points=2,
    zh="动作未知、缺少环境名或包、版本或包写得不对时，conda_argv 都抛出 ValueError。",
    hint="Check what the action needs, then the version, then every package.",
    hint_zh="先查动作需要什么，再查版本，然后逐个检查包。",
)
def test_conda_argv_refuses_what_conda_would(submission, rng):
    """conda_argv raises ValueError for all that the table and its rules do not allow."""
    env, a, b = words(rng, 3)
    calls = [{"action": a, "env": env}, {"action": "", "env": env}]
    calls += [{"action": action} for action in ("create", "remove", "activate")]
    calls += [{"action": "remove", "packages": [a]}, {"action": "install", "env": env}]
    for python in ("python2.7", "=3.12", "3.x", "3.12,", ""):
        calls.append({"action": "create", "env": env, "python": python})
    for package in (f"{b}=={version(rng)}", "-i", f"--{b}"):
        for action in ("create", "install", "remove"):
            calls.append({"action": action, "env": env, "packages": [a, package]})
    for call in calls:
        with raises(ValueError):
            submission.conda_argv(**call)


@check(
    points=2,
    zh="名字和版本中有点、短横、星号等字符，周围有空格时，parse_requirement 都正确。",
    hint="Strip the spaces of the whole text and of both parts.",
    hint_zh="整个字符串以及两个部分的首尾空格都要去掉。",
)
def test_parse_requirement_of_every_form(submission, rng):
    """parse_requirement is right for every kind of name and version, and with spaces."""
    a, b, c, d = words(rng, 4)
    one, two = version(rng), version(rng)
    cases = {
        f"{a}-{b}=={one}.post1": (f"{a}-{b}", f"{one}.post1", "pip"),
        f"{b}.{c}={two}.*": (f"{b}.{c}", f"{two}.*", "conda"),
        f"  {c}_{d}  ==  {two}+cu{a} ": (f"{c}_{d}", f"{two}+cu{a}", "pip"),
        f" {d.upper()} = 1!{one}": (d.upper(), f"1!{one}", "conda"),
        f"3{a}": (f"3{a}", None, "either"),
        f" {b}-2 ": (f"{b}-2", None, "either"),
        f"{c}=0": (c, "0", "conda"),
    }
    assert_equal(submission.run(requirements, list(cases)), list(cases.values()))


@check(
    points=2,
    zh="其他任何写法，parse_requirement 都抛出 ValueError。",
    hint="After cutting, look at each part: is it empty, has it a character that it may not have?",
    hint_zh="切开之后检查每一部分：是不是空的？有没有不允许的字符？",
)
def test_parse_requirement_refuses_everything_else(submission, rng):
    """parse_requirement raises ValueError for every other text."""
    a, b = words(rng, 2)
    one = version(rng)
    texts = ["", " ", f"={one}", f"=={one}", f"{a}=", f"{a}==", f"{a}==={one}", f"{a}={one}={b}"]
    texts += [f"{a}>={one}", f"{a}<{one}", f"{a} {one}", f"{a} {b}={one}", f"-{a}", f".{a}={one}"]
    texts += [f"{a}={one} {b}", f"{a}=={one},<2", f"{a}/{b}", f"{a}=={one}=="]
    for text in texts:
        with raises(ValueError):
            submission.parse_requirement(text)


@check(
    points=2,
    zh="load_condarc 能读网址、数字、布尔值、注释、空行、空列表以及顶格写的列表项。",
    hint="The first colon ends the key, others belong to the value; an item goes to the last list.",
    hint_zh="第一个冒号结束键名，其余的冒号都属于值；列表项归最近的那个列表。",
)
def test_load_condarc_on_many_settings(submission, rng):
    """load_condarc reads URLs, numbers, booleans, comments, empty lists and items at the margin."""
    a, b, c, d, e, f = words(rng, 6)
    number = rng.integer(2, 999)
    lines = [
        f"# {a}: {b}",
        "",
        f"{a}: http://{b}.org:80{number}/{c}: {d}",
        f"{b}_1:",
        f"- https://{c}.org/{d}/",
        f"  # - {e}",
        "   ",
        f"    -   {d} {e}  ",
        "  - 12",
        f"{c}:   {number}",
        f"{d}: yes",
        f"{e}:  ",
        f"{f}: no  ",
        "Last:",
        f"  - {a}:{b}",
        "ssl_verify: false",
        "offline: true",
        f"{f}9: {number}{a}",
    ]
    expected = {
        a: f"http://{b}.org:80{number}/{c}: {d}",
        f"{b}_1": [f"https://{c}.org/{d}/", f"{d} {e}", "12"],
        c: number,
        d: True,
        e: [],
        f: False,
        "Last": [f"{a}:{b}"],
        "ssl_verify": False,
        "offline": True,
        f"{f}9": f"{number}{a}",
    }
    assert_equal(submission.load_condarc("\n".join(lines)), expected)
    assert_equal(submission.load_condarc("\n# nothing\n"), {})


@check(
    points=2,
    zh="遇到任何不合格的行，load_condarc 都抛出 ValueError，并给出第一个这样的行的行号。",
    hint="Blank lines and comments count, too. An item needs a list, and a key needs the margin.",
    hint_zh="空行和注释也要计数。列表项前面要有列表，键名要顶格。",
)
def test_load_condarc_names_the_first_wrong_line(submission, rng):
    """load_condarc raises ValueError for any line that does not fit, and names the first one."""
    a, b, c = words(rng, 3)
    for wrong in (f" {a}: true", f"{a}", f"https://{b}.org", f"{a} {b}: {c}", f"{a}:{b}", f" {c}:"):
        before = rng.integer(0, 9)
        start = ["# " + c, "", f"{b}:", f"  - {a}", "  - x", f"{c}: 1", "", f"{a}1:", "- y"][
            :before
        ]
        text = "\n".join([*start, wrong, "", "also wrong", f"{b}2: yes"])
        with raises(ValueError):
            submission.load_condarc(text)
        told = re.findall(r"line \d+", str(submission.run(error_of_condarc, text)))
        assert_equal(told[:1], [f"line {before + 1}"])
    for text in (f"- {a}", f"{b}: {c}\n  - {a}", f"{a}:\n- {b}\n{c}: 3\n- {b}"):
        with raises(ValueError):
            submission.load_condarc(text)
        told = re.findall(r"line \d+", str(submission.run(error_of_condarc, text)))
        assert_equal(told[:1], [f"line {len(text.splitlines())}"])


@check(
    points=2,
    zh="网址带端口、用户名或大写字母时，trusted_host 都正确；没有主机名时抛出 ValueError。",
    hint="urlsplit has an attribute for the bare host; it is None where there is no host.",
    hint_zh="urlsplit 的结果有一个属性就是主机名；没有主机时它是 None。",
)
def test_trusted_host_of_every_url(submission, rng):
    """trusted_host is right with port, user and capitals, and refuses texts without a host."""
    a, b, c = words(rng, 3)
    host, port = f"{a}.{b}.org", rng.integer(80, 9999)
    urls = [f"http://{host}", f"https://{host}:{port}/{c}/", f"https://{c}:{b}@{host}/simple"]
    urls += [
        f"http://{a.title()}.{b.upper()}.Org/{c}",
        f"https://{c}@{host}:{port}",
        f"ftp://{host}/",
    ]
    for url in urls:
        assert_equal(submission.trusted_host(url), host)
    assert_equal(submission.trusted_host("http://localhost:8080/simple"), "localhost")
    for text in (f"{host}/simple", host, "https://", f"https:///{host}", ""):
        with raises(ValueError):
            submission.trusted_host(text)


@check(
    points=2,
    zh="Config 的字段不能再改，取值不对或字段不存在时抛出异常，用 replace 时也一样。",
    hint="__post_init__ runs for every new object, also for those that replace makes.",
    hint_zh="每个新对象都会执行 __post_init__，replace 产生的也不例外。",
)
def test_config_refuses_wrong_values(submission, rng):
    """A Config cannot be changed later, and refuses wrong values and unknown fields."""
    batch_size, epochs, lr = rng.integer(2, 99), rng.integer(2, 99), 1e-9 * rng.integer(1, 99)
    names = ["batch_size", "lr", "max_epochs", "device"]
    for values in ([batch_size, lr, epochs, "cuda:1"], [1, 1.5, 1, "mps"]):
        expected = dict(zip(names, values, strict=True))
        assert_equal(submission.run(configs_by_place, values), (expected, True))
        assert_equal(submission.run(config_with, expected, is_replaced=True), expected)
    wrong = [{"batch_size": 0}, {"batch_size": -batch_size}, {"max_epochs": 0}, {"lr": 0.0}]
    for values in [*wrong, {"lr": -lr}, {"max_epochs": -1, "batch_size": 3}]:
        for is_replaced in (False, True):
            with raises(ValueError):
                submission.run(config_with, values, is_replaced)
    with raises(TypeError):
        submission.run(config_with, {"learning_rate": lr}, is_replaced=False)
    with raises(AttributeError):
        submission.run(change_config, batch_size)


@check(
    points=1,
    zh="给出任意几个阶段，pipeline_stages 都按正确的顺序返回；名字不对时抛出 ValueError。",
    hint="Go through the six names in their order, and keep those that are asked for.",
    hint_zh="按顺序走一遍六个名字，保留要的那些。",
)
def test_pipeline_stages_of_some(submission, rng):
    """pipeline_stages puts any of the stages in order, and refuses unknown names."""
    stages = ["data", "model", "loss", "optimizer", "train", "evaluate"]
    assert_equal(submission.pipeline_stages(stages[::-1]), stages)
    for _ in range(6):
        places = rng.permutation(6).tolist()[: rng.integer(1, 6)]
        found = submission.pipeline_stages([stages[place] for place in places])
        assert_equal(found, [stages[place] for place in sorted(places)])
    assert_equal(submission.pipeline_stages([]), [])
    for among in (["test"], ["data", "Model"], [*stages, "deploy"]):
        with raises(ValueError):
            submission.pipeline_stages(among)


@check(
    points=2,
    zh="层在原地改写数据时，trace_forward 记录的张量和 x 都不受影响；没有层时返回空列表。",
    hint="A layer that works in place writes into what it is given: give it a copy.",
    hint_zh="原地操作会写进收到的张量：传给它一份拷贝。",
)
def test_trace_forward_through_layers_that_work_in_place(submission, rng):
    """The trace and x stay what they were when layers work in place; no layers, no tensors."""
    x, weight = rng.randn(3, 5, dtype=torch.float64), rng.randn(5, 2, dtype=torch.float64)
    x[0, :2] = torch.tensor([2.0, -1.0])  # so that each of the layers changes something
    factor = rng.rand(5, dtype=torch.float64) + 2
    trace, after = submission.run(trace_in_place, x, factor, weight)
    scaled = x.relu() * factor
    expected = [x.relu(), scaled, scaled @ weight, (scaled @ weight).tanh()]
    assert_equal(len(trace), len(expected))
    for found, value in zip(trace, expected, strict=True):
        assert_tensor(found, value)
    assert_tensor(after, x)
    assert_equal(submission.run(trace_of_nothing, x), [])


@check(
    points=2,
    zh="梯度从每一层的输出都能传回 x，数值正确。",
    hint="clone() stays in the graph; detach(), .data and numpy do not.",
    hint_zh="clone() 不会离开计算图；detach()、.data 和 numpy 会。",
)
def test_gradients_reach_x_from_every_layer(submission, rng):
    """Gradients reach x from every tensor of the trace."""
    x, weight = rng.randn(4, 3, dtype=torch.float64), rng.randn(3, 2, dtype=torch.float64)
    upstreams = [rng.randn(4, n, dtype=torch.float64) for n in (3, 3, 2)]
    received = submission.run(gradients_of_trace, x, weight, upstreams)
    x.requires_grad_()
    first = x.tanh()
    second = nn.functional.leaky_relu(first, 0.3)
    for found, value, up in zip(received, (first, second, second @ weight), upstreams, strict=True):
        expected = torch.autograd.grad((value * up).sum(), x, retain_graph=True)[0]
        assert_tensor(found, expected)
