"""The stand-in: a local Docker Hub with generated data, served over real HTTP.

It is there for tests, benchmarks and the demo: no request leaves the machine.
"""

from dockerhub.standin.drift import Drift
from dockerhub.standin.faults import Fault
from dockerhub.standin.gone import Gone
from dockerhub.standin.journal import Exchange, Journal
from dockerhub.standin.options import Limit, Options
from dockerhub.standin.script import Scripted
from dockerhub.standin.server import StandIn
from dockerhub.standin.shape import PLAIN, Shape, ShapeOptions
from dockerhub.standin.truth import Category, Change, Image, Layer, Repository, Tag
from dockerhub.standin.windows import Window
from dockerhub.standin.world import World

__all__ = [
    "PLAIN",
    "Category",
    "Change",
    "Drift",
    "Exchange",
    "Fault",
    "Gone",
    "Image",
    "Journal",
    "Layer",
    "Limit",
    "Options",
    "Repository",
    "Scripted",
    "Shape",
    "ShapeOptions",
    "StandIn",
    "Tag",
    "Window",
    "World",
]
