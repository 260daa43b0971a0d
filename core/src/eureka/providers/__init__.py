"""What `llm` components that ask a provider over a network have in common: options, keys, parallel calls, faults."""

from eureka.providers.faults import fault, safe_line
from eureka.providers.options import ProviderOptions
from eureka.providers.provider import Provider

__all__ = ["Provider", "ProviderOptions", "fault", "safe_line"]
