"""`yikou vacancy import`: the list replaces the one before, and every line that is none is named."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.commands.installed import installed, refusal

HEAD = "编号,岗位,单位,地址,月薪下限,月薪上限,截止日期\n"
ROW = "{id},保安,锁金物业,南京市玄武区锁金村街道,3000,{most},2027-12-31\n"


def ids(folder: Path) -> list[str]:
    [file] = folder.rglob("employment_adapter.db")
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM vacancy ORDER BY id")]


def test_a_list_replaces_the_one_before_and_reports_what_it_left_out(tmp_path: Path) -> None:
    town = installed(tmp_path)
    town.run("migrate")
    file = tmp_path / "list.csv"
    file.write_text(HEAD + ROW.format(id="A", most=3500) + ROW.format(id="B", most=3600))
    assert "合格 2 行，拒收 0 行" in town.run("vacancy", "import", str(file))
    assert ids(tmp_path) == ["A", "B"]
    rows = [ROW.format(id=one, most=most) for one, most in (("B", 3500), ("C", 4000), ("D", 10))]
    file.write_text(HEAD + "".join(rows), encoding="gb18030")
    said = town.run("vacancy", "import", str(file), "--check")
    assert "4: pay_max: 月薪上限低于下限" in said
    assert ids(tmp_path) == ["A", "B"]
    assert "合格 2 行，拒收 1 行" in town.run("vacancy", "import", str(file))
    assert ids(tmp_path) == ["B", "C"]


def test_a_file_that_is_mostly_rejected_or_no_list_changes_nothing(tmp_path: Path) -> None:
    town = installed(tmp_path)
    town.run("migrate")
    file = tmp_path / "list.csv"
    file.write_text(HEAD + ROW.format(id="A", most=3500))
    town.run("vacancy", "import", str(file))
    file.write_text(HEAD + ROW.format(id="B", most=1))
    process = town.start("vacancy", "import", str(file))
    said, complained = process.communicate(timeout=60)
    assert (process.returncode, "2: pay_max" in said) == (2, True)
    assert "没有导入" in complained
    file.write_text("nothing of the kind")
    assert "表头缺少" in refusal(town.start("vacancy", "import", str(file)))
    assert "No such file" in refusal(town.start("vacancy", "import", str(tmp_path / "none.csv")))
    assert ids(tmp_path) == ["A"]
