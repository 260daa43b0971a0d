from eureka.builtin.llm import LLMGenerator
from eureka.builtin.nothing import NoPruner, NoReflector
from eureka.history import GenerateRequest
from eureka.hookspecs import Rung
from eureka.types import Fitness, Reflection


def reflect(history):
    return NoReflector(NoReflector.Options()).eureka_reflect(history, "r0i0s00")


def test_no_pruner_keeps_every_trial(make):
    rung = Rung(make.task(), 0, 2, {"r0i0s01": (), "r0i0s00": ()})
    assert NoPruner(NoPruner.Options()).eureka_prune(rung) == ("r0i0s01", "r0i0s00")


def test_no_reflector_tells_the_fitness_at_every_checkpoint_and_nothing_of_the_terms(make):
    points = make.checkpoints([0.1, 0.5, 0.91234], [10, 20, 30], climb=[1.0, 2.0, 3.0], total=[1.5, 2.5, 3.5])
    assert reflect(make.history(make.entry(fitness=0.9, checkpoints=points))) == (
        "A policy was trained with this reward for 3000 environment steps. At 3 points on the way it was evaluated.\n\n"
        "fitness (higher is better): [0.1, 0.5, 0.912], max 0.912, mean 0.504, min 0.1"
    )


def test_no_reflector_says_which_way_is_better_and_nothing_of_what_never_trained(make):
    task = make.task(fitness=Fitness(value="cost", goal="minimize"))
    assert "fitness (lower is better): [2, 1]" in reflect(make.history(make.entry(checkpoints=make.checkpoints([2.0, 1.0])), task=task))
    assert reflect(make.history(make.entry())) == ""


def test_a_model_is_asked_for_the_next_reward_by_the_fitness_alone(make):
    points = make.checkpoints([0.1, 0.5], climb=[1.0, 2.0], total=[1.5, 2.5])
    history = make.history(make.entry(fitness=0.5, text="```python\ndef compute_reward(height): ...\n```", checkpoints=points))
    told = Reflection(restart=0, iteration=0, parent="r0i0s00", text=reflect(history))
    place = {"restart": 0, "iteration": 1, "iterations": 2, "samples": 1, "missing": (0,), "seed": 0}
    request = GenerateRequest(history=history, **place, parents=("r0i0s00",), reflections=(told,))
    *_, answer, question = LLMGenerator(LLMGenerator.Options()).conversation(request, "r0i0s00")
    assert (answer.role, question.role) == ("assistant", "user")
    assert question.content.startswith("A policy was trained with this reward") and "climb" not in question.content
    assert "fitness (higher is better): [0.1, 0.5]" in question.content and "Write an improved reward function" in question.content
