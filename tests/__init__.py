"""Arithmetic takes one thread here, as in the product: with all cores busy, several wait for one another."""

from shared.threads import one_thread_for_arithmetic

one_thread_for_arithmetic()
