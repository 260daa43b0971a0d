"""Core's injection: a candidate's program as it is, its arguments bound by name."""

from __future__ import annotations

from eureka.component import Component, hookimpl
from eureka.errors import RewardFailed
from eureka.extraction import check_arguments, inspect_arguments
from eureka.hookspecs import Injection, InjectRequest

FUNCTION = "compute_reward"


class BindByName(Component):
    """Bind the arguments of `compute_reward` to the task's variables by name."""

    @hookimpl(trylast=True)
    def eureka_inject_reward(self, request: InjectRequest) -> Injection:
        arguments = inspect_arguments(request.code, FUNCTION)
        message = check_arguments(arguments, request.variables)
        if message:
            raise RewardFailed("contract", message)
        return Injection(code=request.code, arguments=arguments)
