"""Confinement of workers on Linux: namespaces, Landlock, seccomp, limits, memory accounting.

- plan: what is visible inside, worked out once
- jail: opening a sandbox, who forks whom, who drops what; root: its file tree
- keeper: pid 1 in it, forks a worker per check and ends it
- confine: what a worker gives up before it reads a submission; witness: how it proves that
- libc, seccomp, landlock, cgroup, limits: the kernel's interfaces
"""
