"""Which of an environment's statements serve the simulation, the observation and the episode's end, and which only the reward."""

from __future__ import annotations

import ast
import re

from eureka_gymnasium.pruning.entries import Roots, cut_terms, is_made, is_term, speaks, spread
from eureka_gymnasium.pruning.model import ENV, Function, Item, Key, Loads, Var, chain
from eureka_gymnasium.pruning.program import Program
from eureka_gymnasium.pruning.reward_reads import all_reads, reward_reads
from eureka_gymnasium.pruning.trace import aliases, changed, item_loads, path_loads

# What Gymnasium and its users read of every environment, and what nobody outside of drawing does.
_PUBLIC = frozenset(("observation_space", "action_space", "np_random", "spec", "single_observation_space", "single_action_space"))
_API = frozenset(("step", "reset", "__init__", "observation", "action", "reset_model", "__post_init__"))
_EFFECTS = re.compile(
    r"(?:^|_)(?:step|act|simulate|apply|advance|set|update|move|send|tick|reset|play|execute|run|push|pop|tick|do|perform|drive|fire|seed"
    r"|integrate|forward|propagate|submit)(?:$|_|[A-Z])"
)


class Slice:
    """needed: variables that something other than the reward reads, as far as one has to go back. reward: those the reward reads.

    kept: items that stay. residual: items of which only calls stay that do something beside the reward; acting: their ids.
    """

    def __init__(self, program: Program, roots: Roots, hide: frozenset[str], alike: frozenset[str], drawn: frozenset[str]) -> None:
        """alike: attributes of the environment treated as if the reward read them. drawn: those that code for drawing reads."""
        self.program, self.roots, self._hide, self._drawn = program, roots, hide, drawn
        self._alias: dict[Var, set[Var]] = {}
        self._cuts: dict[Item, bool] = {}
        self._spare: dict[tuple[Item, bool], list[ast.Call]] = {}
        self.reward = reward_reads(program, roots, hide, {("attr", ENV, name) for name in alike}) | (roots.made - roots.infos)
        self._without_infos = False
        self.needed: set[Var] = {("attr", ENV, name) for name in _PUBLIC}
        self.kept: set[Item] = set()
        self.residual: set[Item] = set()
        self.acting: set[int] = set()
        self.effectful: set[Key] = set()
        self._pending: list[tuple[Var | None, ast.expr, Function]] = []
        for key in self._root_keys():
            self.needed |= {("call", key), ("ret", key, ())}
        self._grow_without_infos()
        roots.made_of_terms = spread(program, roots.terms - self.needed, roots.infos)
        cut_terms(program, roots)
        self.reward |= roots.made_of_terms
        self.kept = {item for item in self.kept if item.target in self.needed or item.target not in roots.made_of_terms}
        self._grow()

    def serves_reward_alone(self, name: str) -> bool:
        """Whether only reward code reads or writes an attribute or a property of the environment."""
        var: Var = ("attr", ENV, name)
        key: Key = (ENV, name)
        if key in self.program.functions:
            return ("ret", key, ()) in self.reward and not self.is_live(key)
        items = self.program.defs(var)
        if var in self.roots.made and var not in self.roots.infos:
            return True
        return bool(items) and var not in self.needed and (var in self.reward or not any(item in self.kept for item in items))

    @property
    def info_keys(self) -> set[str]:
        """Entries of `info` and of what goes into it that hold the reward, a term of it or what is made from it."""
        found = set(self.roots.keys)
        for item in self.program.items():
            call = item.values[0] if item.kind == "call" and changed(self.program, item) in self.roots.infos else None
            if isinstance(call, ast.Call) and item not in self.kept:
                found |= {keyword.arg for keyword in call.keywords if keyword.arg is not None}
                found |= {str(a.value) for a in call.args[:1] if isinstance(a, ast.Constant)}
            index = item.place.slice if isinstance(item.place, ast.Subscript) else None
            if item.target in self.roots.infos and item not in self.kept and isinstance(index, ast.Constant):
                found.add(str(index.value))
        return found

    # ── Backwards from everything else ───────────────────────────────────────────────────────────────────────────────

    def _root_keys(self) -> set[Key]:
        """Functions that somebody outside calls: the interface, and what nothing here refers to."""
        program = self.program
        used: set[Key] = set()
        for item in program.items():
            for expr in (*item.values, *(e for g in item.guards for e in g.exprs)):
                for node in ast.walk(expr):
                    if isinstance(node, ast.Attribute):
                        used |= {key for key in program.functions if key[1] == node.attr}
                    elif isinstance(node, ast.Name):
                        used.add((item.function.module, node.id))
        roots = set()
        for key, group in program.functions.items():
            owner, name = group[0].owner, key[1]
            unused = not (key in used or name in self._drawn or program.speaks(name))
            if owner == ENV and name not in self._hide and (name in _API or name.startswith("<") or unused):
                roots.add(key)
        return roots

    def is_live(self, key: Key) -> bool:
        """Whether a function stays."""
        return ("call", key) in self.needed

    def _grow_without_infos(self) -> None:
        """As far as it goes where nobody reads an info or what is read nowhere: shows which terms of the reward are state as well."""
        infos = {id(expr) for expr, _ in self.roots.info_values} - self.program.cut
        self._without_infos, self.program.cut = True, self.program.cut | infos
        self.program.forget()
        self._grow()
        self._without_infos, self.program.cut = False, self.program.cut - infos
        self.program.forget()
        self._cuts.clear()
        self._spare.clear()

    def _grow(self) -> None:
        size = -1
        while size != (now := len(self.needed) + len(self.kept) + len(self.residual) + len(self.effectful)):
            size = now
            self._classes()
            for key, group in self.program.functions.items():
                live = self.is_live(key)
                for function in group:
                    for item in function.items:
                        self._consider(item, key, live)
            for var, argument, function in list(self._pending):
                if var is None or var in self.needed:
                    self._pending.remove((var, argument, function))
                    self._take(self.program.loads(argument, function), function)

    def _classes(self) -> None:
        """A helper class that is made lives with all of its methods, for they may be called from outside."""
        for key, group in self.program.functions.items():
            owner = group[0].owner
            made = owner not in (ENV, "") and ("class", group[0].module, owner) in self.needed
            if made and not self.program.speaks(key[1]) and key[1] not in self._hide:
                self.needed |= {("call", key), ("ret", key, ())}

    def _consider(self, item: Item, key: Key, live: bool) -> None:
        if item.kind == "return":
            if live:
                self._returned(item, key)
                self._spared(item, key)
            return
        stays = item in self.kept or self._stays(item)
        if stays and self._is_effect(item):
            self.effectful.add(key)
        if not live:
            return
        if stays and item not in self.kept:
            self.kept.add(item)
            if item.kind == "call" and isinstance(item.values[0], ast.Call):
                self._take_call(item.values[0], item.function)
            else:
                self._take(item_loads(self.program, item), item.function)
            self._take_guards(item)
        self._spared(item, key)

    def _spared(self, item: Item, key: Key) -> None:
        """Keep the calls that do something in what an item loses."""
        if any(self.acts(call, item.function) for call in self.spare_calls(item)):
            self.effectful.add(key)
            if item not in self.residual:
                self.residual.add(item)
                self._take_guards(item)
            for call in self.spare_calls(item):
                if self.acts(call, item.function):
                    self.acting.add(id(call))
                    self._take_call(call, item.function)

    def _returned(self, item: Item, key: Key) -> None:
        wanted = {var[2] for var in self.needed if var[0] == "ret" and var[1] == key}
        for value in item.values:
            for path in wanted:
                self._take(path_loads(self.program, value, item.function, path), item.function)  # type: ignore[arg-type]
        if wanted or self._is_clean(item):
            self.kept.add(item)
            self._take_guards(item)

    def _take(self, loads: Loads, function: Function) -> None:
        self.needed |= loads.vars
        for var in loads.vars:
            if var[0] == "ret":
                self.needed.add(("call", var[1]))
        for key, call in loads.calls:
            self.needed.add(("call", key))
            self._pending += [(var, argument, function) for var, argument in self.program.bind(key, call)]

    def _take_call(self, call: ast.Call, function: Function) -> None:
        """A call for its effect: what it returns is not read."""
        loads, key = self.program.loads(call, function), self.program.callee(call, function)
        if key is not None:
            self.needed.add(("call", key))
            loads = Loads(loads.vars - {("ret", key, ())}, loads.calls)
        self._take(loads, function)

    def _take_guards(self, item: Item) -> None:
        for guard in item.guards:
            for test in guard.exprs:
                self._take(self.program.loads(test, item.function), item.function)

    # ── One item ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _stays(self, item: Item) -> bool:
        target = item.target
        if item.kind == "jump":
            return self._loop_stays(item)
        if item.kind == "check":
            return self._is_clean(item)
        if item.kind == "call":
            return self._call_stays(item)
        if target is not None and (target[-1] in self._hide or self._names_reward(item)):
            return item.kind == "def" and target in self.needed and target[-1] not in self._hide
        if item.place is not None and item.kind == "mutate" and ast.unparse(item.place) in self.program.places:
            return False
        if target in self.roots.infos and item.kind == "mutate":
            if is_made(self.program, item_loads(self.program, item).vars, self.roots.made):
                return False
            if is_term(self.program, item.values[0], item.function, self.roots):
                return False
        if self._without_infos and target in self.roots.infos:
            return False
        if item.kind == "def":
            return target in self.needed or self._stays_unread({target} if target is not None else set(), item)
        return target is None or self._holder_stays(target, item)

    def _names_reward(self, item: Item) -> bool:
        """Whether what an item changes is named after the reward: `info["reward"]`, `tile.reward`, `self.reward`."""
        place = item.place
        last = place.attr if isinstance(place, ast.Attribute) else None
        if isinstance(place, ast.Subscript) and isinstance(place.slice, ast.Constant) and isinstance(place.slice.value, str):
            last = place.slice.value
        return (last is not None and self.program.speaks(last)) or (item.target is not None and speaks(self.program, item.target))

    def _holder_stays(self, var: Var, item: Item) -> bool:
        """Whether changing what `var` holds matters: it is read, or is a part of something that is, or the reward has nothing of it."""
        if var not in self._alias:
            self._alias[var] = {var, *aliases(self.program, var)}
        holders = self._alias[var]
        return bool(holders & self.needed) or self._stays_unread(holders, item)

    def _stays_unread(self, variables: set[Var], item: Item) -> bool:
        """Whether an item stays though nobody here reads what it changes: where the reward has no part in it."""
        return not self._without_infos and not variables & self.reward and self._is_clean(item)

    def _call_stays(self, item: Item) -> bool:
        call = item.values[0]
        if id(call) in self.program.cut:
            return False
        loads = self.program.loads(call, item.function)
        if not isinstance(call, ast.Call):
            return isinstance(call, ast.Yield | ast.YieldFrom | ast.Await)
        key = self.program.callee(call, item.function)
        if key is not None and key[1] in self._hide:
            return False
        if key is not None:
            return key in self.effectful or (("ret", key, ()) not in self.reward and not self.program.speaks(key[1]))
        everything = set(loads.vars)
        if is_made(self.program, everything, self.roots.made):
            return False
        if isinstance(call.func, ast.Name):
            return call.func.id != "print" or self._is_clean(item)
        if isinstance(call.func, ast.Attribute) and self.program.owner_of(call.func.value, item.function) is not None:
            return True  # A method of a base without source, such as `self.do_simulation(action, n)`.
        var = self.program.root(call.func, item.function)
        return var is None or self._holder_stays(var, item)

    def _is_clean(self, item: Item) -> bool:
        """Whether an item reads nothing that only the reward reads, and nothing made from it."""
        exprs = (*item.values, *(e for guard in item.guards for e in guard.exprs))
        if self._has_cut(item, exprs):
            return False
        found = {var for expr in exprs for var in all_reads(self.program, expr, item.function)}
        if is_made(self.program, found, self.roots.made):
            return False
        return not any(var in self.reward and var not in self.needed for var in found if var[0] != "ret")

    def _has_cut(self, item: Item, exprs: tuple[ast.expr, ...]) -> bool:
        if item not in self._cuts:
            self._cuts[item] = any(id(node) in self.program.cut for node in chain(exprs))
        return self._cuts[item]

    def _loop_stays(self, item: Item) -> bool:
        loops = [i for i, guard in enumerate(item.guards) if isinstance(guard.node, ast.For | ast.While)]
        if not loops:
            return False
        loop = item.guards[loops[-1]]
        return any(other in self.kept and other.kind != "jump" and loop in other.guards for other in item.function.items)

    def _is_effect(self, item: Item) -> bool:
        if item.kind == "def":
            return item.target is not None and item.target[0] == "attr"
        return item.kind == "call" or (item.kind == "mutate" and (item.target is None or self._outlives(item.target)))

    def _outlives(self, var: Var) -> bool:
        return any(holder[0] == "attr" for holder in (var, *aliases(self.program, var)))

    # ── Calls that do something beside giving a reward ───────────────────────────────────────────────────────────────

    def spare_calls(self, item: Item) -> list[ast.Call]:
        """The calls in what an item loses, outer ones first."""
        if item.kind == "call" and id(item.values[0]) not in self.program.cut:
            return []
        lost = item not in self.kept and item.kind != "return"
        if (item, lost) not in self._spare:
            found: list[ast.Call] = []
            for value in item.values:
                _lost_calls(value, lost, self.program.cut, found)
            self._spare[item, lost] = found
        return self._spare[item, lost]

    def acts(self, call: ast.Call, function: Function) -> bool:
        """Whether a call changes what stays."""
        key = self.program.callee(call, function)
        if key is not None and key[1] in self._hide:
            return False
        if key is not None and key[1] == "__init__" and key[0] != ENV:
            # Setting up an object that is lost with it.
            targets = [item.target for function in self.program.functions[key] for item in function.items if self._is_effect(item)]
            return any(target is None or target[:2] != ("attr", key[0]) for target in targets)
        if key is not None:
            return key in self.effectful
        if not (isinstance(call.func, ast.Attribute) and _EFFECTS.search(call.func.attr)):
            return False
        var = self.program.root(call.func, function)
        return var is not None and var[0] == "attr" and var in self.needed and self.program.owner_of(call.func.value, function) is None


def _lost_calls(node: ast.AST, lost: bool, cut: set[int], found: list[ast.Call]) -> None:
    lost = lost or id(node) in cut
    if lost and isinstance(node, ast.Call):
        found.append(node)
    for child in ast.iter_child_nodes(node):
        _lost_calls(child, lost, cut, found)
