"""What is handed out: the same bytes each time, and nothing for staff among what students get."""

import io
import json
import re
import zipfile

import pytest

from kl_utils.exercises.codes import code_of
from tools import ROOT
from tools.problem_sets.documents import as_html, as_tex, blocks, html_inline, tex_inline
from tools.problem_sets.release import main, read_course, released
from tools.problem_sets.zips import zipped

SECRET = "a secret of the course"
NAMES = sorted(path.parent.name for path in ROOT.glob("problem_sets/*/set.toml"))
STUDENTS = [
    {"name": name, "code": code_of(SECRET, "divergence", name)} for name in ("Ada & Co", "Émile")
]


@pytest.fixture(scope="module", params=NAMES)
def parts(request):
    folder = ROOT / "problem_sets" / request.param
    return folder, *released(folder, SECRET, STUDENTS)


def text_of(files):
    return "\n".join(
        content if isinstance(content, str) else content.decode("utf8", "replace")
        for content in files.values()
    )


def test_students_get_nothing_that_is_for_staff(parts):
    folder, students, staff = parts
    judges = (folder / "judges.py").read_text("utf8")
    telling = [line.strip() for line in judges.splitlines() if len(line) > 40]
    for files in students.values():
        text = text_of(files)
        squeezed = re.sub(r"\W+", "", text)
        assert not [name for name in files if "judge" in name or "staff" in name]
        assert SECRET not in text and "misconception" not in text and "listen_for" not in text
        assert not [line for line in telling if re.sub(r"\W+", "", line) in squeezed]
    assert any("judges.py" in name for files in staff.values() for name in files)


def test_the_secret_of_the_course_stays_at_home(parts):
    _, students, staff = parts
    assert SECRET not in "\n".join(map(text_of, [*students.values(), *staff.values()]))
    (autograder,) = (files for name, files in staff.items() if "autograder" in name)
    (plugin,) = json.loads(autograder["otter_config.json"])["plugins"]
    assert len(next(iter(plugin.values()))["secret"]) == 64


def test_a_zip_has_the_same_bytes_each_time(parts):
    folder, students, staff = parts
    again = released(folder, SECRET, STUDENTS)
    for first, second in zip((students, staff), again, strict=True):
        assert {name: zipped(files) for name, files in first.items()} == {
            name: zipped(files) for name, files in second.items()
        }


def test_a_zip_does_not_depend_on_the_order_of_its_files():
    files = {"b.sh": "é", "a": b"\x00"}
    content = zipped(files)
    assert content == zipped(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["a", "b.sh"]
        assert archive.read("b.sh").decode() == "é"
        assert archive.getinfo("b.sh").external_attr >> 16 == 0o755


def test_the_autograder_has_a_test_a_task_and_the_package(parts):
    folder, _, staff = parts
    files = staff[f"{folder.name}-otter-autograder.zip"]
    tests = [source for name, source in files.items() if name.startswith("tests/")]
    for source in tests:
        compile(source, "test", "exec")
    assert len(tests) >= 8 and "kl_utils/grading/otter_plugin.py" in " ".join(files)
    assert not [name for name in files if name.endswith((".safetensors", ".pyc"))]
    compile(staff[f"{folder.name}-nbgrader.zip"]["nbgrader_config.py"], "settings", "exec")


def test_the_twins_have_a_page_and_a_row_a_student(parts):
    folder, students, staff = parts
    files = staff[f"{folder.name}-twins.zip"]
    page, sheet = files[f"{folder.name}-twins.html"], files[f"{folder.name}-twins-points.html"]
    assert page.count("<section>") == len(STUDENTS) and "Ada &amp; Co" in page
    assert all(student["code"] in page and student["code"] in sheet for student in STUDENTS)
    assert "The value is" in sheet and "The value is" not in page
    assert not [name for name in students if "twin" in name]


def test_pages_are_complete(parts):
    folder, students, staff = parts
    printed = [students[f"{folder.name}-paper.zip"], staff[f"{folder.name}-staff.zip"]]
    for name, text in (item for files in printed for item in files.items()):
        if name.endswith(".html"):
            assert "$" not in re.sub(r"<(pre|code)>.*?</\1>", "", text, flags=re.DOTALL)
            assert not re.search(r"\\[a-z]", re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL))
        if name.endswith(".tex"):
            assert text.count(r"\begin{") == text.count(r"\end{")
    (page,) = (text for name, text in printed[0].items() if name.endswith(".tex"))
    assert r"\begin{tikzpicture}" in page and r"\vspace*" in page


def test_on_paper_formulas_are_set_and_programs_stay_files(parts):
    folder, students, _ = parts
    files = students[f"{folder.name}-paper.zip"]
    page, tex = (files[f"{folder.name}-paper.{kind}"] for kind in ("html", "tex"))
    assert "```" not in page + tex
    outside = re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)
    outside = re.sub(r"<code>np\..*?</code>", "", outside)  # how to make images
    assert not re.search(r"\bE_|\w@|\bT\(|\*\*|KL\(q, p\)", outside)
    assert "Name: ____" in page and "Code: ____" in page
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert len(headings) == 10 and all("minutes)" in heading for heading in headings)
    programs = page.count("<b>Not on paper.</b>")
    assert programs == page.count("<pre>") == 3
    assert page.count('<div style="height:') == len(headings) - programs
    first, rest = map(int, re.search(r"there are (\d+) points. The other (\d+)", page).groups())
    assert f"({first + rest} points)" in page


def test_markdown_is_set_in_html_and_latex():
    text = "A & b, `x_1`, **so**:\n\n- one $a_1$\n- two\n\n```\nf(x) & y\n```\nLast 5%."
    assert [kind for kind, _ in blocks(text)] == ["paragraph", "list", "code", "paragraph"]
    assert list(blocks("```\nx\n```")) == [("code", "x")]
    html, tex = as_html([[("text", text)]], "t"), as_tex([[("text", text)]])
    assert "A &amp; b, <code>x_1</code>, <b>so</b>" in html and "f(x) &amp; y" in html
    assert r"A \& b, \texttt{x\_1}, \textbf{so}" in tex and "f(x) & y" in tex
    assert "<math" in html_inline("$a < b$") and tex_inline("$a < b$") == "$a < b$"


def test_the_command_writes_both_parts(tmp_path, capsys, monkeypatch):
    course = tmp_path / "course"
    course.mkdir()
    with pytest.raises(SystemExit, match="no secret"):
        main(["--course", str(course)])
    (course / "secret.txt").write_text(f"{SECRET}\n")
    codes = "student,name,email,code\ns1,Ada,a@example.edu,K7QX-2M9B\n"
    (course / "codes-divergence.csv").write_text(codes, "utf-8-sig")
    assert read_course(course, "divergence")[1][0]["student"] == "s1"
    assert read_course(course, "gone") == (SECRET, [])
    monkeypatch.setattr("tools.problem_sets.release.released", lambda *_: ({"a.zip": {}}, {}))
    main(["--out", str(tmp_path / "out"), "--course", str(course)])
    assert (tmp_path / "out/students/a.zip").exists() and (tmp_path / "out/staff").is_dir()
    assert "No twins of bound_and_vae" in capsys.readouterr().out
