"""Find the program in a model's raw answer. Reads text only: nothing of an answer is ever executed, and no answer raises."""

from eureka.extraction.choose import MAX_BYTES, Extraction, extract
from eureka.extraction.definition import FUNCTION, check_arguments, definition_line, inspect_arguments
from eureka.extraction.program_hash import program_sha256

__all__ = ["FUNCTION", "MAX_BYTES", "Extraction", "check_arguments", "definition_line", "extract", "inspect_arguments", "program_sha256"]
