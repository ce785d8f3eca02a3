"""Prints and raises what a browser, a spreadsheet, a Markdown page or a CI system would act upon."""

LINES = [
    "::error file=x.py,line=1::all is well",
    "::add-mask::6",
    "::stop-commands::x",
    "##[command]rm",
    "##vso[task.complete result=Succeeded;]",
    "::set-output name=score::6",
    "```",
    "</pre></code><script>alert(1)</script><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>",
    "=cmd|' /C calc'!A0",
    "| passed | **6/6** | [x](javascript:alert(1)) @everyone ![](http://localhost/x.png)",
    "]]></system-out><testcase name='forged'/>",
]


class Markup(Exception):
    pass


Markup.__name__ = Markup.__qualname__ = "</code><script>alert(1)</script>\n::error::"


def add(a, b):
    if a.shape != b.shape:
        for line in LINES:
            print(line, end="\r\n")
        raise Markup("\n".join(LINES))
    print("\u2028::error::\x85::error::\x0b::error::\x0c::error::\r::error::\n::error::")
    return a + b
