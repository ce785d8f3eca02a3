"""Proves that a course is sound: `grade verify`.

- findings: what is wrong, and with which aspect of which exercise
- layout, stub, texts: what can be seen by reading
- gradings: what becomes of the stub, the reference, right and wrong solutions when they are graded
- shard: which exercises are graded where several machines share the work
- mutants, operators: the reference with one mistake made by a machine; the checks should kill it

For authors; nothing that students run imports this package.
"""
