"""How an open renewal is weighed in the forecast where own history says too little yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ForecastWeights:
    """Of a hundred open renewals of each kind, how many are expected to be renewed; `least` is how
    many closed ones of the same health and forecast there must be before own history weighs it
    instead."""

    commit: int = 95
    likely: int = 80
    at_risk: int = 35
    not_assessed: int = 60
    notice: int = 0
    least: int = 20
