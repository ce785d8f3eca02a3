"""Hidden checks of ex58_parallel: devices, unequal shares, idle processes, old gradients."""

import builtins
import collections
import datetime as dt
import os
import re
import signal
import socket
import sys
import tempfile
import time
import traceback
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional

from grader.checks import Mistake, assert_close, assert_equal, assert_tensor, check, probe, raises


@probe
def has_gloo():
    """Return whether Gloo can work here: whether processes reach each other at 127.0.0.1."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=1).close()
        dist.ProcessGroupGloo.create_device(hostname="127.0.0.1")
    except (OSError, RuntimeError):
        return False
    return True


@probe
def group_of_files(store, rank, world):  # noqa: C901  six small methods
    """Return a group that needs no network: what is sent goes through a file that all read."""
    turns = collections.Counter()

    def put(name, tensor):
        turns[name] += 1
        store.set(f"{name} {turns[name]}", tensor.detach().contiguous().numpy().tobytes())

    def take(name, source, into):
        turns[name] += 1
        key, end = f"{name} {turns[name]}", time.monotonic() + 8
        while True:
            gone = store.check([f"left {source}"])  # asked first: all that it has put is there then
            if store.check([key]):
                break
            if gone or time.monotonic() > end:
                raise RuntimeError("closed by peer" if gone else "timed out")
            time.sleep(0.001)
        data = torch.frombuffer(bytearray(store.get(key)), dtype=into.dtype)
        if len(data) != into.numel():
            raise RuntimeError("size mismatch between processes")
        into.detach().copy_(data.view(into.shape))

    def done(value):
        future = torch.futures.Future()
        future.set_result(value)
        return torch._C._distributed_c10d._create_work_from_future(future)  # noqa: SLF001

    class Group(dist.ProcessGroup):
        """The collectives that the task promises."""

        def allgather(self, outputs, inputs, _options=None):
            put(f"all of {rank}", inputs[0])
            for source, output in enumerate(outputs[0]):
                if source == rank:
                    output.copy_(inputs[0])
                else:
                    take(f"all of {source}", source, output)
            return done(outputs)

        def allreduce(self, tensors, options=None):
            if options is not None and options.reduceOp != dist.ReduceOp.SUM:
                raise RuntimeError("this group can only add")
            pieces = [torch.empty_like(tensors[0]) for _ in range(world)]
            self.allgather([pieces], tensors)
            tensors[0].detach().copy_(sum(pieces))
            return done(tensors)

        def broadcast(self, tensors, options):
            if options.rootRank == rank:
                put(f"root {rank}", tensors[0])
            else:
                take(f"root {options.rootRank}", options.rootRank, tensors[0])
            return done(tensors)

        def barrier(self, _options=None):
            return self.allreduce([torch.zeros(1)])

        def send(self, tensors, target, _tag=0):
            put(f"{rank} to {target}", tensors[0])
            return done(tensors)

        def recv(self, tensors, source, _tag=0):
            take(f"{source} to {rank}", source, tensors[0])
            return done(tensors)

    return Group(rank, world)


@probe
def be_a_process(folder, rank, world, work):
    """Join the group, save what work(rank) returns or how it ended, and leave."""
    store = dist.FileStore(str(folder / "store"), world)
    try:
        os.environ["GLOO_SOCKET_IFNAME"] = "lo0" if sys.platform == "darwin" else "lo"
        dist.Backend.register_backend(
            "files", lambda *_: group_of_files(store, rank, world), devices="cpu"
        )
        # Joining asks the compiler to forget something, and would import it for that.
        compiler = sys.modules.pop("torch._dynamo", None)
        dist.init_process_group(
            "gloo" if has_gloo() else "files",
            store=store,
            rank=rank,
            world_size=world,
            timeout=dt.timedelta(seconds=8),
        )
        if compiler:
            sys.modules["torch._dynamo"] = compiler
        answer = {"value": work(rank)}
    except BaseException as error:  # noqa: BLE001  whatever the student's code raises
        frames = traceback.extract_tb(error.__traceback__)
        here = str(Path.cwd())
        places = [[f.filename, f.lineno, f.name] for f in frames if f.filename.startswith(here)]
        answer = {"kind": type(error).__name__, "text": str(error), "places": places}
        if re.search("by peer|[Tt]imed? ?out|Broken pipe|mismatch between", str(error)):
            answer = {}
    torch.save(answer, folder / f"{rank}.part")
    (folder / f"{rank}.part").rename(folder / f"{rank}.answer")
    sys.stdout.flush()
    end = time.monotonic() + 0.5  # whoever needs a moment more shall find everybody there
    while len(list(folder.glob("*.answer"))) < world and time.monotonic() < end:
        time.sleep(0.002)
    store.set(f"left {rank}", b"")


@probe
def raise_again(answer):
    """Raise what a process has raised, as if at the same place of the student's file."""
    kind = getattr(builtins, answer["kind"], RuntimeError)
    error = kind(*filter(None, [answer["text"]]))
    for file, line, name in answer["places"][-1:]:
        code = compile("\n" * (line - 1) + "raise error", file, "exec")
        exec(code.replace(co_name=name, co_qualname=name), {"error": error})  # noqa: S102
    raise error


@probe
def in_processes(world, work):
    """Return what work(rank) gives in each of `world` processes; None if one has waited in vain."""
    folder = Path(tempfile.mkdtemp())
    running, answers = {}, {}
    try:
        for rank in range(world):
            pid = os.fork()
            if pid == 0:
                try:
                    be_a_process(folder, rank, world, work)
                finally:
                    os._exit(0)
            running[rank] = pid
        end = time.monotonic() + 10
        while len(answers) < world and time.monotonic() < end:
            for rank in [rank for rank in running if rank not in answers]:
                gone = os.waitpid(running[rank], os.WNOHANG)[0]  # asked first: its answer is there
                if gone:
                    del running[rank]
                if (folder / f"{rank}.answer").exists():
                    answers[rank] = torch.load(folder / f"{rank}.answer")
                    if "kind" in answers[rank]:
                        raise_again(answers[rank])
                elif gone:
                    answers[rank] = {}  # so ends a process of Gloo that gets too large a tensor
            time.sleep(0.001)
    finally:
        for pid in running.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    values = [answers.get(rank, {}).get("value") for rank in range(world)]
    return None if None in values else values


def values_of(answers):
    """Return what the processes have given; fail if one of them has waited in vain."""
    in_vain = Mistake(
        torch.tensor(data=True),
        en="A process has waited for another one in vain, or got a tensor of another size. All "
        "must make the same calls in the same order, also one that has nothing to add; a send "
        "needs its recv.",
        zh="有一个进程一直等不到别的进程，或者收到的张量大小不对。所有进程都要按同样的顺序作同样的调用，"
        "没有东西可加的进程也不例外；每个 send 都要有对应的 recv。",
    )
    assert_tensor(torch.tensor(answers is None), torch.tensor(data=False), mistakes=[in_vain])
    return answers


@probe
def network(state):
    """Return a network of two layers with these numbers."""
    (inner, features), outer = state["0.weight"].shape, len(state["2.bias"])
    model = nn.Sequential(nn.Linear(features, inner), nn.Tanh(), nn.Linear(inner, outer))
    model.to(state["0.weight"].dtype).load_state_dict(state)
    return model


def random_state(rng, features, inner, outer, dtype=torch.float64):
    """Return random numbers for such a network."""
    return {
        "0.weight": rng.randn(inner, features, dtype=dtype),
        "0.bias": rng.randn(inner, dtype=dtype),
        "2.weight": rng.randn(outer, inner, dtype=dtype),
        "2.bias": rng.randn(outer, dtype=dtype),
    }


def scores(state, x):
    """Return what such a network computes."""
    hidden = functional.linear(x, state["0.weight"], state["0.bias"]).tanh()
    return functional.linear(hidden, state["2.weight"], state["2.bias"])


def slopes(state, x, y):
    """Return the cross entropy of such a network and its gradients by name."""
    state = {name: value.clone().requires_grad_() for name, value in state.items()}
    loss = functional.cross_entropy(scores(state, x), y)
    gradients = torch.autograd.grad(loss, list(state.values()))
    return loss.item(), dict(zip(state, gradients, strict=True))


def descent(state, x, y, steps, lr):
    """Return the losses before the steps of gradient descent, and the numbers after them."""
    losses = []
    for _ in range(steps):
        loss, gradients = slopes(state, x, y)
        losses.append(loss)
        state = {name: value - lr * gradients[name] for name, value in state.items()}
    return losses, state


def assert_tensors(actual, expected, mistakes=()):
    """Compare tensors by name; each mistake is (tensors by name, English, Chinese)."""
    assert_equal(sorted(actual), sorted(expected))
    for name, value in expected.items():
        known = [Mistake(wrong[name], en=en, zh=zh) for wrong, en, zh in mistakes]
        assert_tensor(actual[name], value, mistakes=known)


@probe
def places_of_split(student, state, cut, devices, x):
    """Return the device of every tensor in the state and of the output, and the output."""
    split = student.split_model(network(state), cut, devices)
    output = split(x)
    places = [value.device.type for value in split.state_dict().values()]
    return [*places, output.device.type], output


@probe
def gradients_of_layers(student, state, cut, x, upstream):
    """Return the gradients of x and of the layers that went into split_model."""
    model, x = network(state), x.requires_grad_()
    split = student.split_model(model, cut, ["cpu"])
    (split(x) * upstream).sum().backward()
    return x.grad, {name: value.grad for name, value in model.named_parameters()}


@probe
def split_of(student, layers, cut, devices):
    """Split a network of so many layers; return nothing."""
    student.split_model(nn.Sequential(*[nn.Linear(2, 2) for _ in range(layers)]), cut, devices)


@probe
def whole_layer(weight, bias):
    """Return an nn.Linear with these numbers; without a bias if that is None."""
    linear = nn.Linear(weight.shape[1], len(weight), bias=bias is not None).to(weight)
    linear.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
    return linear


@probe
def gradients_of_columns(student, weight, bias, widths, x, upstream):
    """Return output, gradient of x, gradients of all parts, and whether the layer is as it was.

    As it was: without gradients, and with its numbers although those of the parts change.
    """
    linear, x = whole_layer(weight, bias), x.requires_grad_()
    layer = student.ColumnLinear(linear, widths, [x.device] * len(widths))
    output = layer(x)
    (output * upstream).sum().backward()
    parts = [[parameter.grad for parameter in part.parameters()] for part in layer.parts]
    state = {name: value.clone() for name, value in linear.state_dict().items()}
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(1)
    is_same = all(torch.equal(value, state[name]) for name, value in linear.state_dict().items())
    return output, x.grad, parts, [*(p.grad is None for p in linear.parameters()), is_same]


@probe
def places_of_columns(student, weight, widths, devices, x):
    """Return the devices of the parts' weights and of the output."""
    layer = student.ColumnLinear(whole_layer(weight, weight[:, 0]), widths, devices)
    places = [value.device.type for value in layer.state_dict().values()]
    output = layer(x)
    return [*places, output.device.type], output


@probe
def columns_of(student, width, widths, count):
    """Divide a layer with so many outputs among `count` devices; return nothing."""
    student.ColumnLinear(nn.Linear(3, width), widths, ["cpu"] * count)


@probe
def watched_shards(student, state, x, y, n):
    """Return the gradients, the sizes of what the model was called with, and the model after it."""
    model, sizes = network(state).to(x.device), []
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    model.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    told = student.data_parallel_grads(model, x, y, n)
    left = [parameter.grad for parameter in model.parameters()]
    return dict(told), sorted(sizes), left, dict(model.state_dict())


@probe
def stripped(student, state):
    """Return what strip_module_prefix gives, and the state that it was given."""
    return dict(student.strip_module_prefix(state)), state


@probe
def averaged_by_name(student, gradients, samples, frozen):
    """Return the gradients by name in each process after average_gradients; None is none."""

    def work(rank):
        model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(name not in frozen)
            parameter.grad = gradients[rank].get(name)
        student.average_gradients(model, samples[rank])
        return {name: parameter.grad for name, parameter in model.named_parameters()}

    return in_processes(len(samples), work)


@probe
def trained_from(student, states, extra, x, y, steps, lr):
    """Train networks that begin with different numbers; return losses, state and a buffer."""

    def work(rank):
        model = network(states[rank])
        model.register_buffer("extra", extra[rank].clone())
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        losses = student.train_by_data(model, x, y, steps, lr)
        state = dict(model.state_dict())
        return [losses, state.pop("extra"), state]

    return in_processes(len(states), work)


@probe
def layers_apart(student, state, x, y, times):
    """Return losses and gradients of each process after so many calls of step_by_layers."""

    def work(rank):
        first, *second = network(state)
        part = nn.Sequential(nn.Flatten(), first) if rank == 0 else nn.Sequential(*second)
        losses = [student.step_by_layers(part, x, y, len(state["0.bias"])) for _ in range(times)]
        return [losses, [parameter.grad for parameter in part.parameters()]]

    return in_processes(2, work)


@probe
def columns_apart(student, weight, bias, widths, x, upstream, times):
    """Return what the last of several calls of step_by_columns gives, and all gradients."""

    def work(rank):
        own = slice(sum(widths[:rank]), sum(widths[: rank + 1]))
        linear = whole_layer(weight[own], bias[own])
        for _ in range(times):
            output, gradient = student.step_by_columns(linear, widths, x, upstream)
        flags = [output.requires_grad, gradient.requires_grad]
        return [flags, output, gradient, linear.weight.grad, linear.bias.grad]

    return in_processes(len(widths), work)


@check(
    points=1,
    zh="split_model 把每一部分放到自己的设备上；输入和中间结果都跟着移过去。",
    hint="x.to(...) gives a tensor on the device: once before the first part, once between them.",
    hint_zh="x.to(...) 返回该设备上的张量：第一部分之前移一次，两部分之间再移一次。",
)
def test_each_part_is_on_its_device(submission, rng, other_device):
    """After split_model each part is on its device, and what it is to compute with comes there."""
    state, x = random_state(rng, 5, 4, 3, torch.float32), rng.randn(7, 5)
    run, here, there = submission.on("cpu").run, "cpu", other_device
    expected = scores(state, x)
    if other_device == "meta":
        expected = expected.to("meta")
    for cut in (1, 2):
        places, output = run(places_of_split, state, cut, [here, there], x)
        assert_equal(places, [here, here, there, there, there])
        assert_tensor(output, expected)
    places, output = run(places_of_split, state, 1, [there], x)
    assert_equal(places, [there] * 5)
    assert_tensor(output, expected)


@check(
    points=2,
    zh="split_model 用的就是 model 自己的各层，梯度传得到它们；不能这样切时抛出 ValueError。",
    hint="Module.to moves a layer itself. And a part without a layer is no part.",
    hint_zh="Module.to 移动的是层本身，不必复制。另外，一层也没有的部分不算一部分。",
)
def test_split_model_trains_the_layers_themselves(submission, rng):
    """The layers of model itself get the gradients; ValueError is raised for cuts that are none."""
    state, x = random_state(rng, 5, 4, 3), rng.randn(6, 5, dtype=torch.float64)
    upstream = rng.randn(6, 3, dtype=torch.float64)
    leaves = {name: value.clone().requires_grad_() for name, value in state.items()}
    source = x.clone().requires_grad_()
    total = (scores(leaves, source) * upstream).sum()
    gradient, *expected = torch.autograd.grad(total, [source, *leaves.values()])
    run = submission.on("cpu").run
    told, layers = run(gradients_of_layers, state, 2, x, upstream)
    assert_tensor(told, gradient)
    assert_tensors(layers, dict(zip(state, expected, strict=True)))
    for layers, cut, devices in [(3, 0, 1), (3, 3, 2), (3, -1, 2), (2, 1, 0), (3, 1, 3)]:
        with raises(ValueError):
            run(split_of, layers, cut, ["cpu"] * devices)


@check(
    points=2,
    zh="ColumnLinear 各部分的梯度正是整层梯度的对应各行，原来的层保持不变；x 可以是任意形状。",
    hint="The outputs are the last dimension of x, however many stand before it; rows of a tensor "
    "are a view, clone() makes a copy.",
    hint_zh="输出在最后一维，不管前面还有几维；取出的行只是视图，clone() 才是副本。",
)
def test_parts_get_slices_of_the_gradient(submission, rng):
    """Parts of a ColumnLinear get their rows of the gradient; the layer they came from stays."""
    for shape, widths, has_bias, dtype in [
        ((2, 3, 4), [2, 1, 3], True, torch.float64),
        ((4,), [1, 4], False, torch.float64),
        ((0, 4), [3, 2], True, torch.float32),
        ((5, 4), [2, 5], False, torch.float32),
    ]:
        width = sum(widths)
        weight = rng.randn(width, 4, dtype=dtype).requires_grad_()
        bias = rng.randn(width, dtype=dtype).requires_grad_() if has_bias else None
        x = rng.randn(*shape, dtype=dtype).requires_grad_()
        upstream = rng.randn(*shape[:-1], width, dtype=dtype)
        output = functional.linear(x, weight, bias)
        (output * upstream).sum().backward()
        arguments = [weight.detach(), bias.detach() if has_bias else None, widths, x.detach()]
        told = submission.run(gradients_of_columns, *arguments, upstream)
        assert_tensor(told[0], output.detach())
        assert_tensor(told[1], x.grad)
        whole = [weight, bias] if has_bias else [weight]
        for index, parameter in enumerate(whole):
            assert_equal([len(part) for part in told[2]], [len(whole)] * len(widths))
            assert_tensor(torch.cat([part[index] for part in told[2]]), parameter.grad)
            assert_equal([len(part[index]) for part in told[2]], widths)
        assert_equal(told[3], [True] * (len(whole) + 1))


@check(
    points=1,
    zh="ColumnLinear 的各部分在各自的设备上，结果在第一部分那里；宽度不合时抛出 ValueError。",
    hint="x goes to each part, each piece goes to the first part. Check the widths beforehand.",
    hint_zh="x 要移到每一部分那里，每一块结果再移到第一部分那里。宽度要事先检查。",
)
def test_columns_are_on_their_devices(submission, rng, other_device):
    """Each part of a ColumnLinear is on its device, and widths that do not fit are refused."""
    here, there, run = "cpu", other_device, submission.on("cpu").run
    weight, x = rng.randn(6, 4), rng.randn(5, 4)
    devices = [there, here, there]
    places, output = run(places_of_columns, weight, [1, 3, 2], devices, x)
    assert_equal(places, [there, there, here, here, there, there, there])
    expected = functional.linear(x, weight, weight[:, 0])
    assert_tensor(output, expected.to("meta") if there == "meta" else expected)
    for width, widths, count in [(6, [3, 2], 2), (6, [3, 3], 3), (6, [2, 4, 0], 3), (5, [3, 3], 2)]:
        with raises(ValueError):
            run(columns_of, width, widths, count)


@check(
    points=1,
    zh="样本比份数少时，shard 的最后几份是空的；n 小于 1 时抛出 ValueError。",
    hint="Always n shards, also if some of them have nothing. tensor_split is worth a look.",
    hint_zh="总是 n 份，哪怕有的是空的。看看 tensor_split。",
)
def test_small_batches_have_empty_shards(submission, rng):
    """The function shard gives n shards for batches of every size, and refuses n < 1."""
    for size, n in [((9, 2), 4), ((3, 2, 2), 5), ((1,), 2), ((0, 3), 2), ((12,), 5)]:
        batch = rng.randn(*size)
        assert_equal(submission.shard(batch, n), list(batch.tensor_split(n)))
    for n in (0, -2):
        with raises(ValueError):
            submission.shard(rng.randn(4, 2), n)


@check(
    points=2,
    zh="模型每次只见到一份数据，空的份不算；梯度正确，模型和它原有的 .grad 都不变。",
    hint="The mean of no samples is nan. And whose .grad does backward() fill?",
    hint_zh="零个样本的平均是 nan。另外，backward() 填的是谁的 .grad？",
)
def test_model_sees_one_shard_at_a_time(submission, rng):
    """The model is called with one shard at a time, none of them empty, and stays as it was."""
    for count, n, sizes in [(9, 4, [2, 2, 2, 3]), (2, 3, [1, 1]), (5, 1, [5])]:
        state, x = random_state(rng, 4, 3, 5, torch.float32), rng.randn(count, 4)
        y = rng.randint(0, 5, (count,))
        told, seen, left, after = submission.run(watched_shards, state, x, y, n)
        assert_tensors(told, slopes(state, x, y)[1])
        assert_equal(seen, sizes)
        assert_equal(after, state)
        for gradient, value in zip(left, state.values(), strict=True):
            assert_tensor(gradient, torch.ones_like(value))


@check(
    points=1,
    zh="strip_module_prefix 只去掉开头的 “module.”，而且只去一次；传入的字典不变。",
    hint="str.replace changes every place, str.lstrip takes letters. Which method knows prefixes?",
    hint_zh="str.replace 每一处都改，str.lstrip 去的是字母。哪个方法认识前缀？",
)
def test_prefix_is_taken_off_once(submission, rng):
    """The prefix is taken off once, only at the beginning, and the given state stays."""
    names = {
        "module.module.weight": "module.weight",
        "module.submodule.bias": "submodule.bias",
        "module.modules.0.weight": "modules.0.weight",
        "module.old": "old",
        "layers.module.weight": "layers.module.weight",
        "modulelist.bias": "modulelist.bias",
        "weight": "weight",
    }
    state = {name: rng.randn(2, 3) for name in names}
    told, given = submission.run(stripped, state)
    assert_equal(told, {names[name]: value for name, value in state.items()})
    assert_equal(given, state)


@check(
    points=2,
    zh="没有样本或没有梯度的进程也参加 average_gradients，却不影响结果；冻结的参数原样不动。",
    hint="0 * nan is nan. And whoever skips an all_reduce lets all the others wait.",
    hint_zh="0 * nan 仍是 nan。另外，谁漏掉一次 all_reduce，别的进程就一直等下去。",
)
def test_idle_processes_take_part(submission, rng):
    """Processes without samples or gradients take part in average_gradients and change nothing."""
    shapes = {"0.weight": (3, 4), "0.bias": (3,), "1.weight": (2, 3), "1.bias": (2,)}
    one, _, two = gradients = [
        {name: rng.randn(*shape) for name, shape in shapes.items()} for _ in range(3)
    ]
    gradients[1] = {name: value * torch.nan for name, value in gradients[1].items()}
    one.pop("1.bias"), gradients[1].pop("1.bias"), two.pop("1.bias"), two.pop("0.bias")
    expected = {
        "0.bias": 3 / 4 * one["0.bias"],
        "1.weight": (3 * one["1.weight"] + two["1.weight"]) / 4,
        "1.bias": torch.zeros(2),
    }
    run = submission.on("cpu").run
    told = values_of(run(averaged_by_name, gradients, [3, 0, 1], ["0.weight"]))
    for own, averages in zip(gradients, told, strict=True):
        frozen = averages.pop("0.weight")
        assert_equal(torch.nan_to_num(frozen), torch.nan_to_num(own["0.weight"]))
        assert_tensors(averages, expected)


@check(
    points=2,
    zh="三个进程起点不同，有的没有样本，经过 train_by_data，结果都与进程 0 独自训练时一样。",
    hint="First all get the numbers of process 0, buffers included. An empty shard has no mean.",
    hint_zh="首先，所有进程都取进程 0 的数值，缓冲区也算。空的份没有平均值。",
)
def test_three_processes_become_one(submission, rng):
    """Three processes that begin differently, some without samples, train as process 0 would."""
    states = [random_state(rng, 4, 3, 5) for _ in range(3)]
    extra = [rng.randn(2) for _ in range(3)]
    for count, steps in ((7, 3), (2, 1)):
        x, y = rng.randn(count, 4, dtype=torch.float64), rng.randint(0, 5, (count,))
        losses, after = descent(states[0], x, y, steps, 0.4)
        answers = submission.on("cpu").run(trained_from, states, extra, x, y, steps, 0.4)
        for told, buffer, state in values_of(answers):
            assert_tensors(state, after)
            assert_tensor(buffer, extra[0])
            assert_close(told, losses, rtol=1e-8)


@check(
    points=1,
    zh="step_by_layers 第二次调用时，旧的梯度不起作用；float32 和别的形状的输入也行。",
    hint="backward() adds to .grad. What has to happen before?",
    hint_zh="backward() 会累加到 .grad 上。在那之前要做什么？",
)
def test_layers_forget_old_gradients(submission, rng):
    """A second call of step_by_layers gives the same again: old gradients have no part."""
    state, x = random_state(rng, 6, 2, 3, torch.float32), rng.randn(4, 2, 3)
    y = rng.randint(0, 3, (4,))
    loss, expected = slopes(state, x.flatten(1), y)
    answers = values_of(submission.on("cpu").run(layers_apart, state, x, y, 2))
    assert_close([told for told, _ in answers], [[loss] * 2] * 2)
    told = [gradient for _, gradients in answers for gradient in gradients]
    assert_tensors(dict(zip(state, told, strict=True)), expected)


@check(
    points=1,
    zh="三个进程的宽度各不相同时，step_by_columns 也正确；结果不带计算图，旧的梯度不起作用。",
    hint="The place of the own outputs follows from the widths of all processes before.",
    hint_zh="自己的输出放在哪里，由前面所有进程的宽度决定。",
)
def test_three_processes_hold_the_columns(submission, rng):
    """The function step_by_columns is right for three unequal widths, again and again."""
    weight, bias, widths = rng.randn(7, 3), rng.randn(7), [1, 4, 2]
    x, upstream = rng.randn(5, 3), rng.randn(5, 7)
    arguments = [weight, bias, widths, x, upstream, 2]
    answers = values_of(submission.on("cpu").run(columns_apart, *arguments))
    for part, answer in zip(upstream.split(widths, dim=1), answers, strict=True):
        flags, output, gradient, of_weight, of_bias = answer
        assert_equal(flags, [False, False])
        assert_tensor(output, functional.linear(x, weight, bias))
        assert_tensor(gradient, upstream @ weight)
        assert_tensor(of_weight, part.t() @ x)
        assert_tensor(of_bias, part.sum(0))
