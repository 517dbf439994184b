"""Data actions written in Python: a model in, a model out, a handler between."""

from tieline.actions.context import Context as Context
from tieline.actions.definition import Action as Action
from tieline.actions.definition import action as action
from tieline.actions.outside import OutsideService as OutsideService
