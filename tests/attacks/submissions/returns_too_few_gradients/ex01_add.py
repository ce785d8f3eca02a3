"""Has a backward that returns one gradient for two inputs."""

import torch


class Add(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.shapes = a.shape, b.shape
        return a + b

    @staticmethod
    def backward(ctx, upstream):
        return upstream


def add(a, b):
    return Add.apply(a, b)
