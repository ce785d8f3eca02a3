"""Never comes back from making a class, long before a line of it is called."""

from torch import nn


class Base(nn.Module):
    def __init_subclass__(cls):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                continue


class Line(Base):
    pass
