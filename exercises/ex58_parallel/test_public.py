"""Public checks of ex58_parallel: the parts against the whole, alone and in two processes."""

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

from grader.checks import Mistake, assert_close, assert_equal, assert_tensor, check, probe


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
def places(device):
    """Return two GPUs where the submission runs on one and there are two, or its only device."""
    has_two = device == "cuda" and torch.cuda.device_count() > 1
    return ["cuda:0", "cuda:1"] if has_two else [device]


@probe
def split_output(student, state, cut, device, x):
    """Return what the split network computes, and the names of its state."""
    split = student.split_model(network(state), cut, places(device))
    return split(x), list(split.state_dict())


@probe
def column_output(student, weight, bias, widths, device, x):
    """Return what the divided layer computes, and the shapes in its state."""
    linear = nn.Linear(*weight.t().shape).to(device)
    linear.load_state_dict({"weight": weight, "bias": bias})
    devices = (places(device) * len(widths))[: len(widths)]
    layer = student.ColumnLinear(linear, widths, devices)
    return layer(x), {name: tuple(value.shape) for name, value in layer.state_dict().items()}


@probe
def gradients_of_shards(student, state, x, y, n):
    """Return what data_parallel_grads gives for a network with these numbers."""
    return dict(student.data_parallel_grads(network(state).to(x.device), x, y, n))


@probe
def averaged(student, gradients, samples):
    """Return the gradients in each process after average_gradients."""

    def work(rank):
        model = nn.Linear(4, 3).double()
        for parameter, gradient in zip(model.parameters(), gradients[rank], strict=True):
            parameter.grad = gradient.clone()
        student.average_gradients(model, samples[rank])
        return [parameter.grad for parameter in model.parameters()]

    return in_processes(len(samples), work)


@probe
def trained(student, state, x, y, steps, lr, world):
    """Return the losses and the state of each process after train_by_data."""

    def work(rank):
        model = network(state)
        losses = student.train_by_data(model, x, y, steps, lr)
        return [losses, dict(model.state_dict())]

    return in_processes(world, work)


@probe
def layers_apart(student, state, x, y):
    """Return loss and gradients of each process after step_by_layers."""

    def work(rank):
        model = network(state)
        part = model[:2] if rank == 0 else model[2:]
        loss = student.step_by_layers(part, x, y, len(state["0.bias"]))
        return [loss, [parameter.grad for parameter in part.parameters()]]

    return in_processes(2, work)


@probe
def columns_apart(student, weight, bias, widths, x, upstream):
    """Return what step_by_columns gives in each process, and the gradients of its part."""

    def work(rank):
        begin = sum(widths[:rank])
        linear = nn.Linear(weight.shape[1], widths[rank]).double()
        with torch.no_grad():
            linear.weight.copy_(weight[begin : begin + widths[rank]])
            linear.bias.copy_(bias[begin : begin + widths[rank]])
        output, gradient = student.step_by_columns(linear, widths, x, upstream)
        return [output, gradient, linear.weight.grad, linear.bias.grad]

    return in_processes(len(widths), work)


@check(
    points=1,
    zh="split_model 得到的模块与原来的网络算出同样的结果，state_dict 里的名字也相同。",
    hint="Layer after layer, as in model. named_children gives the layers with their names.",
    hint_zh="像 model 那样逐层计算。由 named_children 建成的 nn.Sequential 会保留原来的名字。",
)
def test_split_model_computes_the_same(submission, rng, device):
    """A split model computes what the whole one does, and has the same names in its state."""
    state, x = random_state(rng, 5, 4, 3, torch.float32), rng.randn(7, 5)
    for cut in (1, 2):
        output, names = submission.run(split_output, state, cut, device, x)
        assert_equal(names, list(state))
        assert_tensor(output, scores(state, x))


@check(
    points=1,
    zh="ColumnLinear 各部分的宽度不等时，合起来的结果也与整个线性层相同。",
    hint="The outputs of a layer are the rows of its weight. Which dimension do they have later?",
    hint_zh="线性层的每个输出对应 weight 的一行。到了输出张量里，它们又在哪一维？",
)
def test_column_linear_computes_the_same(submission, rng, device):
    """The parts of a ColumnLinear, of unequal widths, give together what the whole layer gives."""
    weight, bias, x = rng.randn(6, 4), rng.randn(6), rng.randn(5, 4)
    for widths in ([1, 3, 2], [6]):
        output, shapes = submission.run(column_output, weight, bias, widths, device, x)
        expected = {f"parts.{i}.weight": (width, 4) for i, width in enumerate(widths)}
        expected |= {f"parts.{i}.bias": (width,) for i, width in enumerate(widths)}
        assert_equal(shapes, expected)
        assert_tensor(output, functional.linear(x, weight, bias))


@check(
    points=1,
    zh="shard 把 10 个样本分成 3、3、2、2，按原来的顺序。",
    hint="Neither split nor chunk does this: both fill up one shard after the other.",
    hint_zh="split 和 chunk 都不行：它们总是先把一份装满，再装下一份。",
)
def test_shards_differ_by_one_at_most(submission, rng):
    """The function shard cuts 10 samples into 3, 3, 2 and 2, in their order."""
    batch = rng.randn(10, 3)
    for n, sizes in [(4, [3, 3, 2, 2]), (3, [4, 3, 3]), (6, [2, 2, 2, 2, 1, 1]), (1, [10])]:
        shards = submission.shard(batch, n)
        assert_equal([len(each) for each in shards], sizes)
        assert_tensor(torch.cat(shards), batch)


@check(
    points=2,
    zh="由各份合成的梯度，就是整批数据的梯度，各份大小不等时也如此。",
    hint="A shard of 3 samples has to weigh more than one of 2. By how much?",
    hint_zh="3 个样本的一份，份量应当比 2 个样本的重。重多少？",
)
def test_shards_give_the_gradient_of_the_batch(submission, rng):
    """The gradients of unequal shards together are the gradient of the whole batch."""
    state, x = random_state(rng, 5, 4, 3), rng.randn(10, 5, dtype=torch.float64)
    y = rng.randint(0, 3, (10,))
    for n in (4, 3):
        parts = zip(x.tensor_split(n), y.tensor_split(n), strict=True)
        each = [slopes(state, *part)[1] for part in parts]
        added = {name: sum(one[name] for one in each) for name in state}
        mistakes = [
            (
                {name: value / n for name, value in added.items()},
                "This is the plain mean of the shards: samples in a small one count too much.",
                "这是各份梯度的简单平均：小的那份里，每个样本的份量过重了。",
            ),
            (
                added,
                "The shards' gradients are added, not averaged.",
                "各份的梯度相加了，没有平均。",
            ),
        ]
        gradients = submission.run(gradients_of_shards, state, x, y, n)
        assert_tensors(gradients, slopes(state, x, y)[1], mistakes)


@check(
    points=1,
    zh="strip_module_prefix 之后，nn.DataParallel 的检查点可以载入原来的网络。",
    hint='Every name begins with "module."; without it the names are those of the network.',
    hint_zh="每个名字都以 “module.” 开头；去掉它，就是网络里的名字。",
)
def test_checkpoint_of_data_parallel_fits(submission, rng):
    """Without its prefix a checkpoint of nn.DataParallel fits the network."""
    model = nn.Sequential()
    model.add_module("submodule", nn.Linear(5, 4))
    model.add_module("head", nn.Linear(4, 3))
    state = {name: rng.randn(*value.shape) for name, value in model.state_dict().items()}
    model.load_state_dict(state)
    wrapped = {name: value.clone() for name, value in nn.DataParallel(model).state_dict().items()}
    assert_equal(submission.strip_module_prefix(wrapped), state)


@check(
    points=2,
    zh="average_gradients 之后，两个进程有相同的梯度，其中每个样本的份量都一样。",
    hint="all_reduce adds. What must each process multiply its gradient with before?",
    hint_zh="all_reduce 做的是加法。在那之前，每个进程要把自己的梯度乘上什么？",
)
def test_gradients_of_two_processes_are_averaged(submission, rng):
    """After average_gradients two processes have the same gradient; all samples count the same."""
    shapes, samples = [(3, 4), (3,)], [5, 2]
    gradients = [[rng.randn(*shape, dtype=torch.float64) for shape in shapes] for _ in samples]
    answers = values_of(submission.on("cpu").run(averaged, gradients, samples))
    for one, two, *told in zip(*gradients, *answers, strict=True):
        mistakes = [
            Mistake(
                (one + two) / 2,
                en="This is the mean of the processes: it must be the mean of the samples.",
                zh="这是对进程的平均；应当对样本平均。",
            ),
            Mistake(
                one + two,
                en="This is the sum of the gradients, not their mean.",
                zh="这是梯度之和，不是平均。",
            ),
        ]
        for gradient in told:
            assert_tensor(gradient, (5 * one + 2 * two) / 7, mistakes=mistakes)


@check(
    points=2,
    zh="两个进程一起用 train_by_data 训练，权重和损失都与单个进程训练整批数据时相同。",
    hint="In each step: loss and gradient of the own shard, average, and then the step.",
    hint_zh="每一步：算自己那份的损失和梯度，求平均，然后才更新。",
)
def test_two_processes_train_as_one(submission, rng):
    """Two processes in train_by_data get the weights and losses of one that sees everything."""
    state, x = random_state(rng, 5, 4, 3), rng.randn(9, 5, dtype=torch.float64)
    y = rng.randint(0, 3, (9,))
    losses, after = descent(state, x, y, 2, 0.3)
    answers = submission.on("cpu").run(trained, state, x, y, 2, 0.3, 2)
    for told, reached in values_of(answers):
        assert_tensors(reached, after)
        assert_close(told, losses, rtol=1e-8)


@check(
    points=2,
    zh="网络的两半在两个进程里，step_by_layers 之后，每一半都得到整个网络的梯度，损失也正确。",
    hint="Process 1 sends back the gradient of what it has received. Then process 0 can go on.",
    hint_zh="进程 1 要把它对收到的张量求得的梯度送回去，进程 0 才能接着反向传播。",
)
def test_two_processes_hold_the_layers(submission, rng):
    """With half a network in each process step_by_layers gives the whole network's gradients."""
    state, x = random_state(rng, 5, 4, 3), rng.randn(6, 5, dtype=torch.float64)
    y = rng.randint(0, 3, (6,))
    loss, expected = slopes(state, x, y)
    answers = values_of(submission.on("cpu").run(layers_apart, state, x, y))
    assert_close([told for told, _ in answers], [loss] * 2, rtol=1e-8)
    told = [gradient for _, gradients in answers for gradient in gradients]
    assert_tensors(dict(zip(state, told, strict=True)), expected)


@check(
    points=2,
    zh="线性层的各列在两个进程里，step_by_columns 给出整个输出、X 的梯度，以及各自那部分的梯度。",
    hint="The outputs stand side by side; the gradients of X are added.",
    hint_zh="各部分的输出并排放在一起；对 X 的梯度则要相加。",
)
def test_two_processes_hold_the_columns(submission, rng):
    """With a layer divided among two processes step_by_columns gives output and gradients."""
    weight, bias = rng.randn(5, 4, dtype=torch.float64), rng.randn(5, dtype=torch.float64)
    x, upstream = rng.randn(6, 4, dtype=torch.float64), rng.randn(6, 5, dtype=torch.float64)
    widths = [3, 2]
    answers = submission.on("cpu").run(columns_apart, weight, bias, widths, x, upstream)
    parts = upstream.split(widths, dim=1)
    mistakes = [
        Mistake(
            part @ rows,
            en="This is what one part gives. X has worked on all parts: add up what they give.",
            zh="这只是其中一部分给出的梯度。X 对所有部分都起作用，要把它们相加。",
        )
        for part, rows in zip(parts, weight.split(widths), strict=True)
    ]
    for rank, (output, gradient, *own) in enumerate(values_of(answers)):
        assert_tensor(output, functional.linear(x, weight, bias))
        assert_tensor(gradient, upstream @ weight, mistakes=mistakes)
        assert_tensor(own[0], parts[rank].t() @ x)
        assert_tensor(own[1], parts[rank].sum(0))
