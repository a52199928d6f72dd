"""Weeks in which both sides change at random, and what must hold of every one of them."""
