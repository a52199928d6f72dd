"""Kinds of files that are known by their header: exports of other systems."""
