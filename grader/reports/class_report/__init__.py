"""The class report: a folder of pages about everything that a class's store holds.

    Store + Course --> gather.Gathered (who, what, when) --> facts.Work (what came of it)
    facts --> checks, clusters, stuck, timings (findings, pure functions) --> pages --> folder

Pages of two kinds never mix: what a student may be given (`students/`, `leaderboard.html`) is made
from that student's own data alone, everything else is for staff.
"""

from grader.reports.class_report.write import Written, write_class_report

__all__ = ["Written", "write_class_report"]
