"""两个张量相加：名字和文字都是中文。"""


def 相加(甲, 乙):
    """返回甲、乙之和。"""
    print("正在相加…… 🚀")
    if 甲.shape != 乙.shape:
        raise ValueError("形状不同，加不了 😀")
    return 甲 + 乙


add = 相加
