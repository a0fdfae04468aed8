"""Cases: what was found of recordings, in one archive that opens anywhere and can be verified."""

from core.case.context import Context
from core.case.known import Known
from core.case.result import Check, Verification
from core.case.trials import Trials
from core.case.verify import verify_case
from core.case.write import case_bytes, write_case

__all__ = ["Check", "Context", "Known", "Trials", "Verification", "case_bytes", "verify_case", "write_case"]
