"""Has nothing forbidden in it."""

from helper import add
