"""Timed tasks: how long a submission takes against the reference, on a machine others use too.

measure     the protocol, and the fixture that a check is given
runs        the runs of both in turns, and what comes of them
side        one worker, stopped but while its clock runs
estimate    from times to one number with an interval
judgement   what that is worth
reasons     why it is slow
lock        one timed task at a time
"""
