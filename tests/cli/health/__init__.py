"""Tests of the commands about health."""
