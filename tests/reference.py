"""Slow, readable twins of the library's functions: what the fast ones must agree with."""

from __future__ import annotations
