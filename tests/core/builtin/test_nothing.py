from eureka.builtin.nothing import NoPruner, NoReflector
from eureka.hookspecs import Rung


def test_no_pruner_keeps_every_trial(make):
    rung = Rung(make.task(), 0, 2, {"r0i0s01": (), "r0i0s00": ()})
    assert NoPruner(NoPruner.Options()).eureka_prune(rung) == ("r0i0s01", "r0i0s00")


def test_no_reflector_says_nothing(make):
    assert NoReflector(NoReflector.Options()).eureka_reflect(make.history(), "r0i0s00") == ""
