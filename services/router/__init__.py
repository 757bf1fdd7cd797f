"""Which unit a case goes to, and who decides when the rules do not.

In: CaseReceived, CaseCorrected, CaseReopened from intake; what units say of their tasks. Kept: the facts that
routing goes by (codes, never text), where each case stands, every decision and why; the record, sealed.
Out: CaseRouted, or CaseHeld for a supervisor, who decides on the page /routing or through the API.
"""
