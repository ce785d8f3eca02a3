"""Timed tasks: how long a submission takes against the reference, on a machine that others use too.

measure     the protocol: runs of both in turns, by the judge's clock
estimate    from times to one number with an interval
judgement   what that is worth
reasons     why it is slow
lock        one timed task at a time
"""
