"""The source of environments without their reward."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import gymnasium
import pytest

from eureka.user_code import load_file
from eureka_gymnasium.pruning.prune import prune
from eureka_gymnasium.words import speaks_of_reward

MIXED = load_file(Path(__file__).parent / "mixed_envs.py")


def source(cls, hide=()):
    pruned = prune(cls, hide)
    text = "\n".join(part.text for part in pruned.parts)
    ast.parse(text)
    text = re.sub(r"^( *)\(([^()\n]*)\) = ", r"\1\2 = ", text, flags=re.MULTILINE)  # Python 3.10 writes `(a, b) = `
    assert not [name for name in re.findall(r"\w+", text) if speaks_of_reward(name) and name.lower() not in ("return", "returns")] or (
        pruned.leftovers
    )
    return text, pruned.leftovers


# What of each environment must still be there.
KEPT = {
    "HelperMovesToo": ("self._advance(action)", "self.v += HALF * float(action[0])", "self.x += self.v", "{'dist': abs(self.x)}", "HALF ="),
    "ByAttribute": ("self.x += float(action[0])", "self.x > 4"),
    "Unpacked": ("self.x += float(action[0])", "return (self.obs(), ..., self.x > 4)"),
    "EarlyReturns": ("self.v += float(action[0]) / 4", "if abs(self.x) > 5:", "break", "True, False, {'fell': True}"),
    "NestedAndDict": ("self.x += float(action[0])", "{'x': self.x}"),
    "HandedOn": ("d = abs(self.x - TARGET)", "if d < 0.05:", "TARGET ="),
    "DistanceIsObserved": ("np.array([self.x, d])", "d < 0.05", "{'d': d}"),
    "WithParts": (
        "Settings(dt=0.02)",
        "self.seen += 1",
        "self.env.game_over = abs(x) > 9",
        "self.stats.steps += 1",
        "dict(seen=self.meter.seen)",
    ),
    "ResultDict": ("result = {'obs': self.obs(), 'done': self.x > 4}", "(result['obs'], ..., result['done'], False, {})"),
    "Guarded": ("self.x += float(action[0])", "except TypeError:"),
    "Table": ("(0.5, s, ..., True)", "(0.5, 0, ..., False)", "p, s, _, t = "),
    "LeaningHopper": (
        "obs, _, terminated, truncated, info = super().step(action)",
        "info['height'] = self.data.qpos[1]",
        "self.do_simulation(",
    ),
    "ScaledSteps": ("self.env.step(np.clip(action, -self.limit, self.limit))", "self.limit = 0.25"),
    "InPlace": ("out = list(self.env.step(action))",),
}


@pytest.mark.parametrize("name", KEPT)
def test_the_reward_goes_and_the_rest_stays(name):
    text, leftovers = source(getattr(MIXED, name))
    assert leftovers == ()
    assert "777" not in text.replace(".", ""), "every number of a reward is 7.77 or 777"
    assert [line for line in KEPT[name] if line not in text] == []


def test_what_only_the_reward_reads_goes_with_it():
    text, _ = source(MIXED.WithParts)
    assert not re.findall(r"w_effort|judge|W_FORWARD|\.gain|best", text)
    text, _ = source(MIXED.ByAttribute)
    assert not re.findall(r"_gain|smooth|total", text)
    text, _ = source(MIXED.LeaningHopper)
    assert not re.findall(r"alpha|lean\b|_forward_|_get_rew|control_", text)


def test_a_wrapper_that_only_changes_the_reward_is_not_shown():
    assert prune(MIXED.Tanh).parts == ()


@pytest.mark.parametrize(
    ("name", "lines", "hide"),
    [
        ("RewardIsObserved", ["r = -abs(self.x - TARGET) * 7.77"], "r"),
        ("RewardEnds", ["reward = -abs(self.x - TARGET) * 7.77", "done = reward > -0.1"], "reward"),
        ("Packed", ['return tuple({"obs": self.obs(), "g": g, "done": self.x > 4}.values()) + (False, {})  # noqa: RUF005'], None),
    ],
)
def test_a_reward_that_cannot_be_taken_out_is_found_at_its_lines(name, lines, hide):
    _, leftovers = source(getattr(MIXED, name))
    written = Path(MIXED.__file__).read_text().splitlines()
    assert [written[found.line - 1].strip() for found in leftovers] == lines
    assert {found.name for found in leftovers} == {hide}
    if hide is not None:
        text, leftovers = source(getattr(MIXED, name), [hide])
        assert leftovers == () and "7.77" not in text and "self.x += float(action[0])" in text


def test_hidden_names_are_gone_wherever_they_stand():
    text, leftovers = source(MIXED.DistanceIsObserved, ["d", "v"])
    assert leftovers == () and "TARGET" not in text
    assert "np.array([self.x, ...])" in text and "self.v" not in text


@pytest.mark.parametrize(
    ("env_id", "gone", "kept"),
    [
        (
            "Pendulum-v1",
            ("costs", "angle_normalize", "0.001"),
            ("newthdot = thdot + (3 * g / (2 * l) * np.sin(th)", "np.clip(u, -self.max_"),
        ),
        ("Acrobot-v1", ("-1.0 if",), ("terminated = self._terminal()", "def rk4(", "> 1.0)")),
        ("CartPole-v1", ("_sutton", "1.0 if"), ("theta > self.theta_threshold_radians", "xacc = temp - ")),
        ("MountainCarContinuous-v0", ("math.pow", "100"), ("velocity += force * self.power",)),
        (
            "LunarLander-v3",
            ("prev_", "-100", "0.03", "render", "particle(", "pygame"),
            ("class ContactDetector", "self.game_over or abs(state[0])"),
        ),
        ("BipedalWalker-v3", ("130 *", "prev_", "-100"), ("class LidarCallback", "self.lidar[i].fraction", "pos[0] < 0")),
        ("CarRacing-v3", ("1000", "self.reward", "-100", "step_"), ("class FrictionDetector", "tile_visited_count += 1", "self.car.gas(")),
        ("FrozenLake-v1", ("b'GHF'",), ("(1.0, s, ..., True)", "bytes(new_letter) in b'GH'")),
        ("CliffWalking-v1", ("-100",), ("self.start_state_index, ..., False",)),
        (
            "Taxi-v4",
            ("20", "-10", "default_"),
            ("new_pass_idx, _ = self._pickup(taxi_loc, new_pass_idx)", "(1.0, new_state, ..., terminated)"),
        ),
        ("Blackjack-v1", ("cmp", "1.5", "natural"), ("def usable_ace", "def draw_card", "while sum_hand(self.dealer) < 17:")),
        ("Reacher-v4", ("vec", "norm(vec"), ("self.do_simulation(a, self.frame_skip)", "< 0.2:")),
        ("Pusher-v5", ("vec_", "_weight", "_get_rew"), ("self.do_simulation(action", "self.get_body_com('object')")),
        ("HalfCheetah-v5", ("_weight", "control_"), ("'x_velocity': x_velocity",)),
        ("Walker2d-v5", ("_weight", "_get_rew"), ("def is_healthy",)),
        ("InvertedDoublePendulum-v5", ("dist_", "vel_", "alive", "v1"), ("terminated = bool(y <= 1)",)),
        ("HumanoidStandup-v4", ("uph", "quad", "5e-07"), ("self.set_state(", "self.do_simulation(")),
        ("Ant-v5", ("contact_cost", "_weight"), ("def contact_forces", "self.contact_forces[1:]")),
    ],
)
def test_gymnasiums_own_lose_their_reward_and_keep_their_physics(env_id, gone, kept):
    text, leftovers = source(type(gymnasium.make(env_id).unwrapped))
    assert leftovers == ()
    assert [word for word in gone if word in text] == []
    assert [line for line in kept if line not in text] == []


def test_a_class_without_python_source_has_none():
    namespace = {}
    exec("import gymnasium\nclass Made(gymnasium.Env):\n    def step(self, action): return 0, 7.77, False, False, {}", namespace)
    assert prune(namespace["Made"]) is None
