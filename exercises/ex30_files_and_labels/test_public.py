"""Public checks of ex30_files_and_labels: small folders, and the paths of the notes."""

import ntpath
import os
from pathlib import Path

from grader.checks import assert_equal, check, probe


@probe
def images_in(student, folder, files, folders):
    """Make a folder with these files and folders; return what list_images finds in it."""
    for name in ["", *folders]:
        Path(folder, name).mkdir(parents=True)
    for name in files:
        Path(folder, name).touch()
    return student.list_images(folder)


@probe
def windows_path(student, root, label, name):
    """Return item_path by the rules of Windows."""
    return student.item_path(root, label, name, ntpath)


@probe
def folders_of_a_script(student, start, script):
    """Go to a new folder; return here(), here(1), the folder of a script, and the folder before."""
    before = str(Path.cwd())
    Path(start).mkdir()
    os.chdir(start)
    return student.here(), student.here(1), student.script_dir(script), before


@probe
def both_maps(student, labels, options):
    """Return the pairs of both dicts of class_maps, in the order of their numbers."""
    to_idx, to_class = student.class_maps(labels, **options)
    return sorted(to_idx.items(), key=lambda pair: pair[1]), sorted(to_class.items())


@check(
    points=1,
    zh="list_images 返回一个文件夹里所有图像的完整路径，按名字排序。",
    hint="os.listdir gives bare names in any order: sort, filter by suffix, join with the folder.",
    hint_zh="os.listdir 给出的只是名字，顺序不定：先排序，再按后缀筛选，最后与文件夹拼接。",
)
def test_list_images_of_a_small_folder(submission, rng):
    """list_images returns the full paths of the images in a folder, sorted by name."""
    expected = [f"dataset/train/ants/{number:03}.jpg" for number in range(12)]
    files = [Path(expected[place]).name for place in rng.permutation(12).tolist()]
    files[5:5] = [".DS_Store", "notes.txt"]
    assert_equal(submission.run(images_in, "dataset/train/ants", files, ["masks"]), expected)


@check(
    points=1,
    zh="item_path 按本机的规则用 / 连接三个部分，按 ntpath 的规则用反斜杠连接。",
    hint="rules is a module like os.path: rules.join puts its own separator between the parts.",
    hint_zh="rules 是 os.path 那样的模块：rules.join 会用它自己的分隔符连接各部分。",
)
def test_item_path_of_a_picture_of_the_notes(submission):
    """item_path joins three parts with / on this computer, and with a backslash for Windows."""
    path = submission.item_path("dataset/train", "ants_image", "0013035.jpg")
    assert_equal(path, str(Path("dataset/train/ants_image/0013035.jpg")))
    path = submission.run(windows_path, "E:\\dataset", "ants", "0.png")
    assert_equal(path, "E:\\dataset\\ants\\0.png")


@check(
    points=1,
    zh="无论路径用 /、用反斜杠还是混着用，split_any 都能切成各个部分。",
    hint="os.path cuts at this system's separator only. Cut at both yourself.",
    hint_zh="os.path 只认本系统的分隔符，两种分隔符要自己来切。",
)
def test_split_any_on_both_separators(submission):
    """split_any cuts a path into its parts at / and at backslashes."""
    assert_equal(submission.split_any("dataset\\train/ants"), ["dataset", "train", "ants"])
    assert_equal(submission.split_any("E:\\dataset\\0.png"), ["E:", "dataset", "0.png"])


@check(
    points=1,
    zh="路径里有 \\t、\\n、\\0 时，has_bad_escape 能发现；写成原始字符串就没有问题。",
    hint="Python has read the escape already: look for the character that it became.",
    hint_zh="转义在 Python 读代码时就已发生：要找的是它变成的那个字符。",
)
def test_has_bad_escape_on_paths_with_and_without_r(submission):
    r"""has_bad_escape finds \t, \n and \0 in a path, and nothing in a raw string."""
    for path in ("E:\train.png", "E:/data\nuts", "E:/data\0.png"):
        assert_equal(submission.has_bad_escape(path), expected=True)
    for path in (r"E:\train\0.png", r"E:\new\nuts", "E:/data/0.png"):
        assert_equal(submission.has_bad_escape(path), expected=False)


@check(
    points=1,
    zh="here() 是程序当前所在的工作目录，here(1) 是它的上一级。",
    hint="The working directory is where the program was started: os.getcwd(), not __file__.",
    hint_zh="工作目录是启动程序时所在的目录：用 os.getcwd()，而不是 __file__。",
)
def test_here_is_the_working_directory(submission):
    """here() is the working directory of the program, and here(1) the folder above."""
    found, above, _, before = submission.run(folders_of_a_script, "runs", "train.py")
    assert_equal(found, str(Path(before, "runs")))
    assert_equal(above, before)


@check(
    points=1,
    zh="script_dir 返回脚本所在的文件夹，它不必是工作目录。",
    hint="Make the path absolute first, then take its folder: os.path.abspath, os.path.dirname.",
    hint_zh="先把路径变成绝对路径，再取所在文件夹：os.path.abspath、os.path.dirname。",
)
def test_script_dir_is_the_folder_of_the_script(submission):
    """script_dir returns the folder of a script, which need not be the working directory."""
    _, _, found, before = submission.run(folders_of_a_script, "runs", "tools/train.py")
    assert_equal(found, str(Path(before, "runs", "tools")))


@check(
    points=1,
    zh="numbered 从 0 或从 1 开始给笔记里的三个词编号。",
    hint="enumerate takes the first number as its second argument; list() collects the pairs.",
    hint_zh="enumerate 的第二个参数是起始编号；用 list() 收集各对。",
)
def test_numbered_on_the_words_of_the_notes(submission):
    """numbered numbers the three words of the notes from 0, and from 1."""
    words = ["one", "two", "three"]
    assert_equal(submission.numbered(words), [(0, "one"), (1, "two"), (2, "three")])
    assert_equal(submission.numbered(words, start=1), [(1, "one"), (2, "two"), (3, "three")])


@check(
    points=1,
    zh="class_maps 按首次出现的先后或按字母顺序给狗的品种编号，两个字典互逆。",
    hint="A class that was seen before gets no new number, and a set does not keep the order.",
    hint_zh="出现过的类别不再分配编号；另外，集合不保留顺序。",
)
def test_class_maps_on_breeds_of_dogs(submission):
    """class_maps numbers breeds as they appear, or alphabetically; the second dict leads back."""
    breeds = ["pug", "collie", "beagle", "husky", "boxer", "akita", "poodle", "saluki", "basenji"]
    labels = [*breeds[:3], "collie", "pug", *breeds[3:], "akita"]
    for options, classes in [({}, breeds), ({"sort": True}, sorted(breeds))]:
        to_idx, to_class = submission.run(both_maps, labels, options)
        assert_equal(to_idx, [(name, i) for i, name in enumerate(classes)])
        assert_equal(to_class, [(i, name) for i, name in enumerate(classes)])
