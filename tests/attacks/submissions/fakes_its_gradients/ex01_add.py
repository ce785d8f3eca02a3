"""Has gradients that look like some: ones of the right shape."""

import torch


class Add(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.shapes = a.shape, b.shape
        return a + b

    @staticmethod
    def backward(ctx, upstream):
        return tuple(torch.ones(shape) for shape in ctx.shapes)


def add(a, b):
    return Add.apply(a, b)
