"""The only package that knows the layout of a course: course.yaml, exercises/ and solutions/.

    course.yaml                     title: {en, zh}
    exercises/ex07_conv/            what students have
        exercise.yaml               read by `load_exercise`
        README.md  README.zh.md     the task, read by `grade show`
        ex07_conv.py                the stub, which becomes the student's own file
        test_public.py
        hints.yaml                  read by `load_hints`; may be absent
    solutions/ex07_conv/            what students never have; may be absent
        ex07_conv.py                the reference
        test_hidden.py
    .grade/progress.json            how far the student got, read and written by `progress`

Nothing here imports torch, and a check file is never imported: its points are read as text.
"""

from grader.course.course import Course, ExerciseRef, find_course
from grader.course.exercise import Exercise, Limits, SourceRule, load_exercise
from grader.course.hints import Hints, load_hints
from grader.course.points import points_of
from grader.course.sentences import public_sentences
from grader.course.timed import Band, TimedTask

__all__ = [
    "Band",
    "Course",
    "Exercise",
    "ExerciseRef",
    "Hints",
    "Limits",
    "SourceRule",
    "TimedTask",
    "find_course",
    "load_exercise",
    "load_hints",
    "points_of",
    "public_sentences",
]
