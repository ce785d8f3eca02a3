"""Hidden checks of ex30_files_and_labels: names, paths and labels made up by chance."""

import ntpath
import os
import posixpath
from pathlib import Path

from grader.checks import assert_equal, check, probe, raises


def words(rng, count):
    """Return different words of small letters."""
    letters = rng.randint(0, 26, (count, 4)).tolist()
    return ["".join(chr(97 + x) for x in row) + chr(97 + i) for i, row in enumerate(letters)]


def shuffled(rng, items):
    """Return the items in a random order."""
    return [items[place] for place in rng.permutation(len(items)).tolist()]


@probe
def make_folder(student, folder, files, folders):
    """Make a folder with these files, and with folders that hold an image each."""
    Path(folder).mkdir(parents=True)
    for name in folders:
        Path(folder, name).mkdir()
        Path(folder, name, "inside.jpg").touch()
    for name in files:
        Path(folder, name).touch()


@probe
def sorted_images(student, folder, is_absolute):
    """Return the images of a folder, whatever their order, and how the folder was called."""
    folder = str(Path.cwd() / folder) if is_absolute else folder
    return sorted(student.list_images(folder)), folder


@probe
def path_by_rules(student, root, label, name, windows):
    """Return item_path by the rules of Windows, or by those of Linux."""
    return student.item_path(root, label, name, ntpath if windows else posixpath)


@probe
def split_each(student, paths):
    """Return split_any of every path."""
    return [student.split_any(path) for path in paths]


@probe
def judge_each(student, strings):
    """Return has_bad_escape of every string."""
    return [student.has_bad_escape(string) for string in strings]


@probe
def walk(student, steps, climbs):
    """Go down one folder after another; return before() and here() each time, then climb."""
    places = []
    for step in steps:
        Path(step).mkdir()
        os.chdir(step)
        places.append((str(Path.cwd()), student.here()))
    return places, [student.here(up) for up in climbs]


@probe
def folders_of(student, scripts, start):
    """Return script_dir of every script from two working directories, and these."""
    found = [[student.script_dir(script) for script in scripts]]
    places = [str(Path.cwd())]
    Path(start).mkdir(parents=True)
    os.chdir(start)
    found.append([student.script_dir(script) for script in scripts])
    return found, [*places, str(Path.cwd())]


@probe
def number_generator(student, items, start):
    """Return numbered of a generator, which can be gone through only once."""
    return student.numbered((item for item in items), start)


@probe
def both_maps(student, labels, sort):
    """Return the pairs of both dicts of class_maps, in the order of their numbers."""
    to_idx, to_class = student.class_maps(labels, sort=sort)
    return sorted(to_idx.items(), key=lambda pair: pair[1]), sorted(to_class.items())


def expected_maps(classes):
    """Return what both_maps has to say of these classes."""
    pairs = list(enumerate(classes))
    return [(name, i) for i, name in pairs], pairs


@check(
    points=2,
    zh="不管文件以什么顺序创建，list_images 总是按 Python 字符串的顺序返回。",
    hint="Sort the names as they are; neither their numbers nor their capitals are special.",
    hint_zh="直接对名字排序即可，数字和大写字母都不必特别处理。",
)
def test_list_images_is_sorted_by_name(submission, rng):
    """list_images returns the images in the order of Python's strings, however they were made."""
    names = [f"{rng.integer(0, 10)}{word}.png" for word in words(rng, 8)]
    names += ["2.png", "10.png", "B.png", "a.png"]
    submission.run(make_folder, "data/mixed", shuffled(rng, names), [])
    found = submission.list_images("data/mixed")
    assert_equal(found, [f"data/mixed/{name}" for name in sorted(names)])


@check(
    points=2,
    zh="list_images 认得大小写不同的三种后缀，而且只认后缀。",
    hint="Compare the name in small letters, and with the dot: .jpg, .jpeg and .png.",
    hint_zh="把名字转成小写再比较，后缀要带上点：.jpg、.jpeg 和 .png。",
)
def test_list_images_knows_the_suffixes(submission, rng):
    """list_images takes the three suffixes in small letters and capitals, and nothing else."""
    a, b, c, d, e, f = words(rng, 6)
    images = [f"{a}.JPG", f"{b}.Png", f"{c}.jpeg", f"{d}.JPEG", f"{e}.x.png", f"{f}.jpg"]
    others = [f"{a}.jpg.txt", f"{b}png", f"{c}_jpg", f"{d}.png~", f"{e}.gif", f"{f}.jpg2", "png"]
    submission.run(make_folder, "data", shuffled(rng, images + others), [])
    found, _ = submission.run(sorted_images, "data", is_absolute=False)
    assert_equal(found, [f"data/{name}" for name in sorted(images)])


@check(
    points=2,
    zh="list_images 跳过隐藏文件和子文件夹，即使它们的名字像图像。",
    hint="A name says nothing about what it names: ask os.path.isfile with the full path.",
    hint_zh="光看名字分不出文件和文件夹：用完整路径去问 os.path.isfile。",
)
def test_list_images_skips_hidden_files_and_folders(submission, rng):
    """list_images leaves out hidden files and sub-folders, also those called like images."""
    a, b, c = words(rng, 3)
    files = shuffled(rng, [f"{a}.png", f"{b}.jpg", f".{a}.png", f"._{b}.jpg", ".png"])
    submission.run(make_folder, f"data/{c}", files, [f"{c}.png", "old.JPG", "masks"])
    found, _ = submission.run(sorted_images, f"data/{c}", is_absolute=False)
    assert_equal(found, [f"data/{c}/{name}" for name in sorted([f"{a}.png", f"{b}.jpg"])])


@check(
    points=2,
    zh="绝对路径、末尾带 / 的路径、没有图像的文件夹都不出错；不存在的文件夹抛出异常。",
    hint="os.path.join adds a / only where there is none; let os.listdir raise its error.",
    hint_zh="os.path.join 只在需要时加 /；os.listdir 自己的异常让它照常抛出。",
)
def test_list_images_of_other_folders(submission, rng):
    """list_images takes absolute paths, a / at the end and empty folders; a missing one raises."""
    names = [f"{word}.jpg" for word in words(rng, 3)]
    submission.run(make_folder, "data/bees", names, [])
    for asked, is_absolute in [("data/bees/", False), ("data/bees", True)]:
        found, folder = submission.run(sorted_images, asked, is_absolute)
        assert_equal(found, [f"{folder.rstrip('/')}/{name}" for name in sorted(names)])
    submission.run(make_folder, "empty", ["readme.txt"], ["masks"])
    assert_equal(submission.list_images("empty"), [])
    with raises(FileNotFoundError):
        submission.list_images("data/wasps")


@check(
    points=1,
    zh="item_path 在两种规则下都正确，root 为绝对路径或以分隔符结尾时也一样。",
    hint="Leave every separator to rules.join; it knows when one is there already.",
    hint_zh="分隔符全部交给 rules.join，已有分隔符时它不会重复添加。",
)
def test_item_path_by_both_rules(submission, rng):
    """item_path is right by both rules, also for roots that are absolute or end in a separator."""
    a, b, c = words(rng, 3)
    for root in (a, f"{a}/{b}", f"/{a}", f"{b}/"):
        path = submission.run(path_by_rules, root, b, f"{c}.png", windows=False)
        assert_equal(path, posixpath.join(root, b, f"{c}.png"))
    for root in (a, f"{a}\\{b}", f"E:\\{a}", "E:\\"):
        path = submission.run(path_by_rules, root, b, f"{c}.png", windows=True)
        assert_equal(path, ntpath.join(root, b, f"{c}.png"))


@check(
    points=2,
    zh="label 或 name 为空或含有分隔符时，item_path 抛出 ValueError。",
    hint="join would forget the root at a part such as /b; look at both parts before joining.",
    hint_zh="遇到 /b 这样的部分，join 会丢掉 root；连接之前先检查这两个部分。",
)
def test_item_path_refuses_more_than_a_name(submission, rng):
    """item_path raises ValueError when label or name is empty or has a separator in it."""
    a, b, c = words(rng, 3)
    for bad in ("", f"/{b}", f"{b}/", f"{b}/{c}", f"\\{b}", f"{b}\\{c}"):
        for windows in (False, True):
            with raises(ValueError):
                submission.run(path_by_rules, a, bad, c, windows)
            with raises(ValueError):
                submission.run(path_by_rules, a, c, bad, windows)


@check(
    points=2,
    zh="分隔符在开头、在末尾、成对出现或混用时，split_any 都正确。",
    hint="Cut at every separator first, then leave out the parts that are empty.",
    hint_zh="先在每个分隔符处切开，再去掉空的部分。",
)
def test_split_any_on_paths_of_every_form(submission, rng):
    """split_any is right for separators at the ends, doubled and mixed."""
    a, b, c = words(rng, 3)
    cases = {
        f"{a}/{b}\\{c}": [a, b, c],
        f"/{a}\\\\{b}/": [a, b],
        f"\\\\{c}\\{a}//{b}\\": [c, a, b],
        f"D:/{b}/../{c} {a}.png": ["D:", b, "..", f"{c} {a}.png"],
        f"./{a}": [".", a],
        f"{a}.{b}": [f"{a}.{b}"],
        "/": [],
        "": [],
    }
    assert_equal(submission.run(split_each, list(cases)), list(cases.values()))


@check(
    points=2,
    zh="has_bad_escape 在任何位置都能发现每一种控制字符，此外一概放行。",
    hint="Look at ord(c) of every character: below 32, or 127. A space has 32.",
    hint_zh="逐个字符看 ord(c)：小于 32，或等于 127。空格是 32。",
)
def test_has_bad_escape_on_every_character(submission, rng):
    """has_bad_escape finds every control character at every place, and lets all others pass."""
    a, b = words(rng, 2)
    bad = []
    for code in [*range(32), 127]:
        bad += shuffled(rng, [f"{a}{chr(code)}{b}", chr(code) + a, b + chr(code)])[:2]
    fine = [f"{a}{chr(code)}{b}" for code in range(32, 127)]
    fine += [
        "",
        f"D:\\数据 集\\{a}",
        "图像\u3000一.png",
        f"caf\u00e9\u00a0{b}",
        "🐝.jpg",
        r"\0\n\t",
    ]
    expected = [True] * len(bad) + [False] * len(fine)
    assert_equal(submission.run(judge_each, bad + fine), expected)


@check(
    points=1,
    zh="here 每次调用都重新查询；一直往上，最后停在最顶层。",
    hint='Ask os.getcwd() inside the function; ".." of the topmost folder is this folder itself.',
    hint_zh='在函数里面调用 os.getcwd()；最顶层文件夹的 ".." 就是它自己。',
)
def test_here_moves_with_the_program(submission, rng):
    """here looks anew at every call, climbs as far as it is told, and stops at the top."""
    places, above = submission.run(walk, words(rng, 3), [0, 1, 2, 99])
    for before, found in places:
        assert_equal(found, before)
    deepest = Path(places[-1][0])
    assert_equal(above, [str(deepest), *map(str, deepest.parents[:2]), deepest.anchor])


@check(
    points=1,
    zh="script_dir 对只有文件名、相对、绝对和含 .. 的路径都正确，结果随工作目录而定。",
    hint='os.path.dirname("train.py") is empty: make the path absolute before you cut it.',
    hint_zh='os.path.dirname("train.py") 是空的：先变成绝对路径，再取文件夹。',
)
def test_script_dir_of_every_kind_of_path(submission, rng):
    """script_dir is right for bare names, relative and absolute paths, and paths with ".."."""
    a, b, c = words(rng, 3)
    scripts = [f"{a}.py", f"{a}/{b}/{c}.py", f"../{b}/{a}.py", f"./{c}/../{a}.py", f"/{a}/{b}.py"]
    found, places = submission.run(folders_of, scripts, f"{c}/{b}")
    joined = [[posixpath.join(place, script) for script in scripts] for place in places]
    expected = [[posixpath.dirname(posixpath.normpath(path)) for path in row] for row in joined]
    assert_equal(found, expected)


@check(
    points=1,
    zh="numbered 能处理生成器、空序列、重复的元素和任意起始编号。",
    hint="Go through the items once, with a for loop or enumerate; len and [i] may not be there.",
    hint_zh="用 for 循环或 enumerate 走一遍即可；对方不一定支持 len 和 [i]。",
)
def test_numbered_on_anything_that_can_be_looped_over(submission, rng):
    """numbered takes generators, nothing at all, repeated items and any first number."""
    items = words(rng, 5)
    items += [items[1], 7, 7, None]
    for start in (0, -2, rng.integer(3, 99)):
        expected = [(start + i, item) for i, item in enumerate(items)]
        assert_equal(submission.run(number_generator, items, start), expected)
    assert_equal(submission.numbered([]), [])


@check(
    points=2,
    zh="class_maps 的编号从 0 起没有空缺，同样的标签总是得到同样的编号，两个字典互逆。",
    hint="First make a list with each class once, in order; then number this list.",
    hint_zh="先按顺序列出各个类别，每个只出现一次，再给这个列表编号。",
)
def test_class_maps_on_many_labels(submission, rng):
    """class_maps numbers without gaps, in the same order every time, and its dicts fit together."""
    classes = words(rng, 12)
    labels = classes[:2] + [classes[i] for i in rng.randint(0, 12, (40,)).tolist()]
    seen = list(dict.fromkeys(labels))
    assert_equal(submission.run(both_maps, labels, sort=False), expected_maps(seen))
    assert_equal(submission.run(both_maps, labels, sort=True), expected_maps(sorted(seen)))
    assert_equal(submission.run(both_maps, classes[:1] * 3, sort=False), expected_maps(classes[:1]))
    assert_equal(submission.run(both_maps, [], sort=True), expected_maps([]))
