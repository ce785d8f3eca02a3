"""Quits politely before anything can be asked."""

import sys

sys.exit(0)
