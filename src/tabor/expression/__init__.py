"""Typed expressions: what users write in ``where``, ``select`` and ``order_by``."""
