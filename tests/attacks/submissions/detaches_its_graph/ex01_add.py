"""Returns a result that says it has a graph, of which nothing leads to the inputs."""


def add(a, b):
    return (a + b).detach().requires_grad_(a.requires_grad)
