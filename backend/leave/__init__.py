"""Leave (xin nghỉ học): a guardian asks, the homeroom teacher approves, longer leave goes to the headteacher.

Approved leave fills the register and silences alerts. Why a child is away is a matter of the family and of those who
decide; nobody else reads it, and no notification carries it.
"""
